# SPDX-License-Identifier: BSD-2-Clause
"""Servers: how each is started, and its cases."""

import os
import signal
import struct

from programs import comm_of, is_gone, poll
from programs_verdicts import ABORT, NULL, OOM, RUNTIME, SEGFAULT, sent, with_fault

MIB = 1 << 20


def redis(case, *options, **more):
    """Starts a server that accepts requests."""
    port = ["--port", "0", "--unixsocket", f"{case.directory}/redis.sock"]
    own = ["--dir", case.directory, "--enable-debug-command", "yes", "--save", ""]
    server = case.start("redis-server", *port, *own, *options, **more)
    server.says("ready to accept connections")
    return server


def ask(case, *requests):
    """Redis's answers. A child forked meanwhile holds the connection open as well."""
    lines = "".join(f"{line}\r\n" for line in (*requests, "ECHO done"))
    return case.say("redis.sock", lines.encode(), until=b"done\r\n")


def redis_debug_segfault(case):
    """Its handler writes a report, then raises the signal again."""
    server = redis(case)
    ask(case, "DEBUG SEGFAULT")
    assert server.wait() == -signal.SIGSEGV
    assert server.said("crashed by signal: 11")
    return {server.pid: with_fault(SEGFAULT, kind="write-to-read-only", handled=True)}


def redis_sent_segv(case):
    """Its handler catches a signal from another process."""
    server = redis(case)
    assert server.end(signal.SIGSEGV) == -signal.SIGSEGV
    return {server.pid: sent(11)}


def redis_killed(case):
    """Killed by another process."""
    server = redis(case)
    assert server.end(signal.SIGKILL) == -signal.SIGKILL
    return {server.pid: sent(9)}


def redis_out_of_memory(case):
    """Killed at a memory limit."""
    server = redis(case, limit=24 * MIB)
    ask(case, "DEBUG POPULATE 1000000 key 100")
    assert server.wait() == -signal.SIGKILL
    return {server.pid: OOM}


def redis_child_killed(case):
    """The child that saves the data is killed; the server lives on."""
    server = redis(case, "--rdb-key-save-delay", "100000")
    ask(case, "DEBUG POPULATE 1000", "BGSAVE")
    (child,) = server.children()
    os.kill(child, signal.SIGKILL)
    server.says("Background saving terminated by signal 9")
    assert server.end() == 0
    return {child: sent(9)}


def redis_ordinary(case):
    """One child finishes saving, and the server stops another; then an orderly stop."""
    server = redis(case, "--rdb-key-save-delay", "1000")
    ask(case, "DEBUG POPULATE 100", "BGSAVE")
    server.says("Background saving terminated with success")
    ask(case, "CONFIG SET rdb-key-save-delay 100000", "BGSAVE")
    server.children()
    ask(case, "FLUSHALL")
    server.says("Background saving terminated by signal|Background saving error|killed")
    assert server.end() == 0
    return {}


def redis_error(case):
    """A file that is missing."""
    assert case.start("redis-server", "/missing.conf").wait() == 1
    return {}


def get(case, name, path):
    """Sends a request to an HTTP server; returns the last part of the answer."""
    return case.say(name, f"GET {path} HTTP/1.0\r\n\r\n".encode()).rpartition(b"\r\n\r\n")[2]


def stop(case, server, number=signal.SIGTERM):
    """A new worker is asked first: while it starts it would miss the signal, and be killed."""
    get(case, "http.sock", "/")
    assert server.end(number) == 0


def gunicorn(case, *options, **more):
    """Starts an arbiter and a worker; returns the worker's pid, too."""
    own = ["--bind", f"unix:{case.directory}/http.sock", "--chdir", "/opt", *options]
    server = case.start("gunicorn", *own, "app", **more)
    server.says("Booting worker")
    return server, int(get(case, "http.sock", "/"))


def arbiter_saw(server, worker, number):
    """Waits for the report that a signal ended a worker; its words depend on the release."""
    words = rf"with pid {worker} was terminated due to signal {number.value}\b"
    server.says(rf"{words}|\(pid:{worker}\) was sent {number.name}")


def gunicorn_crash(case):
    """A native library crashes in a worker."""
    server, worker = gunicorn(case)
    get(case, "http.sock", "/crash")
    arbiter_saw(server, worker, signal.SIGSEGV)
    stop(case, server)
    return {worker: with_fault(SEGFAULT, **NULL, address="0x8", module="libc.so.6")}


def gunicorn_abort(case):
    """A worker aborts."""
    server, worker = gunicorn(case)
    get(case, "http.sock", "/abort")
    arbiter_saw(server, worker, signal.SIGABRT)
    stop(case, server)
    return {worker: ABORT}


def gunicorn_timeout(case):
    """The arbiter aborts a slow worker. This exits in its handler, unless it is killed before."""
    server, worker = gunicorn(case, "--timeout", "1")
    get(case, "http.sock", "/sleep")
    server.says(rf"WORKER TIMEOUT \(pid:{worker}\)")
    server.says("Booting worker(.|\n)*Booting worker")
    killed = server.said(
        rf"{worker} was terminated due to signal 9|\(pid:{worker}\) was sent SIGKILL"
    )
    stop(case, server)
    if killed:
        return {worker: sent(9, server.pid, "gunicorn")}
    return {worker: sent(6, server.pid, "gunicorn", {"status": 1}, "signal-exit")}


def gunicorn_timeout_kill(case):
    """A worker that does not react is killed in the end."""
    server, worker = gunicorn(case, "--timeout", "1")
    get(case, "http.sock", "/stuck")
    server.says(rf"WORKER TIMEOUT \(pid:{worker}\)")
    arbiter_saw(server, worker, signal.SIGKILL)
    stop(case, server)
    return {worker: {**sent(9, server.pid, "gunicorn"), "prior": {"number": 6, "handled": True}}}


def gunicorn_killed(case):
    """A worker, killed by another process."""
    server, worker = gunicorn(case)
    os.kill(worker, signal.SIGKILL)
    arbiter_saw(server, worker, signal.SIGKILL)
    stop(case, server)
    return {worker: sent(9)}


def gunicorn_out_of_memory(case):
    """A worker, killed at a memory limit."""
    server, worker = gunicorn(case, limit=96 * MIB)
    get(case, "http.sock", "/eat")
    arbiter_saw(server, worker, signal.SIGKILL)
    stop(case, server)
    return {worker: OOM}


def gunicorn_ordinary(case):
    """The worker is replaced, a handler has a bug, and the server stops in order."""
    server, worker = gunicorn(case)
    get(case, "http.sock", "/fail")
    server.send(signal.SIGHUP)
    poll(lambda: is_gone(worker), "reloaded")
    assert int(get(case, "http.sock", "/")) != worker
    assert server.end() == 0
    return {}


def gunicorn_error(case):
    """No worker can boot."""
    bind = f"unix:{case.directory}/http.sock"
    assert case.start("gunicorn", "--bind", bind, "missing").wait() == 3
    return {}


def uwsgi(case, *options, **more):
    """Starts a master and a worker; returns the worker's pid, too."""
    own = ["--plugin", "python3", "--http-socket", f"{case.directory}/http.sock", "--master"]
    app = ["--chdir", "/opt", "--module", "app", "--need-app"]
    server = case.start("uwsgi", *own, *app, *options, **more)
    server.says("spawned uWSGI worker 1")
    return server, int(get(case, "http.sock", "/"))


def uwsgi_crash(case):
    """A native library crashes in a worker; its handler reports where, and exits."""
    server, worker = uwsgi(case)
    get(case, "http.sock", "/crash")
    server.says(rf"process {worker} got Segmentation Fault")
    server.says(rf"pid: {worker}\) died")
    stop(case, server, signal.SIGINT)
    return {worker: with_fault(RUNTIME, **NULL, address="0x8", module="libc.so.6", handled=True)}


def uwsgi_harakiri(case):
    """A slow worker is killed by its master."""
    server, worker = uwsgi(case, "--harakiri", "1")
    get(case, "http.sock", "/sleep")
    server.says("HARAKIRI ON WORKER 1")
    server.says(rf"pid: {worker}\) died, killed by signal 9")
    stop(case, server, signal.SIGINT)
    return {worker: sent(9, server.pid, "uwsgi")}


def uwsgi_killed(case):
    """A worker, killed by another process."""
    server, worker = uwsgi(case)
    os.kill(worker, signal.SIGKILL)
    server.says(rf"pid: {worker}\) died, killed by signal 9")
    stop(case, server, signal.SIGINT)
    return {worker: sent(9)}


def uwsgi_out_of_memory(case):
    """A worker, killed at a memory limit."""
    server, worker = uwsgi(case, limit=96 * MIB)
    get(case, "http.sock", "/eat")
    server.says(rf"pid: {worker}\) died, killed by signal 9")
    stop(case, server, signal.SIGINT)
    return {worker: OOM}


def uwsgi_ordinary(case):
    """A worker exits, another one is reloaded, and the server stops in order."""
    server, worker = uwsgi(case)
    get(case, "http.sock", "/exit")
    server.says(rf"pid: {worker}\) died|worker 1 \(pid: {worker}\)")
    worker = int(get(case, "http.sock", "/"))
    server.send(signal.SIGHUP)
    poll(lambda: is_gone(worker), "reloaded")
    assert int(get(case, "http.sock", "/")) != worker
    assert server.end(signal.SIGINT) == 0
    return {}


def uwsgi_error(case):
    """No application."""
    own = ["--plugin", "python3", "--http-socket", f"{case.directory}/http.sock", "--master"]
    assert case.start("uwsgi", *own, "--module", "missing", "--need-app").wait() == 22
    return {}


def postgres_bin(case, name):
    """A program of the installed release."""
    (found,) = case.world.path("/usr/lib/postgresql").glob(f"*/bin/{name}")
    return "/usr/lib/postgresql/" + "/".join(found.parts[-3:])


def postgres(case, **more):
    """Starts a postmaster with the cluster that the package has made."""
    release = postgres_bin(case, "postgres").split("/")[4]
    cluster = f"{release}/main"
    options = [
        "ssl=off",
        "listen_addresses=",
        f"unix_socket_directories={case.directory}",
        "fsync=off",
    ]
    options += [f"config_file=/etc/postgresql/{cluster}/postgresql.conf", "log_min_messages=info"]
    argv = [part for option in options for part in ("-c", option)]
    server = case.start(
        postgres_bin(case, "postgres"),
        "-D",
        f"/var/lib/postgresql/{cluster}",
        *argv,
        user="postgres",
        **more,
    )
    server.says("ready to accept connections")
    return server


def psql(case, *commands):
    """Starts a client with these commands."""
    argv = [part for command in commands for part in ("-c", command)]
    return case.start("psql", "-qAtX", "-h", case.directory, *argv, user="postgres")


def session(case, *commands):
    """Starts a client that waits for go() before its commands; returns its backend's pid, too."""
    wait = f"\\! while ! [ -e {case.directory}/go ]; do sleep 0.05; done"
    client = psql(case, "select 'backend', pg_backend_pid()", wait, *commands)
    return client, int(client.says(r"backend\|(\d+)")[1])


def go(case):
    """Lets the sessions continue."""
    case.write("go", "")


def recovered(server, words):
    """Waits until the postmaster reports the end, and accepts connections again."""
    server.says(f"{words}(.|\n)*ready to accept connections")


def postgres_crash(case):
    """An extension crashes: the postmaster ends all other backends, and restarts them."""
    server = postgres(case)
    idle, _ = session(case, "select 1")
    client, backend = session(case, "load '/opt/libktload.so'")
    go(case)
    recovered(server, rf"\(PID {backend}\) was terminated by signal 11")
    assert client.wait() and idle.wait() >= 0
    assert server.end(signal.SIGINT) == 0
    return {backend: with_fault(SEGFAULT, **NULL, address="0x8", module="libktload.so")}


def postgres_stuck_sibling(case):
    """After a crash a backend does not react to its postmaster's SIGQUIT: it gets SIGKILL 5 s
    later.
    """
    server = postgres(case)
    _, stuck = session(case)
    _, backend = session(case)
    os.kill(stuck, signal.SIGSTOP)
    os.kill(backend, signal.SIGSEGV)
    go(case)
    recovered(server, rf"\(PID {backend}\) was terminated by signal 11")
    assert server.end(signal.SIGINT) == 0
    return {backend: sent(11), stuck: sent(9, server.pid, "postgres")}


def postgres_killed(case):
    """A backend, killed by another process."""
    server = postgres(case)
    client, backend = session(case)
    os.kill(backend, signal.SIGKILL)
    go(case)
    recovered(server, rf"\(PID {backend}\) was terminated by signal 9")
    client.wait()
    assert server.end(signal.SIGINT) == 0
    return {backend: sent(9)}


def postgres_out_of_memory(case):
    """A backend, killed at a memory limit."""
    server = postgres(case)
    client, backend = session(case, "select length(repeat('x', 200000000))")
    case.below(32 * MIB).add(backend)
    go(case)
    recovered(server, rf"\(PID {backend}\) was terminated by signal 9")
    assert client.wait() > 0
    assert server.end(signal.SIGINT) == 0
    return {backend: OOM}


def postgres_ordinary(case):
    """A reload, a backend that is asked to end, an error of a statement, and each way to stop."""
    server = postgres(case)
    server.send(signal.SIGHUP)
    server.says("reloading configuration")
    client, backend = session(case, "select 1")
    assert psql(case, "select 1/0").wait() == 1
    assert psql(case, f"select pg_terminate_backend({backend})").wait() == 0
    go(case)
    client.wait()
    assert server.end(signal.SIGINT) == 0
    server = postgres(case)
    assert server.end(signal.SIGTERM) == 0
    server = postgres(case)
    assert server.end(signal.SIGQUIT) == 0
    return {}


def postgres_error(case):
    """A missing data directory."""
    missing = case.start(postgres_bin(case, "postgres"), "-D", "/missing", user="postgres")
    assert missing.wait() == 2
    return {}


NGINX = """
daemon off;
user www-data;
worker_processes 1;
pid {0}/nginx.pid;
error_log stderr notice;
events {{ }}
http {{
    access_log off;
    client_max_body_size 1g;
    server {{
        listen unix:{0}/http.sock;
        location / {{ return 200 "$pid"; }}
        location /files {{ alias {0}; }}
        location /body {{ client_body_buffer_size 512m; proxy_pass http://unix:{0}/none.sock; }}
    }}
}}
"""


def nginx(case, **more):
    """Starts a master and a worker; returns the worker's pid, too."""
    file = case.write("nginx.conf", NGINX.format(case.directory))
    server = case.start("nginx", "-e", "stderr", "-c", file, **more)
    server.says("start worker process ")
    return server, int(get(case, "http.sock", "/"))


def nginx_crash(case):
    """A module crashes in a worker: here a preloaded library."""
    case.write("crash", "")
    server, worker = nginx(case, env={"LD_PRELOAD": "/opt/libktcrash.so"})
    get(case, "http.sock", "/files/crash")
    server.says(rf"worker process {worker} exited on signal 11")
    stop(case, server)
    return {worker: with_fault(SEGFAULT, **NULL, address="0x8", module="libktcrash.so")}


def nginx_sent_segv(case):
    """A worker, killed by another process."""
    server, worker = nginx(case)
    os.kill(worker, signal.SIGSEGV)
    server.says(rf"worker process {worker} exited on signal 11")
    stop(case, server)
    return {worker: sent(11)}


def nginx_killed(case):
    """A worker, by another process."""
    server, worker = nginx(case)
    os.kill(worker, signal.SIGKILL)
    server.says(rf"worker process {worker} exited on signal 9")
    stop(case, server)
    return {worker: sent(9)}


def nginx_stuck(case):
    """A worker that does not react to its master's SIGTERM."""
    server, worker = nginx(case)
    os.kill(worker, signal.SIGSTOP)
    assert server.end() == 0
    assert server.said(rf"worker process {worker} exited on signal 9")
    return {worker: sent(9, server.pid, "nginx")}


def nginx_out_of_memory(case):
    """A worker, killed at a memory limit."""
    server, worker = nginx(case, limit=24 * MIB)
    size = 64 * MIB
    head = f"POST /body HTTP/1.0\r\nContent-Length: {size}\r\n\r\n"
    case.say("http.sock", head.encode() + bytes(size))
    server.says(rf"worker process {worker} exited on signal 9")
    stop(case, server)
    return {worker: OOM}


def nginx_ordinary(case):
    """The worker is replaced, and the server stops in both ways."""
    server, worker = nginx(case)
    server.send(signal.SIGHUP)
    poll(lambda: is_gone(worker), "reloaded")
    assert int(get(case, "http.sock", "/")) != worker
    assert server.end(signal.SIGQUIT) == 0
    server, worker = nginx(case)
    assert server.end(signal.SIGTERM) == 0
    return {}


def nginx_error(case):
    """An invalid configuration, and a missing file."""
    file = case.write("nginx.conf", "nonsense")
    assert case.start("nginx", "-c", file).wait() == 1
    assert case.start("nginx", "-c", "/missing").wait() == 1
    return {}


PHP_FPM = """
[global]
daemonize = no
error_log = /dev/stderr
log_level = notice
pid = {0}/php.pid
[www]
user = www-data
listen = {0}/php.sock
pm = static
pm.max_children = 1
request_terminate_timeout = 1s
"""
PHP = {
    "pid": "echo getmypid();",
    "crash": "function f() { array_map('f', [1]); } f();",
    "stuck": "for (;;);",
    "eat": "ini_set('memory_limit', -1); for ($a = [];;) $a[] = str_repeat('x', 1 << 20);",
    "fail": "throw new Exception('an error of the application');",
    "exhaust": "for ($a = [];;) $a[] = str_repeat('x', 1 << 20);",
}


def fastcgi(case, script):
    """The output of a script, from FastCGI's records: each has a type, a request and a length."""

    def record(kind, content):
        return struct.pack("!BBHHBB", 1, kind, 1, len(content), 0, 0) + content

    pairs = {"SCRIPT_FILENAME": f"{case.directory}/{script}.php", "REQUEST_METHOD": "GET"}
    named = b"".join(
        struct.pack("BB", len(key), len(value)) + (key + value).encode()
        for key, value in pairs.items()
    )
    begin = record(1, struct.pack("!HB5x", 1, 0))
    answer = case.say("php.sock", begin + record(4, named) + record(4, b"") + record(5, b""))
    (length,) = struct.unpack_from("!H", answer, 4) if answer else (0,)
    return answer[8 : 8 + length].rpartition(b"\r\n\r\n")[2]


def php_fpm(case, **more):
    """Starts a master and a child; returns the child's pid, too."""
    for name, text in PHP.items():
        case.write(f"{name}.php", f"<?php {text}")
    file = case.write("php.conf", PHP_FPM.format(case.directory))
    (found,) = case.world.path("/usr/sbin").glob("php-fpm*")
    server = case.start(found.name, "-y", file, **more)
    server.says("ready to handle connections")
    return server, int(fastcgi(case, "pid"))


def stop_php_fpm(case, server):
    """A new child is asked first, as in stop()."""
    fastcgi(case, "pid")
    assert server.end() == 0


def php_fpm_crash(case):
    """A script that recurses through a C function exhausts its stack."""
    server, child = php_fpm(case)
    fastcgi(case, "crash")
    server.says(rf"child {child} exited on signal 11")
    stop_php_fpm(case, server)
    return {child: with_fault(SEGFAULT, kind="stack-overflow")}


def php_fpm_terminate_timeout(case):
    """A slow child is ended by its master."""
    server, child = php_fpm(case)
    master = comm_of(server.pid)
    fastcgi(case, "stuck")
    server.says(rf"child {child}, script .* execution timed out")
    ended = int(server.says(rf"child {child} exited on signal (\d+)")[1])
    stop_php_fpm(case, server)
    return {child: {**sent(ended, server.pid, master), "routine": ended != 9}}


def php_fpm_killed(case):
    """A child, killed by another process."""
    server, child = php_fpm(case)
    os.kill(child, signal.SIGKILL)
    server.says(rf"child {child} exited on signal 9")
    stop_php_fpm(case, server)
    return {child: sent(9)}


def php_fpm_out_of_memory(case):
    """A child, killed at a memory limit."""
    server, child = php_fpm(case, limit=48 * MIB)
    fastcgi(case, "eat")
    server.says(rf"child {child} exited on signal 9")
    stop_php_fpm(case, server)
    return {child: OOM}


def php_fpm_ordinary(case):
    """Scripts that fail, a reload, and both ways to stop."""
    server, child = php_fpm(case)
    for name in ("fail", "exhaust"):
        fastcgi(case, name)
    server.send(signal.SIGUSR2)
    poll(lambda: is_gone(child), "reloaded")
    fastcgi(case, "pid")
    assert server.end(signal.SIGQUIT) == 0
    server, child = php_fpm(case)
    assert server.end(signal.SIGTERM) == 0
    return {}


def php_fpm_error(case):
    """A configuration that is missing."""
    (found,) = case.world.path("/usr/sbin").glob("php-fpm*")
    assert case.start(found.name, "-y", "/missing").wait() == 78
    return {}


CASES = {
    "redis-debug-segfault": redis_debug_segfault,
    "redis-sent-segv": redis_sent_segv,
    "redis-killed": redis_killed,
    "redis-out-of-memory": redis_out_of_memory,
    "redis-child-killed": redis_child_killed,
    "redis-ordinary": redis_ordinary,
    "redis-error": redis_error,
    "gunicorn-crash": gunicorn_crash,
    "gunicorn-abort": gunicorn_abort,
    "gunicorn-timeout": gunicorn_timeout,
    "gunicorn-timeout-kill": gunicorn_timeout_kill,
    "gunicorn-killed": gunicorn_killed,
    "gunicorn-out-of-memory": gunicorn_out_of_memory,
    "gunicorn-ordinary": gunicorn_ordinary,
    "gunicorn-error": gunicorn_error,
    "uwsgi-crash": uwsgi_crash,
    "uwsgi-harakiri": uwsgi_harakiri,
    "uwsgi-killed": uwsgi_killed,
    "uwsgi-out-of-memory": uwsgi_out_of_memory,
    "uwsgi-ordinary": uwsgi_ordinary,
    "uwsgi-error": uwsgi_error,
    "postgres-crash": postgres_crash,
    "postgres-stuck-sibling": postgres_stuck_sibling,
    "postgres-killed": postgres_killed,
    "postgres-out-of-memory": postgres_out_of_memory,
    "postgres-ordinary": postgres_ordinary,
    "postgres-error": postgres_error,
    "nginx-crash": nginx_crash,
    "nginx-sent-segv": nginx_sent_segv,
    "nginx-killed": nginx_killed,
    "nginx-stuck": nginx_stuck,
    "nginx-out-of-memory": nginx_out_of_memory,
    "nginx-ordinary": nginx_ordinary,
    "nginx-error": nginx_error,
    "php-fpm-crash": php_fpm_crash,
    "php-fpm-terminate-timeout": php_fpm_terminate_timeout,
    "php-fpm-killed": php_fpm_killed,
    "php-fpm-out-of-memory": php_fpm_out_of_memory,
    "php-fpm-ordinary": php_fpm_ordinary,
    "php-fpm-error": php_fpm_error,
}
