"""A phone for everybody: a web server on this machine that takes every webhook, for live rehearsals and live tests."""

import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

Take = Callable[[str, Mapping[str, str], str], int]
MOST_BYTES = 100_000
TAKEN, OUT_OF_ORDER = 204, 503


class Sink:
    """Hands every POST on and answers with what it is told; on a path that is out of order it answers 503."""

    def __init__(self, take: Take) -> None:
        """Listen on a free port; `take` gets path, headers (small letters) and body, from several threads."""
        self.out_of_order: frozenset[str] = frozenset()
        sink = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                text = self.rfile.read(min(int(self.headers.get("content-length", 0)), MOST_BYTES)).decode()
                headers = {name.lower(): value for name, value in self.headers.items()}
                path = self.path.strip("/")
                status = OUT_OF_ORDER if path in sink.out_of_order else take(path, headers, text)
                self.send_response(status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_args: object) -> None:
                """Say nothing: the story tells who was told."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def address(self, path: str = "") -> str:
        """Give where messages are to be sent; `path` comes back with each."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/{path}"

    def __enter__(self) -> Self:
        """Begin to listen."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)
