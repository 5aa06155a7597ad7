# SPDX-License-Identifier: BSD-2-Clause
# A Kubernetes cluster on this machine. Included by the top Makefile.

# A static busybox, as scripts/setup installs it: the image has no libraries of this machine.
BUSYBOX ?= /bin/busybox

$(BUILD)/victims-image.tar: tests/kubernetes/victims/Containerfile scripts/image $(BUILD)/zoo-static
	$(Q)scripts/image $< localhost/victims:latest $(VERSION) $@ $(BUSYBOX) $(BUILD)/zoo-static

.PHONY: test-kubernetes
## test-kubernetes: run the DaemonSet in a real cluster (as root); NODES=2 adds a node with systemd
test-kubernetes: image $(BUILD)/victims-image.tar
	$(Q)tests/kubernetes/binaries >/dev/null
	$(Q)scripts/debian-root tests/kubernetes/node-packages >/dev/null
	$(Q)[ '$(NODES)' != 2 ] || scripts/vm/disk tests/kubernetes/guest-packages >/dev/null
	$(Q)NODES='$(NODES)' scripts/run-tests kubernetes
