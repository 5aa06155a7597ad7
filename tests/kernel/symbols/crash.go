// SPDX-License-Identifier: BSD-2-Clause
package main

/*
static __attribute__((noinline)) int boom(volatile int *place)
{
	*place = 1;
	return 2;
}

static int call(void)
{
	return boom((int *)8) + 1;
}
*/
import "C"

func main() {
	println(C.call())
}
