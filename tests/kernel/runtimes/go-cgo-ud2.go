// SPDX-License-Identifier: BSD-2-Clause

// An illegal instruction in C code below Go: the Go runtime's handler prints and exits with 2.
package main

// void illegal(void) { __asm__ volatile("ud2"); }
import "C"

func main() {
	C.illegal()
}
