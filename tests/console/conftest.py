"""One force for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.console.world import World, open_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A force whose people are on duty and receive what is sent to them."""
    with open_world(tmp_path / "home") as opened:
        yield opened
