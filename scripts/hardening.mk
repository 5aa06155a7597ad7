# SPDX-License-Identifier: BSD-2-Clause
# Compiler and linker flags that make mistakes in the program harder to exploit. Included by the top
# Makefile, for the two binaries that are installed; tests use sanitizers instead.

# compiles FLAGS: the flags, if this compiler takes them for this architecture
HASH := \#
compiles = $(shell echo '$(HASH)include <string.h>' | \
	$(CC) $(CPPFLAGS) $(CFLAGS) -O2 -Werror $(1) -x c -c -o /dev/null - 2>/dev/null && \
	echo '$(1)')
# once NAME,COMMAND: the result of the command, which runs at the first use
once = $(eval $(1) := $(2))$($(1))

# Level 3 needs gcc 12 and glibc 2.34. The level that a distribution has chosen is kept. It needs
# optimisation, and sanitizers check more.
UNFORTIFIED = $(strip $(SANITIZE) $(findstring _FORTIFY_SOURCE,$(CPPFLAGS) $(CFLAGS)) \
	$(findstring -fsanitize,$(CFLAGS)) $(filter -O0,$(OPT) $(CFLAGS)))
FORTIFY = $(call once,FORTIFY,$(if $(UNFORTIFIED),,-U_FORTIFY_SOURCE \
	$(or $(call compiles,-D_FORTIFY_SOURCE=3),-D_FORTIFY_SOURCE=2)))
# Marks the targets of jumps; processors that support it check them.
LANDING_x86 := -fcf-protection
LANDING_arm64 := -mbranch-protection=standard
LANDING = $(call once,LANDING,$(call compiles,$(LANDING_$(ARCH))))
CLASH = $(call once,CLASH,$(call compiles,-fstack-clash-protection))

# A fortified glibc warns about unused results, even after a cast to void.
HARDENING_CFLAGS = -Wno-unused-result -fPIE -fstack-protector-strong $(CLASH) $(LANDING) $(FORTIFY)
HARDENING_LDFLAGS := -Wl,-z,relro,-z,now,-z,noexecstack
