"""The provider of a force, as a process of its own."""

import json
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.support.groups import oidc_python

SCRIPT = Path(__file__).with_name("provider.py")
PASSWORD = "a-horse-correct-and-stapled"
CLIENT, SECRET = "vigil", "a secret/with+odd=signs"
READY_S = 60


@contextmanager
def force_accounts(home: Path, vigil: str, people: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Run a provider that knows these people and the Vigil at this address; give the settings with which to use it."""
    home.mkdir(parents=True, exist_ok=True)
    asked = {
        "home": str(home),
        "client": f"{CLIENT}:{SECRET}",
        "back": f"{vigil}/sign-in/oidc/back",
        "out": f"{vigil}/sign-in",
        "people": json.dumps(dict(people)),
    }
    command = [str(oidc_python()), str(SCRIPT), *(part for name in asked for part in (f"--{name}", asked[name]))]
    with (home / "provider.err").open("wb") as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
    try:
        yield {
            "VIGIL_OIDC_ISSUER": _issuer(process),
            "VIGIL_OIDC_CLIENT_ID": CLIENT,
            "VIGIL_OIDC_CLIENT_SECRET": SECRET,
        }
    finally:
        process.terminate()
        process.communicate(timeout=10)


def _issuer(process: "subprocess.Popen[str]") -> str:
    alarm = threading.Timer(READY_S, process.kill)
    alarm.start()
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
    finally:
        alarm.cancel()
    assert line, "the provider did not start; its home holds provider.err"
    return str(json.loads(line)["issuer"])
