/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes HTML that is safe by construction: markup is made of literals of this program only, and
 * everything else goes through html_text(), which escapes it, for elements and for attributes.
 *
 * Ownership: the caller frees out.text. `out.failed` is checked once, at the end.
 */
#ifndef KT_REPORT_HTML_H
#define KT_REPORT_HTML_H

#include <stdint.h>

#include "base/buffer.h"

struct html {
	struct buffer out;
};

/* Markup. The empty texts beside it keep everything out that is not a literal. */
#define html_put(html, markup) buffer_add(&(html)->out, "" markup "", sizeof(markup) - 1)

/* Any bytes: what could hide or turn text is written as an escape, as on a terminal. */
void html_text(struct html *html, const char *text);

/* Words around values, escaped as a whole. */
void html_say(struct html *html, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* "15,508" */
void html_count(struct html *html, uint64_t number);

/* For attributes: "12", "3.5". */
void html_number(struct html *html, uint64_t number);
void html_real(struct html *html, double number);

/* A time in local time, as <time>: "2026-11-27 03:11:52". */
void html_time(struct html *html, int64_t time_ns);

/* The same without markup. */
#define HTML_CLOCK_SIZE 40
const char *html_clock(int64_t time_ns, char ret[HTML_CLOCK_SIZE]);

/* Prose with its names set apart (why/prose.h). */
void html_prose(struct html *html, const char *prose);

#endif
