/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names of processes and cgroups are chosen by an attacker: any byte except NUL. These functions
 * make them safe for one kind of output each. Results are always terminated and never longer than
 * `size`; longer text is cut at a whole character.
 */
#ifndef KT_BASE_TEXT_H
#define KT_BASE_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* The character at `in`, which is not the end of the text, and how many bytes it takes; U+FFFD for
 * one byte that is not part of a well-formed sequence. */
size_t text_next_point(const char *in, uint32_t *ret_point);

/* How many of the first bytes are printable ASCII, except backslashes and one more. */
size_t text_plain_length(const char *in, size_t size, char other);

/* Valid UTF-8: every byte that is not part of a well-formed sequence becomes U+FFFD. */
void text_valid_utf8(const char *in, char *ret_out, size_t size);

/* For a terminal: as above, and invisible characters are written as \xNN or \u{NNNN}: controls (C0,
 * DEL, C1), line and paragraph separators, direction marks, and everything that hides or has no
 * agreed form. A backslash is doubled. */
void text_for_terminal(const char *in, char *ret_out, size_t size);

/* The same for text that may already have been through it: a backslash stays as it is. */
void text_for_terminal_again(const char *in, char *ret_out, size_t size);

/*
 * The last barrier before text for people is written, in place: every byte that the above would
 * escape becomes a question mark. Every writer of such text calls it last, whatever its callers
 * did.
 */
void text_disarm(char *text);

/* "31.9 MiB", "512 B"; for people, never for data. Returns ret_out. */
const char *text_bytes(unsigned long long bytes, char *ret_out, size_t size);

/* Lowercase hex digits; the result takes 2 * size + 1 bytes. */
void text_hex(const uint8_t *bytes, size_t size, char *ret_out);

/* The singular or the plural, by the count. */
const char *text_plural(uint64_t count, const char *one, const char *many);

#endif
