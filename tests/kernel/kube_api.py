# SPDX-License-Identifier: BSD-2-Clause
"""The part of Kubernetes' API server that takes Events, which answers as a test wants it to.

It keeps Events as the real one does, and refuses what that one refuses: names, namespaces and
messages by its rules (tests/kubernetes uses the real one).
"""

import json
import re
import ssl
import time

from http_receiver import Answer, Receiver

SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
PATH = re.compile(r"/api/v1/namespaces/([a-z0-9-]{1,63})/events(?:/([a-z0-9.-]{1,253}))?")


def status_of(code, reason, message="", **details):
    """The body of a failure."""
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "code": code,
        "reason": reason,
        "message": message,
        "details": details,
    }


class Refusal(Exception):
    """A failure, as the API server words it."""

    def __init__(self, code, reason, message="", **details):
        super().__init__(message or reason)
        self.code, self.body = code, status_of(code, reason, message, **details)


class ApiServer(Receiver):
    """Has an account's folder for the agent. Time, method, path, status and body of each request
    are in `seen`.
    """

    client_errors = (*Receiver.client_errors, ssl.SSLError)

    def __init__(self, directory, made):
        self.account = directory / "account"
        self.account.mkdir()
        authority, certificate = made  # by make_authority()
        super().__init__(certificate=certificate)
        (self.account / "ca.crt").write_bytes(authority.read_bytes())
        self.tokens = ["first-token"]  # that are accepted
        self.write_token("first-token")
        self.loses = 0  # so many answers are lost, after the request was dealt with
        self.namespaces = {"shop", "default"}
        self.terminating = set()
        self.events = {}  # by namespace and name
        self.authorizations = []

    def write_token(self, token):
        """Replaces the token as the kubelet does it: the file is a link to a link to a folder."""
        folder = self.account / f"..{time.monotonic_ns()}"
        folder.mkdir()
        (folder / "token").write_text(token)
        new = self.account / "..new"
        new.symlink_to(folder.name)
        new.rename(self.account / "..data")
        if not (self.account / "token").is_symlink():
            (self.account / "token").symlink_to("..data/token")

    @property
    def arguments(self):
        """Arguments of the agent."""
        return ["--kubernetes-events", "--kubernetes-account", str(self.account)]

    @property
    def prefix(self):
        """A prefix of the agent's command: its environment."""
        host = "KUBERNETES_SERVICE_HOST=127.0.0.1"
        return ["env", host, f"KUBERNETES_SERVICE_PORT={self.port}"]

    def check_new(self, namespace, event):
        """The rules of the real one about an Event without an eventTime."""
        meta, about = event["metadata"], event["involvedObject"]
        wrong = []
        if not SUBDOMAIN.fullmatch(meta["name"]) or len(meta["name"]) > 253:
            wrong.append("name")
        if meta["namespace"] != namespace or about.get("namespace", "default") != namespace:
            wrong.append("namespace")
        if len(event["message"].encode()) > 1024 or event["type"] not in ("Normal", "Warning"):
            wrong.append("message or type")
        if wrong:
            self.broken.append((wrong, event))
            raise Refusal(422, "Invalid", f"invalid: {wrong}")

    def take(self, method, path, kind, body):
        """Works out the answer: a status and a body."""
        namespace, name = PATH.fullmatch(path).groups()
        if namespace not in self.namespaces:
            raise Refusal(404, "NotFound", f'namespaces "{namespace}" not found')
        if method == "POST":
            if namespace in self.terminating:
                message = f"unable to create new content in namespace {namespace}"
                message += " because it is being terminated"
                cause = {"reason": "NamespaceTerminating", "message": message}
                raise Refusal(403, "Forbidden", message, causes=[cause])
            assert kind == "application/json" and name is None
            self.check_new(namespace, body)
            key = (namespace, body["metadata"]["name"])
            if key in self.events:
                raise Refusal(409, "AlreadyExists", f'events "{key[1]}" already exists')
            self.events[key] = body
            return 201, body
        assert kind == "application/merge-patch+json"
        if (namespace, name) not in self.events:
            raise Refusal(404, "NotFound", f'events "{name}" not found')
        self.events[namespace, name].update(body)
        return 200, self.events[namespace, name]

    def answer_to(self, handler):
        """The answer, by the plan or by the rules."""
        size = int(handler.headers["Content-Length"])
        body = json.loads(handler.rfile.read(size))
        authorization = handler.headers.get_all("Authorization")
        with self.lock:
            self.authorizations.append(authorization)
            if self.plan:
                return self.plan.pop(0), body
            try:
                if authorization not in [[f"Bearer {token}"] for token in self.tokens]:
                    raise Refusal(401, "Unauthorized")
                status, result = self.take(
                    handler.command, handler.path, handler.headers["Content-Type"], body
                )
            except Refusal as refusal:
                status, result = refusal.code, refusal.body
            if self.loses:
                self.loses -= 1
                return Answer(502), body
            return Answer(status, body=json.dumps(result).encode()), body

    def handle(self, handler):
        """Answers a request."""
        answer, body = self.answer_to(handler)
        if answer.after:
            time.sleep(answer.after)
        with self.lock:
            self.seen.append((time.monotonic(), handler.command, handler.path, answer.status, body))
        self.send(handler, answer, answer.status)

    def statuses(self):
        """The statuses of all answers."""
        return [status for _, _, _, status, _ in list(self.seen)]

    def listed(self):
        """All Events, oldest first."""
        with self.lock:
            return [dict(event) for event in self.events.values()]

    def total(self):
        """How many deaths they stand for."""
        return sum(event["count"] for event in self.listed())
