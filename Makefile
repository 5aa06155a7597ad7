# SPDX-License-Identifier: BSD-2-Clause
# killtrace. `make help` lists the targets; everything that is made goes under build/.

BUILD := build
CC ?= gcc
CLANG ?= clang
BPFTOOL ?= $(firstword $(wildcard /usr/sbin/bpftool) bpftool)
PKG_CONFIG ?= pkg-config
PREFIX ?= /usr/local
DESTDIR ?=
DESCRIBED := $(shell scripts/describe)
VERSION := $(firstword $(DESCRIBED))
COMMIT := $(lastword $(DESCRIBED))
ARCH := $(shell uname -m | sed -e s/x86_64/x86/ -e s/aarch64/arm64/)

ifeq ($(V),1)
Q :=
else
Q := @
endif

WARN := -Wall -Wextra -Wshadow -Wconversion -Wformat=2 -Wstrict-prototypes -Werror
LIBS := libbpf libelf zlib jansson sqlite3 popt libseccomp libcap-ng libmd
# libcurl and libmicrohttpd are loaded when they are needed (user/http/curl.h,
# user/listen/microhttpd.h). A static binary cannot do that, and Debian's static ones need Kerberos
# and GnuTLS, which have no static library. So the static binary is linked without HTTP.
HTTP := http/http_client http/curl listen/listener listen/microhttpd listen/page
NO_HTTP := http/no_client listen/no_listener
# libdw reads debug information, ncurses draws 'top'. These commands load them; the static binary
# has both in itself.
# libiberty reads the names of C++ and Rust; Debian has it as a static library only.
LOADING := $(HTTP) base/library symbols/libdw_load symbols/debuginfod_load top/curses_load
LINKED := $(NO_HTTP) symbols/libdw_static symbols/debuginfod_none top/curses_static
OPT ?= -O2
# The same bytes wherever the sources are.
PLACELESS := -ffile-prefix-map=$(CURDIR)=.
CFLAGS_USER = -std=gnu11 $(OPT) -g $(WARN) -D_GNU_SOURCE $(PLACELESS) $(VERSION_FLAGS) \
	-I user -I bpf -I $(BUILD) $(SANITIZE:%=-fsanitize=%) $(CPPFLAGS) $(CFLAGS)
LDLIBS_USER = $(shell $(PKG_CONFIG) --libs $(LIBS)) -liberty
LDLIBS_STATIC = $(shell $(PKG_CONFIG) --static --libs libdw ncursesw $(LIBS)) -liberty
CFLAGS_BPF := -O2 -g -target bpf -mcpu=v3 -D__TARGET_ARCH_$(ARCH) -Wall -Wextra -Werror \
	-Wno-unused-parameter $(PLACELESS) -I bpf -I vmlinux/$(ARCH)

BPF_SRCS := $(sort $(shell find bpf -name '*.bpf.c'))
BPF_OBJS := $(BPF_SRCS:%.c=$(BUILD)/%.o)
# a separate object, because of its scratch buffer (its first lines say why)
STUCK_OBJ := $(BUILD)/bpf/stuck.bpf.o
STUCK_SKELETON := $(BUILD)/bpf/stuck.skel.h
SKELETON := $(BUILD)/bpf/killtrace.skel.h
# programs that look at exits a second time, in separate objects (user/source/exit_again.h)
AGAIN_SKELETON := $(BUILD)/bpf/exit_again.skel.h
SKELETONS := $(SKELETON) $(AGAIN_SKELETON) $(STUCK_SKELETON)
# names of the types in them, which are looked for in the kernel's (user/source/kernel_types.h)
TYPE_NAMES := $(BUILD)/bpf/type_names.h
USER_SRCS := $(filter-out $(LINKED:%=user/%.c),$(sort $(shell find user -name '*.c')))
USER_OBJS := $(USER_SRCS:%.c=$(BUILD)/%.o)
STATIC_OBJS := $(filter-out $(LOADING:%=$(BUILD)/user/%.o),$(USER_OBJS)) \
	$(LINKED:%=$(BUILD)/user/%.o)
ROOM_OBJS := $(filter-out $(BUILD)/user/main.o,$(USER_OBJS))
SCHEMA := $(BUILD)/schema_json.h
UNIT_SRCS := $(sort $(shell find tests/unit -name '*_test.c' 2>/dev/null))
UNIT_TESTS := $(UNIT_SRCS:tests/unit/%.c=$(BUILD)/unit/%)

include scripts/hardening.mk

.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: all help setup run static image install dist deb rpm release check test \
	test-quick test-kernel unit-tests bench compile-commands clean print-cflags print-ldlibs

## all: build build/killtrace (the default)
all: $(BUILD)/killtrace

## help: list the targets
help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST) | awk -F': ' '{printf "  make %-16s %s\n", $$1, $$2}'

## setup: install what the build and the tests need (Debian packages)
setup:
	$(Q)scripts/setup

# Commands for whoever just wants a result build on every processor, if make was not told otherwise.
EVERY_CPU = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc))

## run: set up, build, and start the live trace (as root)
run:
	$(Q)scripts/setup build
	$(Q)$(MAKE) --no-print-directory $(EVERY_CPU) all
	$(Q)$(BUILD)/killtrace

$(BUILD)/bpf/%.bpf.o: bpf/%.bpf.c vmlinux/$(ARCH)/vmlinux.h
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(CFLAGS_BPF) -MMD -MP -c $< -o $@

$(BUILD)/bpf/killtrace.bpf.o: $(filter-out $(STUCK_OBJ),$(BPF_OBJS))
	$(Q)$(BPFTOOL) gen object $@ $^

$(BUILD)/bpf/exit_again.o: $(BUILD)/bpf/exit.bpf.o
	$(Q)$(BPFTOOL) gen object $@ $<

$(AGAIN_SKELETON): $(BUILD)/bpf/exit_again.o
	$(Q)$(BPFTOOL) gen skeleton $< name exit_again_bpf > $@

$(BUILD)/bpf/stuck.o: $(STUCK_OBJ)
	$(Q)$(BPFTOOL) gen object $@ $<

$(STUCK_SKELETON): $(BUILD)/bpf/stuck.o
	$(Q)$(BPFTOOL) gen skeleton $< name stuck_bpf > $@

$(SKELETON): $(BUILD)/bpf/killtrace.bpf.o
	$(Q)$(BPFTOOL) gen skeleton $< name killtrace_bpf > $@

$(TYPE_NAMES): $(BUILD)/bpf/killtrace.bpf.o $(BUILD)/bpf/exit_again.o $(BUILD)/bpf/stuck.o
	$(Q)for object in $^; do $(BPFTOOL) btf dump file $$object || exit; done > $@.all
	$(Q)sed -nE "s/^\[[0-9]+\] (INT|STRUCT|UNION|ENUM|ENUM64|TYPEDEF) '([A-Za-z0-9_ ]+)'.*/\"\2\",/p" $@.all \
		| sort -u > $@

$(SCHEMA): user/line/schema.json
	@mkdir -p $(@D)
	$(Q)od -An -v -tx1 $< | sed 's/ \([0-9a-f][0-9a-f]\)/0x\1,/g' > $@

$(BUILD)/user/%.o: user/%.c | $(SKELETONS) $(SCHEMA) $(TYPE_NAMES)
	@mkdir -p $(@D)
	$(Q)$(CC) $(HARDENING_CFLAGS) $(CFLAGS_USER) -MMD -MP -c $< -o $@

$(BUILD)/user/source/load.o: $(SKELETON)
$(BUILD)/user/source/exit_again.o: $(AGAIN_SKELETON)
$(BUILD)/user/source/stuck.o: $(STUCK_SKELETON)
$(BUILD)/user/source/kernel_types.o $(BUILD)/san/user/source/kernel_types.o: $(TYPE_NAMES)
$(BUILD)/user/line/schema.o $(BUILD)/san/user/line/schema.o: $(SCHEMA)

# Objects that contain the version are rebuilt when it changes, as it does with every commit. The
# others do not see it, so that a compiler's cache can keep them.
VERSIONED := $(patsubst %.c,%.o,$(shell grep -lr KT_VERSION user --include='*.c'))
$(VERSIONED:%=$(BUILD)/%) $(VERSIONED:%=$(BUILD)/san/%): $(BUILD)/version
$(VERSIONED:%=$(BUILD)/%) $(VERSIONED:%=$(BUILD)/san/%): VERSION_FLAGS = \
	-DKT_VERSION='"$(VERSION)"' -DKT_COMMIT='"$(COMMIT)"' -DKT_BUILT_WITH='"$(BUILT_WITH)"'
EMPTY :=
# "gcc 12.2.0, libbpf 1.1.2, …"
BUILT_WITH = $(call once,BUILT_WITH,$(subst =, ,$(subst $(EMPTY) ,$(COMMA) ,$(strip \
	$(notdir $(lastword $(CC)))=$(shell $(CC) -dumpfullversion -dumpversion) \
	$(notdir $(lastword $(CLANG)))=$(shell $(CLANG) -dumpversion) \
	$(foreach lib,$(LIBS) libelf,$(lib)=$(shell $(PKG_CONFIG) --modversion $(lib)))))))
COMMA := ,

$(BUILD)/version: FORCE
	@mkdir -p $(@D)
	@echo '$(VERSION)' | cmp -s - $@ || echo '$(VERSION)' > $@

.PHONY: FORCE
FORCE:

$(BUILD)/killtrace: $(USER_OBJS)
	$(Q)$(CC) $(CFLAGS_USER) -pie $(HARDENING_LDFLAGS) -o $@ $^ $(LDFLAGS) $(LDLIBS_USER)

## static: build build/killtrace-static, which needs no shared library
static: $(BUILD)/killtrace-static

$(BUILD)/killtrace-static: $(STATIC_OBJS)
	$(Q)$(CC) $(CFLAGS_USER) -static-pie $(HARDENING_LDFLAGS) -Wl,-Map=$@.map -o $@ $^ \
		$(LDFLAGS) $(LDLIBS_STATIC)

## image: build build/killtrace-image.tar, the container image
image: $(BUILD)/killtrace-image.tar

# deploy/kubernetes uses this name; a name in a registry is set there.
IMAGE_LIBRARIES := libcurl.so.4 libmicrohttpd.so.12 libncursesw.so.6
IMAGE_FILES := LICENSE LICENSES/BSD-2-Clause.txt LICENSES/GPL-2.0-only.txt
$(BUILD)/killtrace-image.tar: deploy/container/Containerfile scripts/image \
		scripts/closure $(BUILD)/killtrace $(IMAGE_FILES)
	$(Q)rm -rf $(BUILD)/image-root
	$(Q)scripts/closure $(BUILD)/image-root $(BUILD)/killtrace $(IMAGE_LIBRARIES)
	$(Q)scripts/image $< localhost/killtrace:latest $(VERSION) $@ $(BUILD)/image-root \
		$(IMAGE_FILES)

COMPLETIONS := bash-completion/completions zsh/site-functions fish/vendor_completions.d
## install: install the program, man page, completions, journal catalog and systemd unit
UNITDIR ?= $(PREFIX)/lib/systemd/system
install: all
	install -D -m 755 $(BUILD)/killtrace $(DESTDIR)$(PREFIX)/sbin/killtrace
	install -D -m 644 deploy/man/killtrace.8 $(DESTDIR)$(PREFIX)/share/man/man8/killtrace.8
	install -D -m 644 deploy/journal/killtrace.catalog \
		$(DESTDIR)$(PREFIX)/lib/systemd/catalog/killtrace.catalog
	install -d $(COMPLETIONS:%=$(DESTDIR)$(PREFIX)/share/%)
	$(BUILD)/killtrace completion bash \
		> $(DESTDIR)$(PREFIX)/share/bash-completion/completions/killtrace
	$(BUILD)/killtrace completion zsh \
		> $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_killtrace
	$(BUILD)/killtrace completion fish \
		> $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/killtrace.fish
	install -d $(DESTDIR)$(UNITDIR)
	sed 's|/usr/local/sbin|$(PREFIX)/sbin|' deploy/systemd/killtrace.service \
		> $(DESTDIR)$(UNITDIR)/killtrace.service

## dist: pack build/killtrace-VERSION.tar.gz from the last commit, for a build without git
dist rpm: DIST := killtrace-$(VERSION:%-dirty=%)
dist:
	@mkdir -p $(BUILD)
	$(Q)git -c safe.directory='*' archive --format=tar --prefix=$(DIST)/ \
		--add-virtual-file='$(DIST)/scripts/commit:$(DIST:killtrace-%=%) $(COMMIT:%-dirty=%)' \
		HEAD | gzip -9n > $(BUILD)/$(DIST).tar.gz

## deb: build the Debian package of the last commit, in build/
deb:
	$(Q)scripts/deb $(BUILD)

## rpm: build the RPM package of the last commit, in build/
rpm: dist
	$(Q)scripts/rpm $(BUILD)/$(DIST).tar.gz $(BUILD)

## release: build build/killtrace-VERSION-linux-ARCH.tar.gz with the static binary, and SHA256SUMS
release: all static
	$(Q)scripts/release $(BUILD) $(VERSION)

# Unit tests build the rooms a second time, with sanitizers and without main.c.
SAN_FLAGS := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
SAN_OBJS := $(ROOM_OBJS:$(BUILD)/%=$(BUILD)/san/%)

$(BUILD)/san/user/%.o: user/%.c | $(SKELETONS) $(SCHEMA) $(TYPE_NAMES)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(CFLAGS_USER) -O1 $(SAN_FLAGS) -MMD -MP -c $< -o $@

$(BUILD)/san/killtrace-rooms.a: $(SAN_OBJS)
	$(Q)rm -f $@ && ar rcs $@ $^

$(BUILD)/unit/%_test: tests/unit/%_test.c $(BUILD)/san/killtrace-rooms.a
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(CFLAGS_USER) -O1 $(SAN_FLAGS) -I tests/unit -MMD -MP -MF $@.d -o $@ $< \
		$(BUILD)/san/killtrace-rooms.a $(LDLIBS_USER) -lcmocka

# Programs that the unit tests and the golden tests run in addition to killtrace.
unit-tests: $(UNIT_TESTS) $(BUILD)/golden/make_records

# It writes the golden recordings. Built with every check, because it once stopped compiling
# unnoticed.
$(BUILD)/golden/make_records: tests/golden/make_records.c $(BUILD)/san/killtrace-rooms.a
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(CFLAGS_USER) -O1 $(SAN_FLAGS) -I tests/unit -MMD -MP -MF $@.d -o $@ $< \
		$(BUILD)/san/killtrace-rooms.a $(LDLIBS_USER)

-include tests/kernel/zoo.mk tests/fuzz/fuzz.mk tests/vm/vm.mk scripts/arm64/arm64.mk \
	tests/world/world.mk tests/cli/history/history.mk tests/kernel/upgrade.mk \
	tests/kubernetes/kubernetes.mk deploy/kubectl/krew.mk

# Programs that scripts/bench runs in addition to killtrace and the zoo.
BENCH_FILES := $(BUILD)/bench/attribution

## check: run the lint, unit, golden, fuzz and command line tests (no root needed)
check: all unit-tests zoo history-feed
	$(Q)scripts/run-tests lint unit golden fuzz cli

## test-quick: run what finds most mistakes within three minutes: unit, golden and quick lint tests
test-quick: all unit-tests
	$(Q)scripts/run-tests unit golden lint-quick

## test-kernel: run the tests with real victims on this machine's kernel (as root)
test-kernel: all zoo runtimes upgrade $(BENCH_FILES)
	$(Q)scripts/run-tests kernel

## test: install what is missing, then run all tests here and in virtual machines (as root)
test:
	$(Q)scripts/setup
	$(Q)$(MAKE) --no-print-directory $(EVERY_CPU) all unit-tests zoo history-feed runtimes \
		upgrade $(BENCH_FILES) vm-files world-files
	$(Q)scripts/run-tests lint unit golden fuzz cli kernel vm world

## bench: measure speed and memory against a baseline of the same run (as root)
bench: all zoo $(BENCH_FILES)
	$(Q)scripts/bench

$(BUILD)/bench/attribution: scripts/bench.d/attribution.c $(ROOM_OBJS)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_USER) -o $@ $^ $(LDFLAGS) $(LDLIBS_USER)

## compile-commands: write compile_commands.json, from which clangd learns how to compile each file
compile-commands:
	$(Q)scripts/compile-commands $(firstword $(MAKE)) compile_commands.json all static \
		unit-tests zoo history-feed fuzz-build $(BUILD)/fuzz/make_seeds $(BENCH_FILES) \
		$(BUILD)/vm/bpf-left $(PROGRAMS)/libktcrash.so $(RUNTIMES_OUT)/libktjni.so

## clean: remove build/
clean:
	$(Q)rm -rf $(BUILD)

# The flags of the user side, with their quotes, for tools that read sources, and its libraries.
print-cflags:
	$(info $(CFLAGS_USER))
	@:
print-ldlibs:
	$(info $(LDLIBS_USER))
	@:

-include $(sort $(USER_OBJS:.o=.d) $(STATIC_OBJS:.o=.d)) $(BPF_OBJS:.o=.d) $(SAN_OBJS:.o=.d) \
	$(UNIT_TESTS:=.d) $(BUILD)/golden/make_records.d
