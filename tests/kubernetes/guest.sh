#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The second node: a virtual machine with systemd and cgroup v2, where kubelet lets systemd manage
# the control groups of pods. The control plane is on the first node, at 10.0.2.2. Runs until it is
# ended.
set -e

address=10.99.0.2
say() {
	echo "$(cut -d' ' -f1 /proc/uptime) s: $*"
}

tar -x -C / -f /usr/bin/node.tar
mkdir /etc/kubernetes/manifests
# The API server calls kubelet at this address, which is forwarded to the machine.
ip address add $address/32 dev lo
ip link set eth0 up
ip address add 10.0.2.15/24 dev eth0
ip route add default via 10.0.2.2

cat >>/etc/containerd/config.toml <<-END
	[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
	  runtime_type = "io.containerd.runc.v2"
	  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
	    SystemdCgroup = true
END
sed -i 's/^cgroupDriver: .*/cgroupDriver: systemd/; s/^address: .*/address: 0.0.0.0/' /etc/kubernetes/kubelet.yaml
sed -i 's/10\.98\.0\./10.98.1./' /etc/cni/net.d/*
say "starting containerd"
systemctl restart containerd
until [ -S /run/containerd/containerd.sock ]; do sleep 0.2; done
for image in /images/*; do
	ctr -n k8s.io images import --snapshotter overlayfs "$image"
done
say "starting kubelet"
systemd-run --unit=kubelet kubelet --config=/etc/kubernetes/kubelet.yaml \
	--kubeconfig=/etc/kubernetes/kubeconfig --container-runtime=remote \
	--container-runtime-endpoint=unix:///run/containerd/containerd.sock \
	--hostname-override=node-2 --node-ip=$address
while systemctl --quiet is-active kubelet containerd; do sleep 1; done
systemctl --no-pager status kubelet containerd
