/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * systemd's rules for names in the cgroup tree: units, slices, sessions, uids.
 *
 * Invariants: pure; the rules are systemd's unit_name_is_valid() and cg_path_decode_unit().
 */
#ifndef KT_ATTRIBUTE_UNIT_NAME_H
#define KT_ATTRIBUTE_UNIT_NAME_H

#include "attribute/span.h"

#include <stdint.h>

/*
 * The unit a component stands for, without the '_' that systemd puts before a name that the kernel
 * might claim (cg_escape). Slices are not units here, since processes belong to what is below them.
 */
bool unit_name_decode(struct span component, struct span *ret_unit);
bool unit_name_decode_slice(struct span component, struct span *ret_slice);

/* The part between prefix and suffix, if the name has both. */
bool unit_name_between(struct span name, const char *prefix, const char *suffix,
		       struct span *ret_part);

/* Undoes \xXX, the only escape a machine's name needs; false if it does not fit or is broken. */
bool unit_name_unescape(struct span name, char *ret, size_t size);

bool unit_name_session_id(struct span id);
bool unit_name_parse_uid(struct span digits, uint32_t *ret_uid);

#endif
