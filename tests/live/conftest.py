"""One running Vigil for the whole session, at sixty times the speed of the clock."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.force import SPEED, START, Force
from tests.support.sink import Sink, open_sink
from tests.support.stack import running


@pytest.fixture(scope="session")
def sink() -> Iterator[Sink]:
    """Everybody's phone."""
    with open_sink() as opened:
        yield opened


@pytest.fixture(scope="session")
def force(tmp_path_factory: pytest.TempPathFactory, sink: Sink) -> Iterator[Force]:
    """A force on a fresh home."""
    home: Path = tmp_path_factory.mktemp("live") / "home"
    with running(home, "--start", START, "--speed", str(SPEED)) as stack:
        force = Force(stack, sink)
        force.man()
        force.unanswered = force.report("tamworth")["case"]  # climbs while the other tests run
        yield force
