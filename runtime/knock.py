"""Knocks: a datagram on loopback that says "look now".

A knock carries nothing and promises nothing: whoever is knocked on looks into the store.
A lost knock costs the second until the next look, never an act. On PostgreSQL the database carries knocks to the
parts on other machines (`runtime/knock_postgres.py`).
"""

import contextlib
import hashlib
import platform
import select
import socket
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from runtime.whole_file import put_whole
from store.engine import is_postgres

if TYPE_CHECKING:
    from runtime.knock_postgres import Ear

LOOPBACK = "127.0.0.1"


def _port_file(home: Path, part: str) -> Path:
    return home / "run" / f"{part}.port"


class Listener:
    """Hears the knocks on one part of one home; the port stands in HOME/run/<part>.port.

    With a PostgreSQL store also those that other homes on it send.
    """

    def __init__(self, home: Path, part: str, store_url: str | None = None) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind((LOOPBACK, 0))
        self._port: int = self._socket.getsockname()[1]
        self._file = _port_file(home, part)
        put_whole(self._file, f"{self._port}\n")  # a knocker may be reading
        self._ear = self._ear_of(home, part, store_url)

    def _ear_of(self, home: Path, part: str, store_url: str | None) -> "Ear | None":
        if store_url is None or not is_postgres(store_url):
            return None
        from runtime.knock_postgres import Ear  # the driver costs a tenth of a second: not where SQLite is used

        return Ear(store_url, home, part, self.knock)

    def wait(self, seconds: float) -> bool:
        """Wait for a knock, at the most so long; many knocks meanwhile count as one."""
        try:
            ready, _, _ = select.select([self._socket], [], [], max(0.0, seconds))
        except (OSError, ValueError):  # closed while we waited
            return False
        if not ready:
            return False
        with contextlib.suppress(BlockingIOError, OSError):
            while True:
                self._socket.recv(16)
        return True

    def knock(self) -> None:
        """Knock on this listener itself, so that whoever waits wakes."""
        _send(self._port)

    def close(self) -> None:
        """Hear no more; the port file goes, unless a successor has written its own."""
        if self._ear is not None:
            self._ear.close()
        with contextlib.suppress(OSError, ValueError):
            if int(self._file.read_text(encoding="ascii")) == self._port:
                self._file.unlink()
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def mark_of(home: Path) -> str:
    """Name a home among all homes, without telling its path."""
    return hashlib.sha256(f"{platform.node()}:{home.resolve()}".encode()).hexdigest()[:12]


def knock(home: Path, part: str) -> None:
    """Knock on a part of a home; nothing happens when nobody listens."""
    with contextlib.suppress(OSError, ValueError):
        _send(int(_port_file(home, part).read_text(encoding="ascii")))


def _send(port: int) -> None:
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.setblocking(False)
        out.sendto(b"k", (LOOPBACK, port))
