/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One value of a bolt database (go.etcd.io/bbolt, version 2 of its format), in which containerd
 * stores its data.
 *
 * Reads a handful of pages of a file that its owner may be writing to, and takes no lock: a writer
 * does not touch the pages of the last transaction until the next one is whole, and this function
 * checks afterwards whether there has been a next one. Total: whatever the file is, the answer is a
 * value or an error, after a bounded number of bounded reads.
 */
#ifndef KT_ATTRIBUTE_BOLT_FILE_H
#define KT_ATTRIBUTE_BOLT_FILE_H

#include <stddef.h>

/*
 * `way` are the names of nested buckets, from the outermost in, and then the key; NULL ends it. The
 * value is returned as a string. 0, -ENOENT, -EBADMSG if it is no such file, -EFBIG for a value
 * that does not fit or a page that is too large, -EAGAIN if the file changed too fast, or the errno
 * of a read.
 */
int bolt_file_get(int fd, const char *const *way, char *ret, size_t size);

#endif
