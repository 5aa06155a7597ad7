# SPDX-License-Identifier: BSD-2-Clause
# What the worlds of tests/world are made of. Included by the top Makefile.

# Static: a guest's libraries are not this machine's.
$(BUILD)/world/go-cgo-%: $(RUNTIMES_DIR)/go-cgo-%.go
	@mkdir -p $(@D)
	CGO_ENABLED=1 $(GO_BUILD) -ldflags '-linkmode external -extldflags -static' -o $@ $<

.PHONY: world-files test-world
world-files: all zoo static $(BUILD)/world/go-cgo-null $(BUILD)/world/go-cgo-ud2

## test-world: real worlds: systemd in a guest, container runtimes on this kernel, Prometheus (as root)
test-world: world-files
	$(Q)scripts/run-tests world
