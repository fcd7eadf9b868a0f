"""Files that somebody may read at any instant: written whole, or not at all."""

import os
from pathlib import Path


def put_whole(file: Path, text: str, mode: int = 0o666) -> None:
    """Put a text in the place of a file; whoever reads meanwhile has the old one or the new. `mode` less the umask."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_suffix(f".{os.getpid()}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(text)
    fresh.replace(file)
