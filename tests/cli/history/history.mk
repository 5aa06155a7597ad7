# SPDX-License-Identifier: BSD-2-Clause
# The program that fills a history for the command line tests. Included by the top Makefile.

.PHONY: history-feed
history-feed: $(BUILD)/history-feed

$(BUILD)/history-feed: tests/cli/history/feed.c $(ROOM_OBJS)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_USER) -I tests/unit -o $@ $^ $(LDFLAGS) $(LDLIBS_USER)
