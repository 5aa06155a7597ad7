# SPDX-License-Identifier: BSD-2-Clause
# Other builds, to be upgraded from and to: one whose programs and dossiers differ, and one that speaks
# another wire format. Included by the top Makefile.

.PHONY: upgrade
upgrade: $(BUILD)/upgrade/layout/killtrace $(BUILD)/upgrade/wire/killtrace

UPGRADE_FILES := $(shell find bpf user vmlinux -name '*.[ch]') user/sink/schema.json Makefile
UPGRADE_layout := s/^\#define SIGNAL_SLOTS 3$$/\#define SIGNAL_SLOTS 4/
UPGRADE_wire := s/^\#define KT_WIRE_VERSION 1$$/\#define KT_WIRE_VERSION 2/

# The change has to be one.
$(BUILD)/upgrade/%/killtrace: $(UPGRADE_FILES) $(BUILD)/killtrace
	@rm -rf $(@D)/src && mkdir -p $(@D)/src
	$(Q)cp -r bpf user vmlinux Makefile $(@D)/src
	$(Q)sed -i '$(UPGRADE_$*)' $(@D)/src/bpf/event.h $(@D)/src/bpf/maps.bpf.h
	@! diff -qr bpf $(@D)/src/bpf >/dev/null
	$(Q)$(MAKE) -s --no-print-directory -C $(@D)/src BUILD=build all
	$(Q)cp $(@D)/src/build/killtrace $@
