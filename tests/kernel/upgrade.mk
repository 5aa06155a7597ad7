# SPDX-License-Identifier: BSD-2-Clause
# Builds to upgrade from and to: one with other programs and dossiers, and one with another wire
# format. Included by the top Makefile.

.PHONY: upgrade
upgrade: $(BUILD)/upgrade/layout/killtrace $(BUILD)/upgrade/wire/killtrace

UPGRADE_FILES := $(shell find bpf user vmlinux -name '*.[ch]') user/line/schema.json Makefile \
	scripts/hardening.mk scripts/describe scripts/version
UPGRADE_layout := s/^\#define SIGNAL_SLOTS 3$$/\#define SIGNAL_SLOTS 4/
UPGRADE_wire := s/^\#define KT_WIRE_VERSION 1$$/\#define KT_WIRE_VERSION 2/

# The build fails if the change was not applied.
$(BUILD)/upgrade/%/killtrace: $(UPGRADE_FILES) $(BUILD)/killtrace
	@rm -rf $(@D)/src && mkdir -p $(@D)/src/scripts
	$(Q)cp -r bpf user vmlinux Makefile $(@D)/src
	$(Q)cp scripts/hardening.mk scripts/describe scripts/version $(@D)/src/scripts
	$(Q)sed -i '$(UPGRADE_$*)' $(@D)/src/bpf/event.h $(@D)/src/bpf/evidence.bpf.h
	@! diff -qr bpf $(@D)/src/bpf >/dev/null
	$(Q)$(MAKE) -s --no-print-directory -C $(@D)/src BUILD=build all
	$(Q)cp $(@D)/src/build/killtrace $@
