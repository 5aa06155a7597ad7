# SPDX-License-Identifier: BSD-2-Clause
"""A receiver of HTTP requests on this machine that answers as a test wants it to."""

import http.server
import ssl
import subprocess
import sys
import threading


class Answer:
    """One answer: a status, headers and a body, after a delay."""

    def __init__(self, status=200, body=b"{}", headers=(), after=0.0):
        self.status, self.body, self.headers, self.after = status, body, dict(headers), after


class Receiver:
    """Has a port of its own from the start; accepts requests while it is `up`.

    A subclass answers them in `handle(handler)`.
    """

    client_errors = (BrokenPipeError, ConnectionResetError)

    def __init__(self, *, certificate=None, port=0):
        self.certificate, self.port = certificate, port
        self.plan = []  # answers to the next requests; later ones are dealt with
        self.seen = []  # one tuple for each request
        self.broken = []  # errors of the receiver itself
        self.lock = threading.Lock()
        self.server = None

    def __enter__(self):
        self.up()
        return self

    def __exit__(self, *_):
        self.down()

    def up(self):
        """Begins to listen, on the same port as before."""
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            """Passes each request on."""

            protocol_version = "HTTP/1.1"

            def do_POST(self):
                """A new thing."""
                receiver.handle(self)

            def do_PATCH(self):
                """A change of one."""
                receiver.handle(self)

            def log_message(self, format, *args):
                """Logs nothing."""

        class Server(http.server.ThreadingHTTPServer):
            """A server whose threads end with it."""

            daemon_threads = True
            allow_reuse_address = True

            def handle_error(self, request, client_address):
                """Ignores a client that went away; records any other error, since it resets the
                connection.
                """
                error = sys.exc_info()[1]
                if not isinstance(error, receiver.client_errors):
                    receiver.broken.append(repr(error))

        self.server = Server(("127.0.0.1", self.port), Handler)
        self.port = self.server.server_address[1]
        if self.certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*self.certificate)
            self.server.socket = context.wrap_socket(
                self.server.socket, server_side=True, do_handshake_on_connect=False
            )
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def down(self):
        """Stops: connections are refused."""
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    @staticmethod
    def send(handler, answer, status):
        """Answers a request."""
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(answer.body)))
        for name, value in answer.headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(answer.body)


def make_authority(directory):
    """Makes a certificate authority and a certificate for 127.0.0.1: (authority, (certificate,
    key)).
    """

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=directory, check=True, capture_output=True)

    (directory / "ext").write_text("subjectAltName=IP:127.0.0.1\n")
    new = ["req", "-newkey", "rsa:2048", "-nodes", "-subj"]
    openssl(*new, "/CN=authority", "-x509", "-days", "2", "-keyout", "ca.key", "-out", "ca.pem")
    openssl(*new, "/CN=collector", "-keyout", "server.key", "-out", "server.csr")
    by_authority = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "ext"]
    openssl("x509", "-req", "-in", "server.csr", *by_authority, "-days", "2", "-out", "server.pem")
    return directory / "ca.pem", (directory / "server.pem", directory / "server.key")
