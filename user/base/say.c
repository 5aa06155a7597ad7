// SPDX-License-Identifier: BSD-2-Clause
#include "base/say.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"

#define PREFIX "killtrace: "

static bool say_verbose;
static void (*receiver)(void *context, const char *line);
static void *receiver_context;

typedef void escaper(const char *in, char *ret_out, size_t size);

static void say_line(FILE *file, const char *prefix, escaper *escape, const char *format,
		     va_list args) __attribute__((format(printf, 4, 0)));

static void say_line(FILE *file, const char *prefix, escaper *escape, const char *format,
		     va_list args)
{
	char line[1024], clean[2048];
	int saved = errno;

	(void)vsnprintf(line, sizeof(line), format, args);
	escape(line, clean, sizeof(clean));
	if (receiver && file == stderr)
		receiver(receiver_context, clean);
	else
		(void)fprintf(file, "%s%s\n", prefix, clean);
	errno = saved;
}

void say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say_line(stderr, PREFIX, text_for_terminal, format, args);
	va_end(args);
}

void say_escaped(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say_line(stderr, PREFIX, text_for_terminal_again, format, args);
	va_end(args);
}

void say_detail(const char *format, ...)
{
	va_list args;

	if (!say_verbose)
		return;
	va_start(args, format);
	say_line(stderr, PREFIX, text_for_terminal, format, args);
	va_end(args);
}

void say_data(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say_line(stdout, "", text_for_terminal, format, args);
	va_end(args);
}

void say_set_verbose(bool verbose)
{
	say_verbose = verbose;
}

void say_set_receiver(void (*receive)(void *context, const char *line), void *context)
{
	receiver_context = context;
	receiver = receive;
}
