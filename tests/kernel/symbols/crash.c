// SPDX-License-Identifier: BSD-2-Clause
/* Reads through a null pointer in a function that was inlined; with an argument it waits. */
#include <stddef.h>
#include <unistd.h>

struct place {
	long latitude, longitude;
};

static inline __attribute__((always_inline)) long load(const volatile struct place *place)
{
	return place->longitude;
}

__attribute__((noinline)) long geo_lookup(const volatile struct place *place)
{
	const long longitude = load(place);

	__asm__ volatile("");
	return longitude + 1;
}

__attribute__((noinline)) long geo_variable(const volatile struct place *place)
{
	const long found = geo_lookup(place);

	__asm__ volatile("");
	return found + REVISION;
}

int main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1)
		return pause();
	return (int)geo_variable(NULL);
}
