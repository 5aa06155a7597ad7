# SPDX-License-Identifier: BSD-2-Clause
"""Served by gunicorn and uWSGI: the path chooses what happens. Other paths return the pid."""

import ctypes
import itertools
import os
import time


def fail():
    """A handler with a bug."""
    raise ValueError("an error of the application")


DOINGS = {
    "/crash": lambda: ctypes.string_at(8),
    "/abort": os.abort,
    "/fail": fail,
    "/exit": lambda: os._exit(1),
    "/sleep": lambda: time.sleep(600),
    # No Python handler runs before it ends.
    "/stuck": lambda: sum(itertools.repeat(1)),
    "/eat": lambda: [bytearray(1 << 20) for _ in range(1 << 12)],
}


def application(environ, start_response):
    """A WSGI application."""
    DOINGS.get(environ["PATH_INFO"], int)()
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(os.getpid()).encode()]
