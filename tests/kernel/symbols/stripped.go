// SPDX-License-Identifier: BSD-2-Clause
package main

import (
	"os"
	"time"
)

type shop struct{ shelves [4]int }

//go:noinline
func (s *shop) count() int {
	return s.shelves[3]
}

func main() {
	if len(os.Args) > 1 {
		time.Sleep(time.Hour)
	}
	var none *shop
	println(none.count())
}
