"""One row with a number that is none never keeps the rows beside it out of sight."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from runtime.source_rows import Mark
from tests.runtime.intake_world import Intake, open_intake, record


class Rows:
    """A source that gives these rows."""

    def __init__(self, *rows: Mapping[str, object]) -> None:
        self._rows = rows

    def rows(self, mark: Mark | None, *, recent: bool = False) -> Iterator[Mapping[str, object]]:
        """Give them all, whatever is asked."""
        yield from self._rows


@pytest.fixture
def intake(tmp_path: Path) -> Iterator[Intake]:
    """A force and its home."""
    with open_intake(tmp_path) as opened:
        yield opened


@pytest.mark.parametrize("column", ["height", "mark", "person.age", "last_seen.at", "flags"])
@pytest.mark.parametrize("number", ["Infinity", "-Infinity", "NaN", "sNaN", "1E+999999", "-1E-999999"])
def test_a_number_that_is_none_stops_no_row(intake: Intake, column: str, number: str) -> None:
    """As PostgreSQL gives `numeric` values: its own row comes in with a defect, the next one as it is."""
    odd = {**record(1), "mark": Decimal(1), column: Decimal(number)}
    watch = intake.source(Rows(odd, {**record(2), "mark": Decimal(2)}), mark="mark")
    assert watch.turn()
    assert sorted(intake.ids()) == ["CMP-0001", "CMP-0002"]
    assert watch.turn()
    assert watch.count_starts() == []
