// SPDX-License-Identifier: BSD-2-Clause
#include "report/html.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "stdout/number_words.h"
#include "why/prose.h"

/* "\u{10ffff}" of four bytes, and of one byte U+FFFD or "\x7f" */
#define LARGEST_GROWTH 4

/* The one place where text becomes HTML. */
static void put_escaped(struct html *html, const char *text)
{
	for (;;) {
		const size_t plain = strcspn(text, "&<>\"'");

		buffer_add(&html->out, text, plain);
		text += plain;
		switch (*text++) {
		case '&':
			html_put(html, "&amp;");
			break;
		case '<':
			html_put(html, "&lt;");
			break;
		case '>':
			html_put(html, "&gt;");
			break;
		case '"':
			html_put(html, "&quot;");
			break;
		case '\'':
			html_put(html, "&#39;");
			break;
		default:
			return;
		}
	}
}

static void put_part(struct html *html, const char *text, size_t size)
{
	AUTO_FREE char *part = strndup(text, size);
	AUTO_FREE char *clean = malloc(LARGEST_GROWTH * size + 1);

	if (!part || !clean) {
		html->out.failed = true;
		return;
	}
	text_for_terminal_again(part, clean, LARGEST_GROWTH * size + 1);
	put_escaped(html, clean);
}

void html_text(struct html *html, const char *text)
{
	put_part(html, text, strlen(text));
}

void html_say(struct html *html, const char *format, ...)
{
	AUTO_FREE char *text = NULL;
	va_list args;
	int length;

	va_start(args, format);
	length = vasprintf(&text, format, args);
	va_end(args);
	if (length < 0) {
		text = NULL;
		html->out.failed = true;
		return;
	}
	html_text(html, text);
}

void html_count(struct html *html, uint64_t number)
{
	char words[NUMBER_WORDS_SIZE];

	html_text(html, number_words(number, words));
}

void html_number(struct html *html, uint64_t number)
{
	html_say(html, "%" PRIu64, number);
}

void html_real(struct html *html, double number)
{
	html_say(html, "%.1f", number);
}

const char *html_clock(int64_t time_ns, char ret[HTML_CLOCK_SIZE])
{
	const time_t seconds = (time_t)(time_ns / NS_PER_S);
	struct tm tm;

	if (!localtime_r(&seconds, &tm) ||
	    !strftime(ret, HTML_CLOCK_SIZE, "%Y-%m-%d %H:%M:%S", &tm))
		return "an unknown time";
	return ret;
}

void html_time(struct html *html, int64_t time_ns)
{
	char exact[CLOCK_RFC3339_SIZE], clock[HTML_CLOCK_SIZE];

	clock_rfc3339(time_ns, exact);
	/* browsers know no more than three digits of a second */
	html_put(html, "<time datetime=\"");
	html_say(html, "%.19sZ", exact);
	html_put(html, "\">");
	html_text(html, html_clock(time_ns, clock));
	html_put(html, "</time>");
}

void html_prose(struct html *html, const char *prose)
{
	static const char begins[] = { PROSE_NAME_BEGINS, '\0' };
	static const char ends[] = { PROSE_NAME_ENDS, '\0' };

	while (*prose) {
		size_t size = strcspn(prose, begins);

		put_part(html, prose, size);
		prose += size;
		if (!*prose)
			return;
		size = strcspn(++prose, ends);
		html_put(html, "<code>");
		put_part(html, prose, size);
		html_put(html, "</code>");
		prose += size + (prose[size] != '\0');
	}
}
