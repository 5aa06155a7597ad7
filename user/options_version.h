/* SPDX-License-Identifier: BSD-2-Clause */
/* What --version prints: which killtrace this is, under which terms, and made of what. */
#ifndef KT_OPTIONS_VERSION_H
#define KT_OPTIONS_VERSION_H

void options_print_version(void);

#endif
