"""Progress that is seen at once: these tests take minutes."""

from collections.abc import Callable

import pytest

Say = Callable[[str], None]


def loud(capsys: pytest.CaptureFixture[str]) -> Say:
    """Give what prints at once, so that whoever waits sees how far it is."""

    def say(line: str) -> None:
        with capsys.disabled():
            print(line, flush=True)  # noqa: T201 - the progress of some minutes

    return say
