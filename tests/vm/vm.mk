# SPDX-License-Identifier: BSD-2-Clause
# The matrix of kernels in virtual machines. Included by the top Makefile.

$(BUILD)/vm/bpf-left: tests/vm/bpf_left.c
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -O2 -D_GNU_SOURCE $(WARN) -static -o $@ $<

.PHONY: vm-files test-vm
vm-files: static $(BUILD)/zoo-static $(BUILD)/vm/bpf-left
# Not needed if KERNEL names other kernels. Without a cross compiler or its libraries the other
# kernels are still tested, and the arm64 guest is reported as failed.
ifneq ($(if $(KERNEL),$(filter arm64%,$(KERNEL)),all),)
vm-files: vm-files-arm64
endif

.PHONY: vm-files-arm64
vm-files-arm64:
	$(Q)$(MAKE) --no-print-directory arm64 || \
		{ rm -f $(BUILD)/arm64/killtrace-static; \
		echo 'vm: nothing is built for arm64' >&2; }

## test-vm: run the victims on other kernels, in QEMU (as root); KERNEL=5.10 chooses one of them
test-vm: vm-files
	$(Q)KERNEL='$(KERNEL)' scripts/run-tests vm; status=$$?; \
		tests/vm/table.py $(BUILD)/junit/vm.xml >$(BUILD)/vm/table.md && \
		cat $(BUILD)/vm/table.md; \
		exit $$status
