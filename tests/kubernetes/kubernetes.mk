# SPDX-License-Identifier: BSD-2-Clause
# A Kubernetes cluster on this machine. Included by the top Makefile.

# Busybox as scripts/setup installed it: the image must not need this machine's libraries.
BUSYBOX ?= /bin/busybox

$(BUILD)/victims-image.tar: tests/kubernetes/victims/Containerfile scripts/image $(BUILD)/zoo-static
	$(Q)scripts/image $< localhost/victims:latest $(VERSION) $@ $(BUSYBOX) $(BUILD)/zoo-static

.PHONY: test-kubernetes
## test-kubernetes: pods of a real cluster, told by the DaemonSet (as root); NODES=2 adds one with systemd
test-kubernetes: image $(BUILD)/victims-image.tar
	$(Q)tests/kubernetes/binaries >/dev/null
	$(Q)scripts/debian-root tests/kubernetes/node-packages >/dev/null
	$(Q)[ '$(NODES)' != 2 ] || scripts/vm/disk tests/kubernetes/guest-packages >/dev/null
	$(Q)NODES='$(NODES)' scripts/run-tests kubernetes
