# SPDX-License-Identifier: BSD-2-Clause
# The kubectl plugin as an archive and a manifest for krew. Included by the top Makefile.

KREW := $(BUILD)/krew/kubectl-killtrace.tar.gz
# where a release has the archive
KREW_URI ?= file://$(CURDIR)/$(KREW)

.PHONY: krew
## krew: pack the kubectl plugin for krew, as an archive and a manifest in build/krew
krew:
	@mkdir -p $(BUILD)/krew
	$(Q)tar -c --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --mode=a+rX,u+w,go-w \
		-C $(CURDIR)/deploy/kubectl kubectl-killtrace -C $(CURDIR) LICENSE | gzip -9n > $(KREW)
	$(Q)sed -e 's|@VERSION@|$(shell cat scripts/version)|' -e 's|@URI@|$(KREW_URI)|' \
		-e "s|@SHA256@|$$(sha256sum $(KREW) | cut -d' ' -f1)|" deploy/kubectl/krew.yaml.in \
		> $(BUILD)/krew/killtrace.yaml
