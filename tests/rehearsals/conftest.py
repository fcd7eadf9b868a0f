"""A way to play rehearsals and to see what they print."""

from pathlib import Path

import pytest

from runtime import rehearse
from tests.rehearsals.play import Run


@pytest.fixture
def run() -> Run:
    """Play rehearsals; give the exit code, what was printed and what was complained of."""

    def play(*files: Path, **flags: object) -> tuple[int, str, str]:
        out: list[str] = []
        err: list[str] = []
        code = rehearse.run(files, out=out.append, err=err.append, **flags)  # type: ignore[arg-type]  # flags are handed on by name
        return code, "".join(out), "".join(err)

    return play
