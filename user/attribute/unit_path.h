/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * systemd's reading of a cgroup path: unit, user unit, slice, session, owning uid.
 *
 * Invariants: agrees with systemd's cg_path_get_unit(), cg_path_get_user_unit(),
 * cg_path_get_slice(), cg_path_get_session() and, for the uid, says at least as much as
 * cg_path_get_owner_uid(). Missing parts, such as the root slice, give nothing.
 */
#ifndef KT_ATTRIBUTE_UNIT_PATH_H
#define KT_ATTRIBUTE_UNIT_PATH_H

struct owner;

void unit_path_read(const char *path, struct owner *ret);

#endif
