/* SPDX-License-Identifier: BSD-2-Clause */
/* The functions of elfutils' libdebuginfod. They are loaded like libdw; the static binary does not
 * have them (debuginfod_none.c). */
#ifndef KT_SYMBOLS_DEBUGINFOD_H
#define KT_SYMBOLS_DEBUGINFOD_H

struct debuginfod {
	void *(*begin)(void);
	/* With a size of 0, the build ID is a text of hex digits. A descriptor, or -errno. */
	int (*find_debuginfo)(void *client, const unsigned char *id, int size, char **ret_path);
	int (*find_executable)(void *client, const unsigned char *id, int size, char **ret_path);
	void (*end)(void *client);
};

/* NULL: this machine does not have the library. */
const struct debuginfod *debuginfod_load(void);

#endif
