/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of C++ and Rust functions as their source has them. */
#ifndef KT_SYMBOLS_DEMANGLE_H
#define KT_SYMBOLS_DEMANGLE_H

#include <stddef.h>

/* Valid UTF-8, without parameters and without Rust's hash; other names stay as they are. */
void demangle(const char *name, char *ret, size_t size);

#endif
