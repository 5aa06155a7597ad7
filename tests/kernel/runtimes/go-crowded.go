// SPDX-License-Identifier: BSD-2-Clause

// A nil dereference among thousands of goroutines: its report is long.
package main

import "sync"

type node struct{ value int }

//go:noinline
func find() *node { return nil }

func main() {
	var ready sync.WaitGroup
	for i := 0; i < 3000; i++ {
		ready.Add(1)
		go func() {
			ready.Done()
			select {}
		}()
	}
	ready.Wait()
	println(find().value)
}
