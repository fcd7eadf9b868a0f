"""A provider that misbehaves: a real server on this machine that says, byte by byte, what it was told to say."""

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"
Manner = Callable[["Line"], object]  # False hangs up


@dataclass
class Line:
    """One request, and the line on which to answer it."""

    send: Callable[[bytes], Any]
    number: int  # of the requests so far; the first is 1
    gone: threading.Event  # set when the test is over

    def wait(self, seconds: float) -> None:
        """Let time pass as a slow provider does."""
        self.gone.wait(seconds)


@dataclass
class Provider:
    """What it was asked: the webhook-ids, in order."""

    address: str = ""
    ids: list[str] = field(default_factory=list)


def says(answer: bytes) -> Manner:
    """Answer everything with these bytes, and keep the line open."""
    return lambda line: line.send(answer)


def status(code: int, *headers: str, body: str = "") -> Manner:
    """Answer everything with this status."""
    head = "".join(f"{header}\r\n" for header in headers)
    return says(f"HTTP/1.1 {code} So\r\n{head}content-length: {len(body)}\r\n\r\n{body}".encode())


@contextmanager
def open_provider(manner: Manner) -> Iterator[Provider]:
    """Open a provider with these manners on a free port."""
    provider, gone, lock = Provider(), threading.Event(), threading.Lock()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            while key := _request(self.rfile):
                with lock:
                    provider.ids.append(key)
                    number = len(provider.ids)
                if manner(Line(self.wfile.write, number, gone)) is False:
                    return

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

        def handle_error(self, *_about: object) -> None:
            """Say nothing: whoever hung up is what the test is about."""

    with Server(("127.0.0.1", 0), Handler) as server:
        provider.address = f"127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield provider
        finally:
            gone.set()
            server.shutdown()
            thread.join(5)


def _request(file: Any) -> str:
    """Read one request; give its webhook-id, empty when the line is closed or nobody speaks HTTP on it."""
    headers: dict[str, str] = {}
    if not file.readline().startswith(b"POST"):
        return ""
    while (line := file.readline().strip()) != b"":
        name, _, value = line.decode().partition(":")
        headers[name.lower()] = value.strip()
    file.read(int(headers.get("content-length", "0")))
    return headers.get("webhook-id", "")
