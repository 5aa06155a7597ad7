/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names come from processes and cgroups and are an attacker's to choose: any byte but NUL. These
 * make them safe for one kind of output each. Results are always terminated and never longer than
 * `size`; what does not fit is cut at a whole character.
 */
#ifndef KT_BASE_TEXT_H
#define KT_BASE_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* The character at `in`, which is not its end, and how many bytes it takes; U+FFFD for one byte that is
 * not part of a well-formed sequence. */
size_t text_next_point(const char *in, uint32_t *ret_point);

/* Valid UTF-8: every byte that is not part of a well-formed sequence becomes U+FFFD. */
void text_valid_utf8(const char *in, char *ret_out, size_t size);

/* For a terminal: as above, and control characters (C0, DEL, C1), line and paragraph separators
 * and bidirectional marks are written as \xNN or \u{NNNN}; a backslash is doubled. */
void text_for_terminal(const char *in, char *ret_out, size_t size);

/* The same for text that may have been through it before: a backslash stays as it is. */
void text_for_terminal_again(const char *in, char *ret_out, size_t size);

/* "31.9 MiB", "512 B"; for people, never for data. Returns ret_out. */
const char *text_bytes(unsigned long long bytes, char *ret_out, size_t size);

/* The word that fits a count of which it is said. */
const char *text_plural(uint64_t count, const char *one, const char *many);

#endif
