/* SPDX-License-Identifier: BSD-2-Clause */
/* vsnprintf() for short texts in places where it would be most of the work. */
#ifndef KT_BASE_FORMAT_H
#define KT_BASE_FORMAT_H

#include <stdarg.h>
#include <stddef.h>

/* The same as vsnprintf(): what it does not know itself, "%5d" or "%.1f", it leaves to that. */
int format_text(char *ret_text, size_t size, const char *format, va_list args)
	__attribute__((format(printf, 3, 0)));

#endif
