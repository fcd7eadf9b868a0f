"""What must hold before anything is started: the home is ours alone, and the ports are free."""

import errno
import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from policy.errors import Fault, Invalid, Refused
from runtime.settings import PREFIX, Settings

RUNNING = "settings.json"
# What a command on a home must have in common with the `up` that runs there.
SHARED = (
    *("host", "port", "prefect_port", "prefect_api_url", "public_url", "database_url", "prefect_database_url"),
    *("prefect_auth", "pack", "areas", "sources", "smtp_url", "mail_from"),
)


def make_home(home: Path) -> None:
    """Make the home and its folder for ports and locks; a home that is made is its owner's alone."""
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        (home / "run").mkdir(exist_ok=True)
    except OSError as error:
        fault = Fault("home", f"{home} cannot be written ({error.strerror})", "give another folder with --home")
        raise Invalid("could not start", [fault]) from None


@contextmanager
def alone_on(home: Path) -> Iterator[None]:
    """Hold the home while the block runs; raise Refused when another `up` has it.

    The lock goes with the process, however it ends: there is no stale lock to remove.
    """
    with (home / "run" / "lock").open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise Refused(
                f"Vigil already runs on the home {home} (process {holder}); stop it, or give another --home",
                rule="home_in_use",
            ) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


def in_use(home: Path) -> bool:
    """Tell whether an `up` runs on the home at this moment."""
    try:
        with (home / "run" / "lock").open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def remember(settings: Settings) -> None:
    """Write down how this home runs, so that commands on the home ask the same Prefect and follow the same pack."""
    told = settings.model_dump(mode="json", include=set(SHARED), exclude_none=True, exclude_unset=True)
    file = settings.home / "run" / RUNNING
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)  # a database's address may hold a password
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        json.dump(told, out)


def as_running(home: Path) -> dict[str, object]:
    """Give what the `up` that runs on the home was told, less what this environment says; empty when none runs."""
    if not in_use(home):
        return {}
    try:
        told: dict[str, object] = json.loads((home / "run" / RUNNING).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {name: value for name, value in told.items() if f"{PREFIX}{name.upper()}" not in os.environ}


def check_ports(settings: Settings) -> None:
    """Raise Invalid with every port that is taken and the flag that changes it."""
    wanted = [("port", settings.port, "the console")]
    if not settings.prefect_api_url:
        wanted.append(("prefect_port", settings.prefect_port, "Prefect"))
    if len(wanted) == 2 and settings.port == settings.prefect_port:
        fault = Fault("port", f"{settings.port} is given to the console and to Prefect", "give two ports")
        raise Invalid("could not start", [fault])
    faults = [
        Fault(name, f"port {port}, for {what}, is taken", f"stop what uses it, or give --{_flag(name)} another port")
        for name, port, what in wanted
        if not is_free(settings.host, port)
    ]
    if faults:
        raise Invalid("could not start", faults)


def is_free(host: str, port: int) -> bool:
    """Tell whether a server could listen there now; raise Invalid when the host is not of this machine."""
    try:
        family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror:
        raise Invalid("could not start", [_no_host(host)]) from None
    with socket.socket(family, kind, proto) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what was just closed is free
        try:
            probe.bind(address)
            probe.listen(1)  # on some systems only this notices another listener
        except PermissionError:
            fault = Fault("port", f"port {port} may not be opened by this user", "give a port above 1023")
            raise Invalid("could not start", [fault]) from None
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                raise Invalid("could not start", [_no_host(host)]) from None
            return False
    return True


def _flag(name: str) -> str:
    return name.replace("_", "-")


def _no_host(host: str) -> Fault:
    return Fault("host", f"{host} is no address of this machine", "give --host 127.0.0.1, or one that it has")
