# SPDX-License-Identifier: BSD-2-Clause
"""Container runtimes behind one interface, each with its own commands."""

import json
from pathlib import Path

import runtimes_image
import runtimes_world as worlds

LIMIT = 32 << 20
# Every container waits for this file, so that it can be looked at before it dies.
GATE = "until [ -e /gate-{name} ]; do sleep 0.1; done; exec {command}"


class Runtime:
    """What all runtimes share. Container names are unique among the test runs on this machine."""

    name = ""  # the runtime's name in events
    unified = True  # whether it may see the v2 tree of a hybrid layout
    hand = "runc"  # the sender of the signal when the runtime is told to kill

    def __init__(self, world, cgroups, layer):
        self.world = world
        self.cgroups = cgroups
        self.layer = layer
        self.units = {}
        self.begin()

    def begin(self):
        """Starts the daemons, and loads the image."""

    def unit(self):
        """The unit of the process that sends its signals: here, the caller's."""
        return f"{self.cgroups.name}-{self.name}.service"

    def joins(self, unit):
        """Returns a function that puts a process into that unit's cgroup, as systemd would."""
        if unit not in self.units:
            self.units[unit] = self.cgroups.make(f"/system.slice/{unit}")
        return self.units[unit]

    def launch(self, name, command, **how):
        """Starts a container that waits at its gate; returns its first process's pid on the
        machine.
        """
        self.cgroups.ours(name)
        self.create(name, ["sh", "-c", GATE.format(name=name, command=command)], **how)
        inside = worlds.poll(lambda: self.inside_pid(name), f"running: {name}")
        pid = worlds.poll(lambda: self.world.outside_pid(inside), f"found: {name}")
        comm = Path(f"/proc/{pid}/comm")
        worlds.poll(lambda: comm.read_text() == "sh\n", f"at its gate: {name}")
        self.cgroups.ours(self.facts(name)["id"])
        return pid

    @staticmethod
    def open_gate(name, pid):
        """Lets a container continue to its end."""
        Path(f"/proc/{pid}/root/gate-{name}").touch()

    def create(self, name, argv):
        """Starts a container with a memory limit; may return its id."""
        raise NotImplementedError

    def inside_pid(self, name):
        """The pid of its first process, according to the runtime; 0 or None if there
        is none yet.
        """
        raise NotImplementedError

    def facts(self, name):
        """Its id, name and image according to the runtime, without those that it does not have."""
        raise NotImplementedError

    def kill(self, name):
        """Tells the runtime to kill it."""
        raise NotImplementedError

    def status(self, name):
        """Waits for its end, and returns the exit status that the runtime saw, if there is one."""
        raise NotImplementedError

    def remove(self, name):
        """Removes what is left of it."""
        raise NotImplementedError


class Runc(Runtime):
    """runc, alone: a bundle, and a control group that the caller chooses."""

    name = "runc"

    def begin(self):
        self.running = {}
        self.bundle = f"root/{self.name}"
        (Path(self.world.path) / self.bundle / "rootfs").mkdir(parents=True)
        self.world.write(f"{self.bundle}/layer.tar", self.layer)
        self.world.run("tar", "-C", f"{self.bundle}/rootfs", "-xf", f"{self.bundle}/layer.tar")

    def cgroup(self, name):
        """The path of its cgroup."""
        return f"/{self.cgroups.name}/{name}"

    def configuration(self, name, argv):
        """The runtime's default configuration with the changes for the test."""
        bundle = f"{self.bundle}-{name}"
        self.world.run("mkdir", bundle)
        self.world.run("sh", "-c", f"cd {bundle} && {self.name} spec")
        said = json.loads((Path(self.world.path) / bundle / "config.json").read_text())
        said["process"].update(args=argv, terminal=False, env=["PATH=/bin"])
        said["root"] = {"path": f"/{self.bundle}/rootfs", "readonly": False}
        # Not every kernel has the hierarchies of a hybrid layout that it mounts.
        said["mounts"] = [mount for mount in said["mounts"] if mount["type"] != "cgroup"]
        said["linux"]["cgroupsPath"] = self.cgroup(name)
        said["linux"].setdefault("resources", {})["memory"] = {"limit": LIMIT}
        self.world.write(f"{bundle}/config.json", json.dumps(said).encode())
        return f"/{bundle}"

    def create(self, name, argv, keep=True):
        # As when started in the background: otherwise it is forgotten when it dies.
        options = ["--keep"] if keep else []
        command = [self.name, "run", *options, "--bundle", self.configuration(name, argv), name]
        self.running[name] = self.world.start(*command)

    def inside_pid(self, name):
        said = self.world.try_run(self.name, "state", name)
        return said and json.loads(said)["pid"]

    def facts(self, name):
        return {"id": json.loads(self.world.run(self.name, "state", name))["id"]}

    def kill(self, name):
        self.world.run(self.name, "kill", name, "KILL", joins=self.joins(self.unit()))

    def status(self, name):
        return self.running[name].wait(worlds.PATIENCE)

    def remove(self, name):
        self.world.try_run(self.name, "delete", "-f", name)


class Crun(Runc):
    """crun, alone."""

    name = "crun"
    hand = "crun"
    unified = False  # it takes a hybrid layout for v2

    def create(self, name, argv, keep=True):
        options = ["--detach"] if keep else []
        command = [self.name, "run", *options, "--bundle", self.configuration(name, argv), name]
        self.running[name] = self.world.start(*command)

    def status(self, name):
        # About a container in the background it only knows that it has stopped.
        said = ["crun", "state", name]
        worlds.poll(lambda: json.loads(self.world.run(*said))["status"] == "stopped", "stopped")


class Containerd(Runtime):
    """containerd and its client ctr."""

    name = "containerd"

    def namespace(self):
        """The client's default namespace."""
        return "default"

    def ctr(self, *words):
        """A command line of the client."""
        return ["ctr", "--namespace", self.namespace(), *words]

    def begin(self):
        self.running = {}
        self.start_daemon()
        archive = runtimes_image.archive(self.layer)
        self.world.write("root/containerd.tar", archive)
        self.world.run(*self.ctr("image", "import", "/root/containerd.tar"))

    def start_daemon(self):
        """Starts containerd; Docker uses the same one."""
        socket = Path(f"{self.world.path}/run/containerd/containerd.sock")
        if not socket.exists():
            # There is no kubelet.
            text = 'version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n'
            self.world.write("etc/containerd/config.toml", text.encode())
            self.world.start("containerd", joins=self.joins(self.unit()))
            worlds.poll(socket.exists, "ready: containerd")

    def unit(self):
        """Its own unit: the shims that it starts stay there."""
        return f"{self.cgroups.name}-containerd.service"

    def create(self, name, argv):
        command = self.ctr("run", "--memory-limit", str(LIMIT), runtimes_image.NAME, name, *argv)
        self.running[name] = self.world.start(*command)

    def inside_pid(self, name):
        for line in self.world.run(*self.ctr("task", "ls")).splitlines():
            words = line.split()
            if words[0] == name and words[2] == "RUNNING":
                return int(words[1])
        return None

    def facts(self, name):
        said = json.loads(self.world.run(*self.ctr("container", "info", name)))
        return {"id": said["ID"], "image": said["Image"]}

    def kill(self, name):
        self.world.run(*self.ctr("task", "kill", "-s", "SIGKILL", name))

    def status(self, name):
        return self.running[name].wait(worlds.PATIENCE)

    def remove(self, name):
        self.world.try_run(*self.ctr("task", "rm", "-f", name))
        self.world.try_run(*self.ctr("container", "rm", name))


class ContainerdNamespace(Containerd):
    """containerd with a namespace that killtrace does not know."""

    def namespace(self):
        return self.cgroups.name


class Docker(Containerd):
    """dockerd and docker, over containerd."""

    name = "docker"
    client = "docker"

    def begin(self):
        self.start_daemon()
        self.start_dockerd()
        self.load_image()

    def start_dockerd(self):
        """Starts dockerd without any change to the network."""
        command = ["dockerd", "--containerd", "/run/containerd/containerd.sock", "--bridge=none"]
        command += ["--iptables=false", "--ip6tables=false", "--ip-forward=false"]
        self.world.start(*command, joins=self.joins(f"{self.cgroups.name}-dockerd.service"))
        worlds.poll(lambda: self.world.try_run("docker", "info"), "ready: dockerd")

    def load_image(self):
        """Loads the archive that all runtimes accept."""
        archive = runtimes_image.archive(self.layer)
        self.world.write(f"root/{self.client}.tar", archive)
        self.world.run(self.client, "load", "-i", f"/root/{self.client}.tar")

    def options(self, remove, pod):
        """Options of a run."""
        found = ["--memory", str(LIMIT)]
        found += ["--pod", pod] if pod else ["--network", "none"]
        return [*found, "--rm"] if remove else found

    def create(self, name, argv, remove=False, pod=None):
        command = [self.client, "run", "-d", "--name", name, *self.options(remove, pod)]
        return self.world.run(*command, runtimes_image.NAME, *argv)

    def inspect(self, name):
        """Everything that it knows about a container."""
        return json.loads(self.world.run(self.client, "inspect", name))[0]

    def inside_pid(self, name):
        return self.inspect(name)["State"]["Pid"]

    def facts(self, name):
        said = self.inspect(name)
        name, image = said["Name"].removeprefix("/"), said["Config"]["Image"]
        return {"id": said["Id"], "name": name, "image": image}

    def kill(self, name):
        self.world.run(self.client, "kill", name)

    def status(self, name):
        return int(self.world.run(self.client, "wait", name))

    def remove(self, name):
        self.world.try_run(self.client, "rm", "-f", name)


class Podman(Docker):
    """podman, which calls crun and has no daemon: its signals come from its caller's unit."""

    name = "podman"
    client = "podman"
    hand = "crun"
    unified = False  # because of crun

    def begin(self):
        self.load_image()

    def unit(self):
        return Runtime.unit(self)

    def options(self, remove, pod):
        # Its default limits may exceed those of this machine's root.
        limits = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1000:1000"]
        return super().options(remove, pod) + limits

    def facts(self, name):
        said = self.inspect(name)
        return {"id": said["Id"], "name": said["Name"], "image": said["ImageName"]}

    def kill(self, name):
        self.world.run("podman", "kill", name, joins=self.joins(self.unit()))

    def make_pod(self, name):
        """Makes a pod; returns its id."""
        return self.world.run("podman", "pod", "create", "--name", name, "--network", "none")

    def remove_pod(self, name):
        """Removes a pod with all its containers."""
        self.world.try_run("podman", "pod", "rm", "-f", "-t", "0", name)


ALL = (Runc, Crun, Containerd, Docker, Podman)
