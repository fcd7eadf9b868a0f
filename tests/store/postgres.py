"""A PostgreSQL server of the tests' own: started once a session on a free port, thrown away afterwards."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.groups import postgres_bin

URL = "VIGIL_TEST_POSTGRES_URL"


@contextmanager
def server(*, durable: bool = False) -> Iterator[str]:
    """Give the address of a server on which databases may be made: the one named by the environment, or a new one.

    A new one forgets what it held when the machine stops, unless it is to be `durable`: then each commit is synced.
    """
    given = os.environ.get(URL)
    if given:
        yield given
        return
    binaries = postgres_bin()
    assert binaries is not None
    folder = Path(tempfile.mkdtemp(prefix="vigil-pg-"))
    port = _free_port()
    try:
        # One encoding and order everywhere: whatever LANG says, though it may name a locale that is not there.
        make = [binaries / "initdb", "-D", folder / "data", "-U", "vigil", "-A", "trust", "-E", "UTF8", "--locale=C"]
        _as_somebody(folder, make)
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync={'on' if durable else 'off'}"
        start = [binaries / "pg_ctl", "-D", folder / "data", "-l", folder / "log", "-w", "-o", options, "start"]
        _as_somebody(folder, start)
        yield f"postgresql://vigil@127.0.0.1:{port}/postgres"
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            _as_somebody(folder, [binaries / "pg_ctl", "-D", folder / "data", "-m", "immediate", "stop"])
        shutil.rmtree(folder, ignore_errors=True)


def _as_somebody(folder: Path, command: list[object]) -> None:
    """Run a program of PostgreSQL's, which refuses to run as root: then as the user `postgres`."""
    words = [str(part) for part in command]
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
        words = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *words]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, cwd=folder, timeout=60)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
