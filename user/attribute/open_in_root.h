/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Opens paths as if a folder were the root: openat2(2) with RESOLVE_IN_ROOT and
 * RESOLVE_NO_MAGICLINKS.
 *
 * If that system call is refused (RestrictSUIDSGID= of systemd, the seccomp profiles of older
 * container runtimes), the path is walked component by component with the same results: ".." at the
 * root stays there, absolute links begin at the root, more than 40 links are -ELOOP, and so is a
 * magic link of procfs. ".." goes back the way that was walked, so a folder that is moved meanwhile
 * leads nowhere else.
 */
#ifndef KT_ATTRIBUTE_OPEN_IN_ROOT_H
#define KT_ATTRIBUTE_OPEN_IN_ROOT_H

/* `flags` as of open(2), without O_CREAT and O_NOFOLLOW; O_CLOEXEC is added. A descriptor or
 * -errno. */
int open_in_root(int root_fd, const char *path, int flags);

#endif
