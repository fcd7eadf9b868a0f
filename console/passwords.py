"""Passwords are kept as scrypt hashes: slow to guess, nothing to install."""

import base64
import hashlib
import hmac
import secrets

_N, _R, _P = 2**15, 8, 1  # 32 MiB and about a tenth of a second for each guess
_MEMORY_BYTES = 64 * 1024 * 1024
_NOBODY = "no such account"  # checked against when the account is unknown: both answers take as long


def hash_password(password: str) -> str:
    """Give the hash of a password with a salt of its own."""
    salt = secrets.token_bytes(16)
    return "$".join(("scrypt", str(_N), str(_R), str(_P), _text(salt), _text(_digest(password, salt, _N, _R, _P))))


def password_fits(password: str, kept: str | None) -> bool:
    """Tell whether a password is the one that was hashed; an unknown account never fits and takes as long."""
    if kept is None:
        hash_password(_NOBODY)
        return False
    try:
        kind, n, r, p, salt, digest = kept.split("$")
        made = _digest(password, base64.b64decode(salt), int(n), int(r), int(p))
    except ValueError:
        return False
    return kind == "scrypt" and hmac.compare_digest(made, base64.b64decode(digest))


def _digest(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=n, r=r, p=p, maxmem=_MEMORY_BYTES)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")
