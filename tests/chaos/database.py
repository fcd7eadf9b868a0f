"""A PostgreSQL server that dies as a machine does and is started again: its postmaster is killed with -9."""

import os
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from runtime.clock import Stopwatch, beats
from runtime.rehearse_process import free_port
from tests.support.groups import postgres_bin

START_S = 90  # recovery after a crash, on a slow machine


@dataclass
class Database:
    """One server of its own; each commit is synced, as in a police station."""

    folder: Path
    binaries: Path
    port: int

    @property
    def _options(self) -> str:
        return f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c max_connections=300"

    def make(self) -> None:
        """Make the server's folder and start it."""
        self._run("initdb", "-D", str(self.folder / "data"), "-U", "vigil", "-A", "trust")
        self.start()

    def start(self) -> None:
        """Start the server and wait until it answers; after a kill its last children must have gone first."""
        watch = Stopwatch()
        for _ in beats(threading.Event(), 0.3):
            with suppress(subprocess.CalledProcessError):
                data, log = str(self.folder / "data"), str(self.folder / "log")
                self._run("pg_ctl", "-D", data, "-l", log, "-w", "-t", str(START_S), "-o", self._options, "start")
                return
            assert not watch.over(START_S), (self.folder / "log").read_text(encoding="utf-8")[-3000:]

    def kill(self) -> None:
        """Kill the postmaster with -9; its children end when they notice."""
        pid_file = self.folder / "data" / "postmaster.pid"
        os.kill(int(pid_file.read_text(encoding="ascii").split()[0]), signal.SIGKILL)

    def url(self, name: str) -> str:
        """Give the address of a database."""
        return f"postgresql://vigil@127.0.0.1:{self.port}/{name}"

    def create(self, name: str) -> str:
        """Make a database and give its address."""
        admin = make_url(self.url("postgres")).set(drivername="postgresql+psycopg")
        engine = create_engine(admin, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{name}"'))
        engine.dispose()
        return self.url(name)

    def stop(self) -> None:
        """Stop it, however it is."""
        with suppress(subprocess.CalledProcessError):
            self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *words: str) -> None:
        """Run a program of PostgreSQL's, which refuses to run as root: then as the user `postgres`."""
        command = [str(self.binaries / program), *words]
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
            command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command]
        quiet = subprocess.DEVNULL
        subprocess.run(command, check=True, stdout=quiet, stderr=quiet, cwd=self.folder, timeout=2 * START_S)


@contextmanager
def own_database() -> Iterator[Database]:
    """Give a server that may be killed; one that only lends us databases may not."""
    binaries = postgres_bin()
    if binaries is None:
        pytest.skip("needs PostgreSQL's own programs on this machine: the server is killed")
    database = Database(Path(tempfile.mkdtemp(prefix="vigil-chaos-")), binaries, free_port())
    try:
        database.make()
        yield database
    finally:
        database.stop()
