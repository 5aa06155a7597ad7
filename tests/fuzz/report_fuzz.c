// SPDX-License-Identifier: BSD-2-Clause
/*
 * A report about a database that anybody can have written. Whatever is in it, the page is one of
 * ours: every tag is one that we write, in the right order, and nothing in it runs or is loaded.
 */
#include <ctype.h>

#include "past.h"
#include "report/page.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW_NS 1800000000000000000
#define DEEPEST 64

/* Elements without an end. */
static bool is_void(const char *name)
{
	return !strcmp(name, "meta") || !strcmp(name, "br");
}

static void demand_known(const char *name)
{
	static const char *const never[] = { "script", "iframe", "img",  "object", "embed",
					     "link",   "form",   "base", "image",  "foreignobject" };

	for (size_t i = 0; i < ARRAY_SIZE(never); i++)
		demand(strcasecmp(name, never[i]) != 0, "nothing that runs or is loaded");
}

/* Every element ends where it should. */
static const char *demand_tag(const char *at, char open[DEEPEST][16], unsigned int *depth)
{
	const bool ends = *at == '/';
	const char *close = strchr(at, '>');
	char name[16] = "";
	size_t length = 0;

	at += ends;
	while (isalnum((unsigned char)at[length]) && length < sizeof(name) - 1)
		length++;
	demand(length > 0 && close, "a tag");
	memcpy(name, at, length);
	demand_known(name);
	demand(!memchr(at, '<', (size_t)(close - at)), "one tag");
	if (ends) {
		demand(*depth > 0 && !strcmp(open[*depth - 1], name), "the end of an element");
		--*depth;
	} else if (close[-1] != '/' && !is_void(name)) {
		demand(*depth < DEEPEST, "a page that is not deep");
		memcpy(open[(*depth)++], name, sizeof(name));
	}
	return close;
}

static void demand_page(const char *text)
{
	static char open[DEEPEST][16];
	unsigned int depth = 0;

	demand(!strncmp(text, "<!doctype html>", 15) || !strncmp(text, "<!DOCTYPE html>", 15),
	       "a page");
	for (const char *at = text + 15; *at; at++) {
		demand((unsigned char)*at >= 0x20 || *at == '\n' || *at == '\t',
		       "no control bytes");
		if (!strncmp(at, "<style>", 7))
			at = strstr(at, "</style>") + 7;
		else if (*at == '<')
			at = demand_tag(at + 1, open, &depth);
	}
	demand(!depth, "every element ends");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct history_reader *reader = past_of(data, size);
	const struct selection all = { .all = true };
	const struct history_query query = { .selection = &all,
					     .since_ns = INT64_MIN,
					     .until_ns = INT64_MAX };
	const struct page_wishes wishes = { "1", "/history.db", "", true };
	struct findings *findings;
	struct buffer page = { 0 };

	demand(!findings_gather(reader, &query, "/history.db", NOW_NS, &findings), "findings");
	page_write(findings, &wishes, &page);
	buffer_add(&page, "", 1);
	demand(!page.failed, "a page");
	demand_page(page.text);
	free(page.text);
	findings_free(findings);
	history_free(reader);
	return 0;
}
