/* SPDX-License-Identifier: BSD-2-Clause */
/* Points in time as people type them. */
#ifndef KT_BASE_WHEN_H
#define KT_BASE_WHEN_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Accepted forms:
 *   2026-11-21T10:41:13Z      RFC 3339, with any fraction and offset; a blank may stand for the T,
 *                             "UTC" for the Z, also behind a blank; the offset may lack its colon
 *   2026-11-21 10:41:13       the same without an offset: local time; seconds, or the whole time of
 *                             day, may be left out
 *   10:41, 10:41:13           today
 *   90s 5m 2h 3d 1w 1h30m     so long ago, with or without "ago" behind or a minus in front; units
 *                             may be words (hours), and blanks stand between all of these
 *   @1795257673               seconds since 1970
 *   now, today, yesterday     the last two mean 00:00
 *
 * False: none of these, or not representable. A time after 2262 is INT64_MAX. Nanoseconds since
 * 1970; `now_ns` is the present time.
 */
bool when_parse(const char *word, int64_t now_ns, int64_t *ret_ns);

#endif
