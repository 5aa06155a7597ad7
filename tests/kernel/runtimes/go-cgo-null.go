// SPDX-License-Identifier: BSD-2-Clause

// A null write in C code below Go: the Go runtime's handler prints and exits with 2.
package main

// void null_write(void) { *(volatile int *)8 = 1; }
import "C"

func main() {
	C.null_write()
}
