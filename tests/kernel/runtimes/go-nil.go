// SPDX-License-Identifier: BSD-2-Clause

// A nil dereference in Go: the runtime turns it into an unrecovered panic, and exits with 2.
package main

type node struct {
	padding [24]byte
	value   int
}

//go:noinline
func find() *node { return nil }

func main() {
	println(find().value)
}
