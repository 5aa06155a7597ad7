/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of Kubernetes objects. They come from files that others write, and become part of a
 * request's address. */
#ifndef KT_KUBE_KUBE_NAME_H
#define KT_KUBE_KUBE_NAME_H

#include <stdbool.h>

/* By RFC 1123: lower-case letters, digits and '-' inside; a subdomain is labels with dots between
 * them. */
bool kube_name_is_label(const char *name);
bool kube_name_is_subdomain(const char *name);

/* "BEGIN.END" as a subdomain: other bytes become '-', and a long beginning is cut, so that the end,
 * which is short, is whole. To be freed; NULL when out of memory. */
char *kube_name_join(const char *begin, const char *end);

#endif
