/* SPDX-License-Identifier: BSD-2-Clause */
/* What every unit test includes first: cmocka with the headers that it wants before its own. */
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
