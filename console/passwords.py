"""Passwords are kept as argon2id hashes; what an older home kept as scrypt still opens, once, and is hashed anew."""

import base64
import hashlib
import hmac
import threading
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER: Final = PasswordHasher()  # RFC 9106: 64 MiB for each guess
_AT_ONCE: Final = threading.BoundedSemaphore(2)  # a flood of guesses takes no memory from those who tell people
_MEMORY_BYTES = 64 * 1024 * 1024
_OURS = ("$argon2", "scrypt$")


def hash_password(password: str) -> str:
    """Give the hash of a password with a salt of its own."""
    with _AT_ONCE:
        return _HASHER.hash(password)


def password_fits(password: str, kept: str | None) -> bool:
    """Tell whether a password is the one that was hashed; an unknown account never fits and takes as long."""
    known = kept is not None and kept.startswith(_OURS)
    with _AT_ONCE:
        fits = _fits(password, kept if known and kept else _nobody())
    return known and fits


def needs_new_hash(kept: str) -> bool:
    """Tell whether a hash was made in a way that is ours no more."""
    return not kept.startswith("$argon2") or _HASHER.check_needs_rehash(kept)


@cache
def _nobody() -> str:
    return _HASHER.hash("no such account")


def _fits(password: str, kept: str) -> bool:
    if kept.startswith("scrypt$"):
        return _fits_scrypt(password, kept)
    try:
        return _HASHER.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False


def _fits_scrypt(password: str, kept: str) -> bool:
    try:
        _, n, r, p, salt, digest = kept.split("$")
        known = base64.b64decode(digest)
        made = hashlib.scrypt(
            password.encode(), salt=base64.b64decode(salt), n=int(n), r=int(r), p=int(p), maxmem=_MEMORY_BYTES
        )
    except ValueError:
        return False
    return hmac.compare_digest(made, known)
