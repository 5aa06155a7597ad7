/* SPDX-License-Identifier: BSD-2-Clause */
/* Commands of the zoo. */
#include "zoo.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct menagerie *const menageries[] = {
	&zoo_faults,   &zoo_traps,  &zoo_handlers, &zoo_aborts,   &zoo_cores,
	&zoo_signals,  &zoo_comms,  &zoo_limits,   &zoo_seccomp,  &zoo_exits,
	&zoo_families, &zoo_memory, &zoo_priors,   &zoo_wrappers, &zoo_bus,
};

static const size_t menagerie_count = sizeof(menageries) / sizeof(menageries[0]);

/* Not in the list or in "all": their victims bring down the whole machine. */
static const struct menagerie *const dangerous[] = { &zoo_guest, &zoo_breaks };

static int list(void)
{
	for (size_t m = 0; m < menagerie_count; m++) {
		for (size_t i = 0; i < menageries[m]->count; i++)
			puts(menageries[m]->victims[i].name);
	}
	return 0;
}

static const struct victim *find_in(const struct menagerie *menagerie, const char *name)
{
	for (size_t i = 0; i < menagerie->count; i++) {
		if (!strcmp(menagerie->victims[i].name, name))
			return &menagerie->victims[i];
	}
	return NULL;
}

static const struct victim *find(const char *name)
{
	const struct victim *found = NULL;

	for (size_t m = 0; m < sizeof(dangerous) / sizeof(dangerous[0]) && !found; m++)
		found = find_in(dangerous[m], name);
	for (size_t m = 0; m < menagerie_count && !found; m++)
		found = find_in(menageries[m], name);
	return found;
}

static int run_all(void)
{
	int ret = 0;

	for (size_t m = 0; m < menagerie_count && !ret; m++) {
		for (size_t i = 0; i < menageries[m]->count && !ret; i++)
			ret = play(&menageries[m]->victims[i]);
	}
	return ret;
}

static int run(char **names)
{
	play_init();
	if (names[0] && !strcmp(names[0], "all"))
		return run_all();
	for (; *names; names++) {
		const struct victim *v = find(*names);
		int ret;

		if (!v) {
			fprintf(stderr, "zoo: no victim \"%s\"\n", *names);
			return 2;
		}
		ret = play(v);
		if (ret)
			return ret;
	}
	return 0;
}

static long number(const char *text, long fallback)
{
	char *end;
	long value;

	if (!text)
		return fallback;
	value = strtol(text, &end, 10);
	if (*end || value < 0) {
		fprintf(stderr, "zoo: \"%s\" is not a number\n", text);
		exit(2);
	}
	return value;
}

static int usage(void)
{
	fputs("usage: zoo list | run NAME... | run all | run-secret MARKER [NAME] | storm N [JOBS] |\n"
	      "           storm-names N [JOBS] |\n"
	      "       chld N | forks N | races N | crashes N | sigloop N | segvloop N | faultloop N |\n"
	      "       crowd-group N | crowd-namespace N | crowd-stopped N | crowd-traced N | exit STATUS | null |\n"
	      "       abort\n",
	      stderr);
	return 2;
}

int main(int argc, char **argv)
{
	const char *command = argc > 1 ? argv[1] : "";
	const char *arg = argc > 2 ? argv[2] : NULL;

	if (!strcmp(command, "list"))
		return list();
	if (!strcmp(command, "run") && arg)
		return run(argv + 2);
	if (!strcmp(command, "run-secret") && arg)
		return secret_run(arg, argc > 3 ? argv[3] : "fault");
	if (!strcmp(command, "storm"))
		return loop_storm(number(arg, 1000), number(argc > 3 ? argv[3] : NULL, 1), false);
	if (!strcmp(command, "storm-names"))
		return loop_storm(number(arg, 1000), number(argc > 3 ? argv[3] : NULL, 1), true);
	if (!strcmp(command, "chld"))
		return loop_children(number(arg, 10000));
	if (!strcmp(command, "forks"))
		return loop_forks(number(arg, 10));
	if (!strcmp(command, "races"))
		return loop_races(number(arg, 1000));
	if (!strcmp(command, "crashes"))
		return loop_crashes(number(arg, 100));
	if (!strcmp(command, "sigloop"))
		return loop_signals(number(arg, 1000000));
	if (!strcmp(command, "segvloop"))
		return loop_segv(number(arg, 200000));
	if (!strcmp(command, "faultloop"))
		return loop_faults(number(arg, 1000000));
	if (!strcmp(command, "crowd-group"))
		return crowd_group(number(arg, 1000));
	if (!strcmp(command, "crowd-namespace"))
		return crowd_namespace(number(arg, 1000));
	if (!strcmp(command, "crowd-stopped"))
		return crowd_hold("stopped", number(arg, 1000));
	if (!strcmp(command, "crowd-traced"))
		return crowd_hold("traced", number(arg, 1000));
	/* The last ones are what victims exec. */
	if (!strcmp(command, "exit"))
		_exit((int)number(arg, 0));
	if (!strcmp(command, "abort"))
		abort();
	if (!strcmp(command, "null"))
		null_write();
	return usage();
}
