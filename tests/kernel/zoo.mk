# SPDX-License-Identifier: BSD-2-Clause
# The zoo of real victims. Included by the top Makefile, or used alone:
# make -f tests/kernel/zoo.mk zoo
#
#   zoo          build/zoo, build/zoo-static (for VM guests)
#   runtimes     build/runtimes/*: victims in Go, Java and Python

BUILD ?= build
ZOO_DIR := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))
ZOO_ARCH := $(if $(findstring aarch64,$(shell $(CC) -dumpmachine)),arm64,x86)
ZOO_OTHERS := $(filter-out $(ZOO_ARCH),x86 arm64)
ZOO_SOURCES := $(sort $(filter-out %_$(ZOO_OTHERS).c,$(wildcard $(ZOO_DIR)/zoo/*.c)))
ZOO_OBJECTS := $(ZOO_SOURCES:$(ZOO_DIR)/zoo/%.c=$(BUILD)/zoo.o/%.o)
ZOO_CFLAGS_x86 := -fcf-protection=none
# The CFLAGS of the program (sanitizers, stack protector) would change how victims die.
ZOO_CFLAGS := -std=gnu11 -O2 -g -D_GNU_SOURCE -Wall -Wextra -Wshadow -Wconversion -Werror \
	-fno-stack-protector -fno-omit-frame-pointer -U_FORTIFY_SOURCE $(ZOO_CFLAGS_$(ZOO_ARCH)) \
	-MMD -MP
RUNTIMES := go-nil go-recovers go-crowded go-cgo-null go-cgo-ud2 Npe.class Jni.class libktjni.so \
	ctypes_null.py ud2_page.py

.PHONY: zoo runtimes
zoo: $(BUILD)/zoo $(BUILD)/zoo-static
runtimes: $(RUNTIMES:%=$(BUILD)/runtimes/%)

$(BUILD)/zoo.o $(BUILD)/runtimes:
	@mkdir -p $@

$(BUILD)/zoo.o/smash.o: ZOO_EXTRA := -fstack-protector-all
$(ZOO_OBJECTS): $(BUILD)/zoo.o/%.o: $(ZOO_DIR)/zoo/%.c | $(BUILD)/zoo.o
	$(CC) $(ZOO_CFLAGS) $(ZOO_EXTRA) -c -o $@ $<

$(BUILD)/zoo: $(ZOO_OBJECTS)
	$(CC) -o $@ $^ -pthread

$(BUILD)/zoo-static: $(ZOO_OBJECTS)
	$(CC) -static -o $@ $^ -pthread

-include $(ZOO_OBJECTS:.o=.d)

# Victims in other languages.
RUNTIMES_DIR := $(ZOO_DIR)/runtimes
RUNTIMES_OUT := $(BUILD)/runtimes
# Evaluated only when the JNI library is built, so that make does not need Java otherwise.
JAVA_HOME_DIR = $(patsubst %/bin/javac,%,$(realpath $(shell command -v javac)))
GO_BUILD = GO111MODULE=off GOFLAGS= GOTOOLCHAIN=local GOPROXY=off GOPATH=$(abspath $(BUILD)/go) \
	GOCACHE=$(abspath $(BUILD)/go-cache) go build

$(RUNTIMES_OUT)/go-nil $(RUNTIMES_OUT)/go-recovers $(RUNTIMES_OUT)/go-crowded: $(RUNTIMES_OUT)/%: \
		$(RUNTIMES_DIR)/%.go | $(RUNTIMES_OUT)
	CGO_ENABLED=0 $(GO_BUILD) -o $@ $<

$(RUNTIMES_OUT)/go-cgo-%: $(RUNTIMES_DIR)/go-cgo-%.go | $(RUNTIMES_OUT)
	CGO_ENABLED=1 $(GO_BUILD) -o $@ $<

$(RUNTIMES_OUT)/%.class: $(RUNTIMES_DIR)/%.java | $(RUNTIMES_OUT)
	javac -d $(RUNTIMES_OUT) $<

$(RUNTIMES_OUT)/libktjni.so: $(RUNTIMES_DIR)/ktjni.c | $(RUNTIMES_OUT)
	$(CC) -shared -fPIC -O2 -g -Wall -Wextra -Werror -I$(JAVA_HOME_DIR)/include \
		-I$(JAVA_HOME_DIR)/include/linux -o $@ $<

$(RUNTIMES_OUT)/%.py: $(RUNTIMES_DIR)/%.py | $(RUNTIMES_OUT)
	install -m 644 $< $@
