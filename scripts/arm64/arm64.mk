# SPDX-License-Identifier: BSD-2-Clause
# killtrace for arm64, built on another architecture with Debian's cross compiler. Included by the
# top Makefile, and calls it again with other variables.

ARM64_BUILD := $(BUILD)/arm64
ARM64_TRIPLET := aarch64-linux-gnu
# looked up once, and only for this build
ARM64_SYSROOT = $(eval ARM64_SYSROOT := $(shell scripts/arm64/sysroot))$(ARM64_SYSROOT)
ARM64_LIBS = $(ARM64_SYSROOT)/usr/lib/$(ARM64_TRIPLET)

.PHONY: arm64
## arm64: build build/arm64/killtrace-static on another architecture, and the victims for its tests
arm64:
	$(Q)test -n '$(ARM64_SYSROOT)'
	$(Q)PKG_CONFIG_LIBDIR='$(ARM64_LIBS)/pkgconfig' PKG_CONFIG_SYSROOT_DIR='$(ARM64_SYSROOT)' \
		$(MAKE) --no-print-directory ARCH=arm64 BUILD='$(ARM64_BUILD)' \
		CC=$(ARM64_TRIPLET)-gcc CFLAGS='-isystem $(ARM64_SYSROOT)/usr/include' \
		LDFLAGS='-L$(ARM64_LIBS)' \
		static $(ARM64_BUILD)/zoo-static $(ARM64_BUILD)/vm/bpf-left
