"""What a command reads: a file by its name, or standard input."""

import sys
from pathlib import Path

from policy.errors import Fault, Invalid, Unknown, Unreadable

STDIN = "-"


def read_text(file: str) -> str:
    """Read a file, or standard input for `-`; raise Unknown, Invalid or Unreadable with the remedy."""
    try:
        raw = sys.stdin.buffer.read() if file == STDIN else Path(file).read_bytes()
        return raw.decode("utf-8-sig")
    except FileNotFoundError:
        raise Unknown(
            f"there is no such file: {file}; look at its name and folder, or give - for standard input"
        ) from None
    except OSError as error:
        fault = Fault("file", (error.strerror or "unknown").lower(), "give a file that this user may read")
        raise Invalid(f"{file} cannot be read", [fault]) from None
    except UnicodeDecodeError:
        raise Unreadable(f"{file} is not UTF-8 text") from None
