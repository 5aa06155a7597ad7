// SPDX-License-Identifier: BSD-2-Clause
#include "stdout/screen.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/number.h"
#include "stdout/cells.h"

#define DEFAULT_WIDTH 80
#define MOST_COLUMNS 10000

/* no-color.org: an empty variable says nothing. */
static bool has_color(enum screen_color wish, bool is_terminal)
{
	const char *refusal = getenv("NO_COLOR"), *terminal = getenv("TERM");

	if (wish != SCREEN_COLOR_AUTO)
		return wish == SCREEN_COLOR_ALWAYS;
	return is_terminal && !(refusal && *refusal) && !(terminal && !strcmp(terminal, "dumb"));
}

void screen_of_stdout(const struct screen_wishes *wishes, bool past, struct screen *ret)
{
	const bool is_terminal = isatty(STDOUT_FILENO);

	cells_begin();
	*ret = (struct screen){
		.fd = STDOUT_FILENO,
		.size_fd = is_terminal ? STDOUT_FILENO : -1,
		.color = has_color(wishes->color, is_terminal),
		.past = past,
		.wishes = *wishes,
	};
}

size_t screen_width(const struct screen *screen)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size = { 0 };
	uint64_t number;

	if (screen->size_fd < 0 || screen->wishes.wide)
		return 0;
	if (columns && number_parse(columns, &number) && number && number <= MOST_COLUMNS)
		return (size_t)number;
	return !ioctl(screen->size_fd, TIOCGWINSZ, &size) && size.ws_col ? size.ws_col
									 : DEFAULT_WIDTH;
}
