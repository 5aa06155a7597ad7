/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Settings that belong to a death, as they are now: they may have been others when it died, and
 * each text that shows one says so. What cannot be read is absent.
 *
 * Ownership: plain data of fixed size, without pointers. Values come from other programs: they are
 * names (why/prose.h).
 */
#ifndef KT_WHY_SETTINGS_H
#define KT_WHY_SETTINGS_H

#include <jansson.h>
#include <stddef.h>

#define SETTINGS_MOST 8

struct settings {
	struct setting {
		char name[32];  /* "TimeoutStopUSec", "memory.max" */
		char value[96]; /* as it is shown there */
	} list[SETTINGS_MOST];
	unsigned int count;
};

struct settings_places {
	const char *systemctl; /* the program; NULL: there is no service manager */
	const char *cgroups;   /* "/sys/fs/cgroup" */
	const char *kernel;    /* "/proc/sys/kernel" */
};

/* Those of this machine. */
extern const struct settings_places settings_here;

/* Runs systemctl for 700 ms at most. Not in a process that may not start others. */
void settings_read(const struct settings_places *places, const json_t *record,
		   struct settings *ret);

/* NULL: it was not read. `settings` may be NULL. */
const char *settings_find(const struct settings *settings, const char *name);

/* The lines "NAME=VALUE" of systemctl's output, which is changed; other names are left out. */
void settings_take(char *output, const char *const *names, struct settings *ret);

#endif
