// SPDX-License-Identifier: BSD-2-Clause
// Ends in the way that is named.
package main

import (
	"fmt"
	"log"
	"os"
	"time"
)

type record struct {
	before [3]int
	value  int
}

func deep(n int) int { return deep(n+1) + n }

func main() {
	var none *record

	switch os.Args[1] {
	case "nil":
		fmt.Println(none.value)
	case "panic":
		panic("an error of the program")
	case "deadlock":
		<-make(chan int)
	case "overflow":
		fmt.Println(deep(0))
	case "exit":
		os.Exit(1)
	case "missing":
		_, err := os.Open("/missing")
		log.Fatal(err)
	case "recover":
		func() {
			defer func() { fmt.Println(recover()) }()
			fmt.Println(none.value)
		}()
		os.Exit(1)
	case "eat":
		for held := [][]byte{}; ; {
			block := make([]byte, 1<<20)
			for i := 0; i < len(block); i += 4096 {
				block[i] = 1
			}
			held = append(held, block)
		}
	case "wait":
		fmt.Println("waiting")
		time.Sleep(time.Hour)
	}
}
