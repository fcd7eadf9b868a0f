"""A way to play rehearsals and to see what they print."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from runtime import past, rehearse, rehearse_sim
from runtime.past import Retold
from runtime.rehearse_scenario import Scenario
from runtime.rehearse_sim import Simulation
from tests.rehearsals.play import LONG, Run


@pytest.fixture
def run() -> Run:
    """Play rehearsals; give the exit code, what was printed and what was complained of."""

    def play(*files: Path, **flags: object) -> tuple[int, str, str]:
        out: list[str] = []
        err: list[str] = []
        code = rehearse.run(files, out=out.append, err=err.append, **flags)  # type: ignore[arg-type]  # flags are handed on by name
        return code, "".join(out), "".join(err)

    return play


@pytest.fixture
def retold(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> list[Retold]:
    """Tell each case of a rehearsal again from its journal, as soon as it has been played: one play for both."""
    told: list[Retold] = []
    play, file = rehearse_sim.play, request.node.callspec.params["file"]

    @contextmanager
    def and_tell_again(scenario: Scenario) -> Iterator[Simulation]:
        with play(scenario) as sim:
            yield sim
            if file.stem not in LONG:
                told.extend(past.retell(sim.app, ref) for ref in past.every(sim.app))

    monkeypatch.setattr(rehearse_sim, "play", and_tell_again)
    return told
