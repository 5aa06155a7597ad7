# SPDX-License-Identifier: BSD-2-Clause
# Builds what tests/world needs. Included by the top Makefile.

# Static, because the libraries in a guest differ from this machine's.
$(BUILD)/world/go-cgo-%: $(RUNTIMES_DIR)/go-cgo-%.go
	@mkdir -p $(@D)
	CGO_ENABLED=1 $(GO_BUILD) -ldflags '-linkmode external -extldflags -static' -o $@ $<

# Code that real programs run or load. Rust and C# are compiled in the world's own system.
PROGRAMS := $(BUILD)/world/programs
PROGRAMS_DIR := tests/world/programs

$(PROGRAMS)/ends: $(PROGRAMS_DIR)/ends.go
	@mkdir -p $(@D)
	CGO_ENABLED=0 $(GO_BUILD) -o $@ $<

$(PROGRAMS)/Ends.class: $(PROGRAMS_DIR)/Ends.java
	@mkdir -p $(@D)
	javac -XDignore.symbol.file -d $(@D) $<

$(PROGRAMS)/libktcrash.so $(PROGRAMS)/libktload.so: $(PROGRAMS_DIR)/ktcrash.c
	@mkdir -p $(@D)
	$(CC) -shared -fPIC -O2 -Wall -Wextra -Werror $(if $(findstring load,$@),-DAT_LOAD) -o $@ $<

.PHONY: world-files test-world
world-files: all zoo static upgrade $(BUILD)/vm/bpf-left \
		$(BUILD)/world/go-cgo-null $(BUILD)/world/go-cgo-ud2 \
		$(addprefix $(PROGRAMS)/,ends Ends.class libktcrash.so libktload.so)

## test-world: run the tests with real systemd, container runtimes and Prometheus (as root)
test-world: world-files
	$(Q)scripts/run-tests world
