/* SPDX-License-Identifier: BSD-2-Clause */
/* Included first by every unit test: cmocka, after the headers that it needs. */
#ifndef KT_UNIT_H
#define KT_UNIT_H

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
