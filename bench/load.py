"""A web server in a process of its own, and a client that keeps it busy over kept-alive connections."""

import multiprocessing
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

CONNECTIONS = 8
SECONDS = 4.0
START = 120.0  # seconds a server has to answer


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


@contextmanager
def served(application: str, processes: int = 1, **environment: str) -> Iterator[int]:
    """The port of a Granian that serves `module:name`, with as many threads as the portal's own."""
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--workers", str(processes), "--blocking-threads", "32", "--no-access-log", "--log-level", "error"]
    command.append(application)
    server = subprocess.Popen(command, env=os.environ | environment, start_new_session=True)
    try:
        wait_for(port, server)
        yield port
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)  # with the processes it started
            server.wait()


def wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START
    while time.monotonic() < deadline and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("The server did not start.")


def request_for(path: str) -> bytes:
    headers = ["Host: localhost", "Accept-Encoding: gzip", "Connection: keep-alive"]
    return "\r\n".join([f"GET {path} HTTP/1.1", *headers, "", ""]).encode()


def fetch(sock: socket.socket, request: bytes) -> bytes:
    """One whole response, headers included; all the later ones are as long."""
    sock.sendall(request)
    data = b""
    while b"\r\n\r\n" not in data:
        data += sock.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(head.decode("latin-1"))
    length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    while len(body) < length:
        body += sock.recv(65536)
    return head + b"\r\n\r\n" + body


def requests_per_second(port: int, path: str, seconds: float = SECONDS) -> float:
    """Measured by a process of its own: the client must not share the benchmark's lock."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_drive, (port, path, seconds))


def _drive(port: int, path: str, seconds: float) -> float:
    request = request_for(path)
    selector = selectors.DefaultSelector()
    due: dict[socket.socket, int] = {}
    length = 0
    for _ in range(CONNECTIONS):
        sock = socket.create_connection(("127.0.0.1", port))
        length = len(fetch(sock, request))
        selector.register(sock, selectors.EVENT_READ)
        due[sock] = length
    for sock in due:
        sock.sendall(request)
    done, start = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - start) < seconds:
        for key, _ in selector.select(1):
            sock = key.fileobj  # type: ignore[assignment]
            due[sock] -= len(sock.recv(262144))
            if due[sock] <= 0:
                done += 1
                due[sock] = length
                sock.sendall(request)
    return done / elapsed
