/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Landlock: where files may be changed. Reading is not restricted, because a runtime's storage can
 * be anywhere. No file can be executed, and no device be created.
 */
#ifndef KT_BASE_CONFINE_PATHS_H
#define KT_BASE_CONFINE_PATHS_H

/*
 * `folders` ends with NULL; if a folder does not exist, the nearest one above is used. A folder
 * that is removed and made again later is another one. NULL: nothing is read or changed anywhere,
 * except through open descriptors. 0 or -errno: -ENOSYS and -EOPNOTSUPP mean a kernel without
 * Landlock.
 */
int confine_paths(const char *const *folders);

#endif
