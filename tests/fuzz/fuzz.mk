# SPDX-License-Identifier: BSD-2-Clause
# Fuzz targets for libFuzzer. Included by the top Makefile, or used alone from the root of the tree:
# make -f tests/fuzz/fuzz.mk fuzz-build
#
#   fuzz-build   build/fuzz/*_fuzz: one program per tests/fuzz/*_fuzz.c
#   fuzz-seeds   tests/fuzz/corpus/: writes the first inputs again
#
# The rooms are compiled a second time: without instrumentation the fuzzer cannot see which code its
# inputs reach.

BUILD ?= build
CLANG ?= clang
PKG_CONFIG ?= pkg-config
FUZZ_DIR := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))
FUZZ_SRCS := $(sort $(wildcard $(FUZZ_DIR)/*_fuzz.c))
FUZZ_TARGETS := $(FUZZ_SRCS:$(FUZZ_DIR)/%.c=$(BUILD)/fuzz/%)
# Everything from a recording to an output; the rest needs a kernel, a command line or a collector.
FUZZ_WITHOUT := user/http/http_client.c user/http/curl.c user/outlet/handback.c \
	user/symbols/libdw_static.c user/symbols/debuginfod_none.c user/top/curses_static.c
FUZZ_ROOM_NAMES := base decode attribute explain line symbols fold metrics outlet history http \
	otlp why kube stdout report top
FUZZ_ROOMS := $(sort $(filter-out $(FUZZ_WITHOUT),\
	$(foreach room,$(FUZZ_ROOM_NAMES),$(wildcard user/$(room)/*.c)))) \
	user/cmd_top_past.c user/cmd_history_failure.c \
	$(addprefix user/source/,hooks.c losses.c recording_read.c recording_write.c kallsyms.c)
FUZZ_OBJS := $(FUZZ_ROOMS:%.c=$(BUILD)/fuzz/obj/%.o)
FUZZ_CFLAGS := -std=gnu11 -O1 -g -D_GNU_SOURCE -DKT_VERSION='"fuzzed"' \
	-I user -I bpf -I $(BUILD)/fuzz -I tests/unit -I $(FUZZ_DIR) -Wall -Wextra -Werror \
	-fno-omit-frame-pointer -fno-sanitize-recover=all
FUZZ_LIBS = $(shell $(PKG_CONFIG) --libs jansson sqlite3 libseccomp libcap-ng libmd libelf) -liberty

.PHONY: fuzz-build fuzz-seeds
.SECONDARY: $(FUZZ_OBJS)
fuzz-build: $(FUZZ_TARGETS)

fuzz-seeds: $(BUILD)/fuzz/make_seeds
	$(Q)$< $(FUZZ_DIR)/corpus

$(BUILD)/fuzz/schema_json.h: user/line/schema.json
	@mkdir -p $(@D)
	$(Q)od -An -v -tx1 $< | sed 's/ \([0-9a-f][0-9a-f]\)/0x\1,/g' > $@

$(BUILD)/fuzz/obj/user/line/schema.o: $(BUILD)/fuzz/schema_json.h

$(BUILD)/fuzz/obj/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(FUZZ_CFLAGS) -fsanitize=fuzzer-no-link,address,undefined -MMD -MP -c $< -o $@

$(BUILD)/fuzz/%_fuzz: $(FUZZ_DIR)/%_fuzz.c $(FUZZ_OBJS)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(FUZZ_CFLAGS) -fsanitize=fuzzer,address,undefined -MMD -MP -MF $@.d -o $@ $< \
		$(FUZZ_OBJS) $(FUZZ_LIBS)

$(BUILD)/fuzz/make_seeds: $(FUZZ_DIR)/make_seeds.c user/source/recording_write.c
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(FUZZ_CFLAGS) -MMD -MP -MF $@.d -o $@ $(filter %.c,$^) \
		$(shell $(PKG_CONFIG) --libs sqlite3)

-include $(FUZZ_OBJS:.o=.d) $(FUZZ_TARGETS:=.d) $(BUILD)/fuzz/make_seeds.d
