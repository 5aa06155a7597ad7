// SPDX-License-Identifier: BSD-2-Clause
/*
 * usage: attribution ROOT [here]: finds the owner for each "PATH ID" line of standard input, and
 * measures the time. ROOT has the files of those containers, which a separate process reads, or
 * ("here") this one. Prints one JSON object.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attribute/naming.h"
#include "attribute/parser.h"
#include "base/clock.h"

#define MOST 4096
/* A busy machine makes it slower, but must not lose names. */
#define PATIENCE_NS (5 * (uint64_t)NS_PER_S)

static char paths[MOST][512];

static long resident_bytes(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	long total, resident = 0;

	if (file && fscanf(file, "%ld %ld", &total, &resident) != 2)
		resident = 0;
	if (file)
		(void)fclose(file);
	return resident * sysconf(_SC_PAGESIZE);
}

/* Prints the nanoseconds of each as a JSON array; returns how many had a name. */
static int measure(struct naming *naming, const char *title, int count)
{
	int named = 0;

	printf("\"%s\":[", title);
	for (int i = 0; i < count; i++) {
		uint64_t before = clock_boottime_ns();
		struct owner owner;
		struct names names;

		owner_from_path(paths[i], &owner);
		naming_begin(naming);
		naming_find(naming, &owner, paths[i], &names);
		printf("%s%llu", i ? "," : "", (unsigned long long)(clock_boottime_ns() - before));
		named += names.name[0] || names.pod[0];
	}
	printf("],\"%s_named\":%d,", title, named);
	return named;
}

int main(int argc, char **argv)
{
	struct naming *naming;
	struct parser *parser = NULL;
	int count = 0;
	long before;

	if (argc != 2 && argc != 3)
		return 2;
	if (argc == 2 && parser_start(&parser)) {
		perror("fork");
		return 1;
	}
	while (count < MOST && fgets(paths[count], sizeof(paths[count]), stdin)) {
		paths[count][strcspn(paths[count], "\n")] = '\0';
		count++;
	}
	printf("{");
	(void)measure(NULL, "path_only", count);
	before = resident_bytes();
	if (naming_start(argv[1], parser, &naming)) {
		perror(argv[1]);
		return 1;
	}
	naming_set_patience(naming, PATIENCE_NS);
	(void)measure(naming, "cold", count);
	(void)measure(naming, "warm", count);
	printf("\"held_bytes\":%ld}\n", resident_bytes() - before);
	naming_stop(naming);
	return 0;
}
