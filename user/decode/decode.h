/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From bytes to a death. Any input gives a death or an error, never a crash and never a read beyond
 * the frame.
 */
#ifndef KT_DECODE_DECODE_H
#define KT_DECODE_DECODE_H

#include "decode/death.h"
#include "source/frame.h"
#include "source/kallsyms.h"

enum decode_failure {
	DECODE_TRUNCATED = 1, /* shorter than it says, or than any record */
	DECODE_OVERSIZED,     /* longer than it says, or than any record may be */
	DECODE_VERSION,       /* a wire version that this program does not know */
	DECODE_MALFORMED,     /* an impossible section */
};

/*
 * 0 or -enum decode_failure; after an error *ret is undefined. Kernel frames are named by the
 * frame's own symbols if it brings them, else by `symbols` (which can be NULL: no names).
 */
int decode_frame(const struct frame *frame, const struct kallsyms *symbols, struct death *ret);

const char *decode_failure_text(int failure);

/* Removes the addresses of the kernel, and those from which a process's own could be found, from a
 * record that decode_frame() accepted, for a file that may be passed on. */
void decode_scrub(void *record, size_t size);

/* Removes user addresses from a death, as the programs do with --no-addresses: for records that
 * waited in the kernel and were recorded without that option. */
void decode_hide_addresses(struct death *death);

/* Enough for the names of any death. */
#define DECODE_SYMBOLS_SIZE ((3 * KT_KERNEL_FRAMES + 1) * SYMBOL_SIZE + 1)

/* The names of a death's kernel addresses as a frame carries them. Returns the bytes used. */
size_t decode_write_symbols(const struct death *death, char *ret_text, size_t size);

#endif
