# SPDX-License-Identifier: BSD-2-Clause
"""Logs of the DaemonSet's pods."""

import json


class Log:
    """A pod's log on the first node. Its file is opened while the pod runs, so that the last lines
    can be read when the pod and its file are gone.
    """

    def __init__(self, cluster, pod):
        namespace, name, uid = (pod["metadata"][key] for key in ("namespace", "name", "uid"))
        container = pod["spec"]["containers"][0]["name"]
        folder = f"{namespace}_{name}_{uid}"
        self.file = cluster.path(f"/var/log/pods/{folder}/{container}/0.log").open()
        self.text = ""

    def read(self):
        """Reads new data."""
        self.text += self.file.read()

    def lines(self, stream):
        """The complete lines of stdout or stderr, as they were read."""
        joined, rest = [], ""
        for line in self.text.splitlines():
            _time, source, tag, part = line.split(" ", 3)
            if source != stream:
                continue
            # "P": a part of a long line
            rest += part
            if tag != "P":
                joined.append(rest)
                rest = ""
        return joined

    def events(self):
        """The logged events."""
        return [json.loads(line) for line in self.lines("stdout")]


class FarLog(Log):
    """A pod's log on another node, from the API server: both streams together."""

    def __init__(self, cluster, pod):
        self.ask = cluster, ("--namespace", pod["metadata"]["namespace"], pod["metadata"]["name"])
        self.text = ""

    def read(self):
        cluster, pod = self.ask
        self.text = cluster.answer("logs", *pod) or self.text

    def lines(self, stream):
        return [
            line for line in self.text.splitlines() if line.startswith("{") == (stream == "stdout")
        ]
