// SPDX-License-Identifier: BSD-2-Clause
#include "top/terminal.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "top/curses.h"

/* How long ncurses waits for the rest of a key that begins with Escape. */
#define ESCAPE_MS 50

/* Characters in a row; no strip has more. */
#define WIDEST 2048

static const struct curses *curses;
static SCREEN *screen;
static WINDOW *window;
static struct winsize drawn;
static bool has_color;

/* Without the pauses that old terminals needed ("$<5>"). */
static void add_sequence(const char *name, char *ret, size_t size)
{
	char capability[16];
	const char *text;
	size_t used = strlen(ret);

	(void)snprintf(capability, sizeof(capability), "%s", name);
	text = curses->tigetstr(capability);
	/* -1: it is no such capability */
	if (!text || (intptr_t)text == -1)
		return;
	while (*text && used + 1 < size) {
		if (text[0] == '$' && text[1] == '<' && strchr(text, '>'))
			text = strchr(text, '>') + 1;
		else
			ret[used++] = *text++;
	}
	ret[used] = '\0';
}

int terminal_find(struct terminal_before *ret_before)
{
	static const char *const restoring[] = { "sgr0", "op", "rmkx", "cnorm", "rmcup" };
	int error = 0;

	if (!isatty(STDOUT_FILENO))
		return -TERMINAL_NO_OUTPUT;
	if (!isatty(STDIN_FILENO))
		return -TERMINAL_NO_INPUT;
	if (!curses)
		curses = curses_load();
	if (!curses)
		return -TERMINAL_NO_LIBRARY;
	if (!getenv("TERM") || curses->setupterm(NULL, STDOUT_FILENO, &error))
		return -TERMINAL_UNKNOWN;
	memset(ret_before, 0, sizeof(*ret_before));
	add_sequence("cup", ret_before->text, sizeof(ret_before->text));
	if (!ret_before->text[0])
		return -TERMINAL_DUMB;
	ret_before->text[0] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(restoring); i++)
		add_sequence(restoring[i], ret_before->text, sizeof(ret_before->text));
	return tcgetattr(STDIN_FILENO, &ret_before->settings) ? -TERMINAL_NO_INPUT : 0;
}

void terminal_restore(const struct terminal_before *before)
{
	(void)tcsetattr(STDIN_FILENO, TCSANOW, &before->settings);
	if (write(STDOUT_FILENO, before->text, strlen(before->text)) < 0)
		return; /* it is gone */
}

/* Where there is no job control, it is nobody else's. */
bool terminal_is_ours(void)
{
	const pid_t group = tcgetpgrp(STDIN_FILENO);

	return group < 0 || group == getpgrp();
}

/* Pairs of paints, in which a terminal's own background stays. */
static void prepare_colors(void)
{
	static const struct {
		enum paint paint;
		short color;
	} colors[] = { { PAINT_RED, COLOR_RED },
		       { PAINT_YELLOW, COLOR_YELLOW },
		       { PAINT_MAGENTA, COLOR_MAGENTA },
		       { PAINT_LOSS, COLOR_YELLOW } };
	const bool has_default = curses->use_default_colors() != ERR;

	for (size_t i = 0; i < ARRAY_SIZE(colors); i++)
		(void)curses->init_pair((short)colors[i].paint, colors[i].color,
					has_default ? -1 : COLOR_BLACK);
}

static bool make_window(void)
{
	if (window)
		(void)curses->delwin(window);
	window = curses->newwin(0, 0, 0, 0);
	if (!window)
		return false;
	(void)curses->keypad(window, true);
	(void)curses->nodelay(window, true);
	return true;
}

static struct winsize size_now(void)
{
	struct winsize size = { 0 };

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_row || !size.ws_col)
		size = (struct winsize){ .ws_row = 24, .ws_col = 80 };
	return size;
}

/* Names are UTF-8 in every output, so for ncurses, too, which needs the widths of characters. Only
 * for its thread: patterns of filters must mean the same everywhere. */
static bool use_utf8(void)
{
	locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);

	if (utf8)
		(void)uselocale(utf8);
	return utf8 != (locale_t)0;
}

bool terminal_begin(bool color)
{
	(void)use_utf8();
	screen = curses->newterm(NULL, stdout, stdin);
	if (!screen)
		return false;
	drawn = size_now();
	(void)curses->resizeterm(drawn.ws_row, drawn.ws_col);
	(void)curses->cbreak();
	(void)curses->noecho();
	(void)curses->set_escdelay(ESCAPE_MS);
	(void)curses->curs_set(0);
	has_color = color && curses->has_colors() && curses->start_color() != ERR;
	if (has_color)
		prepare_colors();
	return make_window();
}

void terminal_end(void)
{
	if (screen)
		(void)curses->endwin();
}

void terminal_done(void)
{
	if (!screen)
		return;
	(void)curses->endwin();
	if (window)
		(void)curses->delwin(window);
	window = NULL;
	curses->delscreen(screen);
	screen = NULL;
}

static attr_t attributes_of(enum paint paint)
{
	switch (paint) {
	case PAINT_RED:
	case PAINT_BOLD:
		return A_BOLD;
	case PAINT_DIM:
		return A_DIM;
	case PAINT_LOSS:
		return A_REVERSE;
	default:
		return A_NORMAL;
	}
}

/* ncurses reads bytes by the locale of the process, and wide characters by none. */
static void add_text(const char *text)
{
	wchar_t wide[WIDEST + 1];
	size_t count = 0;
	uint32_t point;

	while (*text && count < WIDEST) {
		text += text_next_point(text, &point);
		wide[count++] = (wchar_t)point;
	}
	(void)curses->waddnwstr(window, wide, (int)count);
}

static void put(void *context, unsigned int row, unsigned int column, enum paint paint,
		bool is_reverse, const char *text)
{
	const bool is_colored = has_color && (paint == PAINT_RED || paint == PAINT_YELLOW ||
					      paint == PAINT_MAGENTA || paint == PAINT_LOSS);

	(void)context;
	(void)curses->wattr_set(window, attributes_of(paint) ^ (is_reverse ? A_REVERSE : A_NORMAL),
				is_colored ? (short)paint : 0, NULL);
	if (curses->wmove(window, (int)row, (int)column) != ERR)
		add_text(text);
}

bool terminal_has_changed(void)
{
	const struct winsize now = size_now();

	return now.ws_row != drawn.ws_row || now.ws_col != drawn.ws_col;
}

unsigned int terminal_columns(void)
{
	return size_now().ws_col;
}

void terminal_draw(const struct top_title *title, const struct top_snapshot *snapshot,
		   struct top_look *look, bool clear)
{
	struct top_pen pen = { .put = put };

	if (terminal_has_changed()) {
		drawn = size_now();
		(void)curses->resizeterm(drawn.ws_row, drawn.ws_col);
		if (!make_window())
			return;
		clear = true;
	}
	pen.rows = drawn.ws_row;
	pen.columns = drawn.ws_col;
	(void)curses->wattr_set(window, A_NORMAL, 0, NULL);
	if (clear)
		(void)curses->wclear(window);
	else
		(void)curses->werase(window);
	top_page_draw(&pen, title, snapshot, look);
	(void)curses->wnoutrefresh(window);
	(void)curses->doupdate();
}

static uint32_t function_key(wint_t key)
{
	static const struct {
		wint_t code;
		uint32_t key;
	} keys[] = {
		{ KEY_UP, TOP_KEY_UP },         { KEY_DOWN, TOP_KEY_DOWN },
		{ KEY_PPAGE, TOP_KEY_PAGE_UP }, { KEY_NPAGE, TOP_KEY_PAGE_DOWN },
		{ KEY_HOME, TOP_KEY_HOME },     { KEY_END, TOP_KEY_END },
		{ KEY_ENTER, TOP_KEY_ENTER },   { KEY_BACKSPACE, TOP_KEY_BACKSPACE },
	};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (key == keys[i].code)
			return keys[i].key;
	return TOP_KEY_OTHER;
}

bool terminal_key(uint32_t *ret_key)
{
	wint_t key;

	switch (curses->wget_wch(window, &key)) {
	case KEY_CODE_YES:
		*ret_key = function_key(key);
		return true;
	case OK:
		*ret_key = (uint32_t)key;
		if (key == 0x1b)
			*ret_key = TOP_KEY_ESCAPE;
		else if (key == 0x7f || key == 0x08)
			*ret_key = TOP_KEY_BACKSPACE;
		return true;
	default:
		return false;
	}
}
