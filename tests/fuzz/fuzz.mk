# SPDX-License-Identifier: BSD-2-Clause
# Fuzz targets for libFuzzer. Included by the top Makefile, or used alone from the root of the tree:
# make -f tests/fuzz/fuzz.mk fuzz-build
#
#   fuzz-build   build/fuzz/*_fuzz: one program per tests/fuzz/*_fuzz.c
#   fuzz-seeds   tests/fuzz/corpus/: the inputs that they start from, made anew
#
# The rooms are compiled anew here: without the fuzzer's instrumentation it would see nothing of
# what its inputs reach.

BUILD ?= build
CLANG ?= clang
PKG_CONFIG ?= pkg-config
FUZZ_DIR := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))
FUZZ_SRCS := $(sort $(wildcard $(FUZZ_DIR)/*_fuzz.c))
FUZZ_TARGETS := $(FUZZ_SRCS:$(FUZZ_DIR)/%.c=$(BUILD)/fuzz/%)
# What is between a recording and an output; the rest needs a kernel, a command line or a collector.
FUZZ_ROOMS := $(sort $(filter-out user/sink/otlp_http.c user/sink/otlp_curl.c,$(wildcard user/base/*.c \
	user/decode/*.c user/attribute/*.c user/explain/*.c user/sink/*.c))) user/source/hooks.c user/source/losses.c user/source/recording.c \
	user/source/symbols.c
FUZZ_OBJS := $(FUZZ_ROOMS:%.c=$(BUILD)/fuzz/obj/%.o)
FUZZ_CFLAGS := -std=gnu11 -O1 -g -D_GNU_SOURCE -DKT_VERSION='"fuzzed"' -I user -I bpf \
	-I tests/unit -I $(FUZZ_DIR) -Wall -Wextra -Werror -fno-omit-frame-pointer -fno-sanitize-recover=all
FUZZ_LIBS = $(shell $(PKG_CONFIG) --libs jansson sqlite3 libseccomp libcap-ng)

.PHONY: fuzz-build fuzz-seeds
.SECONDARY: $(FUZZ_OBJS)
fuzz-build: $(FUZZ_TARGETS)

fuzz-seeds: $(BUILD)/fuzz/make_seeds
	$(Q)$< $(FUZZ_DIR)/corpus

$(BUILD)/fuzz/obj/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(FUZZ_CFLAGS) -fsanitize=fuzzer-no-link,address,undefined -MMD -MP -c $< -o $@

$(BUILD)/fuzz/%_fuzz: $(FUZZ_DIR)/%_fuzz.c $(FUZZ_OBJS)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(FUZZ_CFLAGS) -fsanitize=fuzzer,address,undefined -MMD -MP -MF $@.d -o $@ $< \
		$(FUZZ_OBJS) $(FUZZ_LIBS)

$(BUILD)/fuzz/make_seeds: $(FUZZ_DIR)/make_seeds.c user/source/recording.c
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(FUZZ_CFLAGS) -MMD -MP -MF $@.d -o $@ $(filter %.c,$^)

-include $(FUZZ_OBJS:.o=.d) $(FUZZ_TARGETS:=.d) $(BUILD)/fuzz/make_seeds.d
