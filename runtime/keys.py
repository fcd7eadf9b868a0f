"""The secrets of a home: made at the first start, kept in files that only their owner can read."""

import base64
import binascii
import contextlib
import json
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from policy.errors import Fault, Invalid
from runtime.settings import Settings

FIRST_USER = "admin"
TOKEN_FILE = "admin-token"  # noqa: S105 - the name of the file, not what it holds
WEBHOOK_FILE = "webhook-secret"
LINK_FILE = "link-secret"
LOGIN_FILE = "first-login"
PREFECT_FILE = "prefect-auth"
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
SECRET_FILES = (TOKEN_FILE, WEBHOOK_FILE, LINK_FILE, LOGIN_FILE, PREFECT_FILE)


@dataclass(frozen=True, repr=False)
class Login:
    """The first login of a home, for a person to change."""

    user: str
    password: str


@dataclass(frozen=True, repr=False)
class Keys:
    """What a home keeps secret."""

    token: str
    webhook_secret: str
    link_secret: str
    first_login: Login


def open_keys(settings: Settings) -> Keys:
    """Give the home's secrets, making those that are not there yet.

    VIGIL_TOKEN names the admin token of a new home; a home that has one keeps it.
    VIGIL_WEBHOOK_SECRET is used as it is and not written down.
    """
    home = settings.home
    login = json.loads(kept(home / LOGIN_FILE, _login))
    return Keys(
        token=kept(home / TOKEN_FILE, lambda: settings.token or secrets.token_urlsafe(32)),
        webhook_secret=check_webhook_secret(settings.webhook_secret or kept(home / WEBHOOK_FILE, _webhook_secret)),
        link_secret=kept(home / LINK_FILE, lambda: secrets.token_urlsafe(48)),
        first_login=Login(login["user"], login["password"]),
    )


def prefect_auth(settings: Settings) -> str | None:
    """Give `user:password` for Prefect's API: as set, or made when others than this machine can reach it.

    Prefect knows no users of its own, so on another address than loopback it must at least ask for these.
    """
    if settings.prefect_auth or settings.prefect_api_url or settings.host in LOOPBACK:
        return settings.prefect_auth
    return kept(settings.home / PREFECT_FILE, lambda: f"{FIRST_USER}:{secrets.token_urlsafe(24)}")


def kept(file: Path, make: Callable[[], str]) -> str:
    """Give what a secret file holds; make it, mode 600, when it is not there. Two at once get the same."""
    with contextlib.suppress(FileNotFoundError):
        return file.read_text(encoding="utf-8").strip()
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f".{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(make() + "\n")
    try:
        os.link(fresh, file)  # fails when somebody was first: theirs stands
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    return file.read_text(encoding="utf-8").strip()


def check_webhook_secret(secret: str) -> str:
    """Give the secret back, or raise Invalid when it is not `whsec_` and base64."""
    try:
        bare = secret.removeprefix("whsec_")
        size = len(base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True))
    except (binascii.Error, ValueError):
        size = 0
    if secret.startswith("whsec_") and size:
        return secret
    fault = Fault(
        "webhook_secret",
        "is not whsec_ followed by base64",
        "unset VIGIL_WEBHOOK_SECRET and Vigil makes one, or make one with:"
        " echo whsec_$(head -c 32 /dev/urandom | base64)",
    )
    raise Invalid("the settings have faults", [fault])


def _login() -> str:
    return json.dumps({"user": FIRST_USER, "password": secrets.token_urlsafe(12)})


def _webhook_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode("ascii")
