// SPDX-License-Identifier: BSD-2-Clause

// A nil dereference that is recovered from; the program then ends with the status of its argument.
package main

import (
	"os"
	"strconv"
)

type node struct{ value int }

//go:noinline
func find() *node { return nil }

func try() (failed bool) {
	defer func() { failed = recover() != nil }()
	return find().value == 1
}

func main() {
	status, err := strconv.Atoi(os.Args[1])
	if err != nil || !try() {
		os.Exit(99)
	}
	os.Exit(status)
}
