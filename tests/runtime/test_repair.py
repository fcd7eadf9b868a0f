"""What somebody does to a run or to our deployment in Prefect is found, put right, and told once in the journal."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from policy.terms import CaseStatus, Risk
from runtime import repair
from runtime.repair import HANGS_AFTER, QUEUE, Audit, end_the_dead
from store import cases, journal, wakes
from store.journal import JournalEntry
from tests.runtime.timer_world import World, world_in

HOUR = timedelta(hours=1)


@dataclass
class Watched:
    """A world with an audit, and what the two of them leave behind."""

    world: World
    audit: Audit

    def turn(self) -> list[tuple[str, str]]:
        """Audit, then let the timer look, as they do in turn; give what was asked of Prefect."""
        self.audit.look()
        while self.world.timer.look():
            pass
        return self.world.prefect.taken()

    def end(self) -> list[tuple[str, str]]:
        """End what died and nobody comes back to; give what was asked of Prefect."""
        end_the_dead(self.world.timer.app, self.world.prefect)
        return self.world.prefect.taken()

    def close(self, ref: str, wake: timedelta | None = None) -> None:
        """Close a case, with something still to be sent or with nothing."""
        with self.world.sessions() as s:
            stored = cases.load(s, ref)
            at = self.world.clock.now() + wake if wake is not None else None
            cases.save(s, stored, replace(stored.case, status=CaseStatus.CLOSED), wake_at=at)

    def said(self, ref: str | None = None) -> list[dict[str, object]]:
        """Give what the journal says of repairs."""
        with self.world.sessions.reading() as s:
            lines: list[JournalEntry] = journal.read(s, ref)
        return [dict(line.body) for line in lines if line.kind.endswith("_repaired")]


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    """A world with an empty store."""
    world = world_in(tmp_path)
    yield Watched(world, Audit(world.timer.app, world.prefect, world.timer.suspect))
    world.sessions.close()


FRESH, BACK, WOKEN = ["start"], ["put_back"], ["wake"]
WHAT_WAS_DONE = (
    ("CANCELLED", "Cancelled", FRESH, "cancelled"),
    ("CANCELLING", "Cancelling", ["cancelled", "start"], "cancelled"),
    ("COMPLETED", "Completed", FRESH, "completed"),
    ("FAILED", "Failed", BACK, "failed"),
    ("CRASHED", "Crashed", BACK, "crashed"),
    ("RUNNING", "Running", BACK, "stuck"),
    ("PENDING", "Pending", BACK, "stuck"),
    ("PAUSED", "Paused", WOKEN, "paused"),
    ("PAUSED", "Suspended", WOKEN, "paused"),
)


@pytest.mark.parametrize(("kind", "name", "asked", "found"), WHAT_WAS_DONE)
def test_a_run_that_is_not_well_is_put_right_long_before_its_deadline(
    watched: Watched, kind: str, name: str, asked: list[str], found: str
) -> None:
    """One repair and one line of the journal, and nothing more when it is well again."""
    ref = watched.world.case(wake=HOUR)
    run_id = watched.world.run_of(ref, "PAUSED", number=3)
    assert watched.turn() == []
    watched.world.prefect.put(run_id, kind, name)
    watched.world.clock.go_on(31)
    assert [what for what, _ in watched.turn()] == asked
    goes_on = {"goes_on_in": 4} if "start" in asked else {}
    assert watched.said(ref) == [{"found": found, "run_id": run_id, "run_number": 3, **goes_on}]
    watched.world.clock.go_on(5)
    assert watched.turn() == []
    assert len(watched.said(ref)) == 1


def test_a_run_that_was_deleted_is_followed_by_the_next_number(watched: Watched) -> None:
    """The supervisor sees the case in Prefect again, at once and not at its next deadline."""
    ref = watched.world.case(wake=HOUR)
    run_id = watched.world.run_of(ref, "PAUSED")
    del watched.world.prefect.runs[run_id]
    with capture_logs() as logs:
        assert watched.turn() == [("start", f"{ref}/2")]
    assert watched.world.stored(ref).run_number == 2
    assert watched.said(ref) == [{"found": "deleted", "run_id": run_id, "run_number": 1, "goes_on_in": 2}]
    assert [(line["case"], line["kind"]) for line in logs if line["event"] == "run_repaired"] == [(ref, "deleted")]
    assert watched.world.knocks[-1] == "worker"


def test_a_run_that_lost_its_queue_is_ended_and_followed(watched: Watched) -> None:
    """With its pool deleted Prefect would hand it out to nobody, ever."""
    ref = watched.world.case(wake=HOUR)
    run_id = watched.world.run_of(ref, "PAUSED")
    watched.world.prefect.put(run_id, "PAUSED", queued=False)
    assert watched.turn() == [("cancelled", run_id), ("start", f"{ref}/2")]
    assert watched.said(ref)[0]["found"] == "unqueued"


def test_a_run_put_off_for_a_day_is_put_back_when_its_case_is_due(watched: Watched) -> None:
    """Somebody gave it a later time by hand; an error's rest of some minutes is kept."""
    ref = watched.world.case()
    day = watched.world.clock.real + timedelta(days=1)
    run_id = watched.world.run_of(ref, "SCHEDULED", scheduled_at=day)
    assert watched.turn() == [("put_back", run_id)]
    assert watched.said(ref)[0]["found"] == "put_off"


def test_a_case_whose_first_run_never_came_gets_it_without_a_word(watched: Watched) -> None:
    """The watchdog has told its people while Prefect was down; nothing is due, and nobody meddled."""
    ref = watched.world.case(wake=HOUR)
    assert watched.turn() == [("start", f"{ref}/1")]
    assert watched.said() == []


def test_an_end_that_vigil_set_is_no_meddling(watched: Watched) -> None:
    """A case opened again goes on in the next run; the run of its closure ended as it should."""
    ref = watched.world.case()
    watched.world.run_of(ref, "PAUSED")
    watched.world.prefect.put(f"run-{ref}-1", "COMPLETED", "Closed, signed by LOI insp-a")
    assert watched.turn() == [("start", f"{ref}/2")]
    assert watched.said(ref) == []


@pytest.mark.parametrize("wake", [None, HOUR])
def test_the_ended_run_of_a_closed_case_is_left_alone(watched: Watched, wake: timedelta | None) -> None:
    """Also while a message of it waits to be sent again."""
    ref = watched.world.case(wake=HOUR)
    watched.world.run_of(ref, "COMPLETED")
    watched.close(ref, wake)
    assert watched.turn() == []
    assert watched.said(ref) == []


def test_a_pass_that_is_under_way_is_not_touched(watched: Watched) -> None:
    """Whoever holds the case looks after its run."""
    ref = watched.world.case(wake=HOUR)
    watched.world.run_of(ref, "RUNNING")
    with watched.world.sessions() as s:
        wakes.take_lease(s, ref, "somebody", watched.world.clock.wall() + timedelta(seconds=30), 60)
    watched.world.clock.go_on(60)
    assert watched.turn() == []


def test_while_prefect_is_down_nothing_is_found_and_nothing_said(watched: Watched) -> None:
    """No answer is no deletion."""
    ref = watched.world.case(wake=HOUR)
    watched.world.run_of(ref, "PAUSED")
    watched.world.prefect.down = True
    assert watched.turn() == []
    watched.audit.mend()
    watched.world.prefect.down = False
    assert watched.turn() == []
    assert watched.said() == []


def test_ten_thousand_cases_are_gone_round_in_turn(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    """A look takes its portion, the next one goes on below it; the last one begins again at the top."""
    monkeypatch.setattr(repair, "PORTION", 2)
    monkeypatch.setattr(repair, "AT_ONCE", 1)
    refs = [watched.world.case(number, risk, HOUR) for number, risk in enumerate((Risk.LOW, Risk.HIGH, Risk.MEDIUM))]
    for ref in refs:
        watched.world.run_of(ref, "PAUSED")
    watched.world.prefect.runs.clear()
    assert watched.turn() == [("start", f"{refs[1]}/2"), ("start", f"{refs[2]}/2")]
    assert watched.turn() == [("start", f"{refs[0]}/2")]
    assert watched.turn() == []


def test_a_database_of_prefects_that_is_lost_comes_back_by_risk_and_not_all_at_once(watched: Watched) -> None:
    """Fresh runs stand before nobody's new report: no more in the queue than it bears, the highest risk first."""
    low = [watched.world.case(number, Risk.LOW, HOUR) for number in range(QUEUE)]
    high = [watched.world.case(100 + number, Risk.HIGH, HOUR) for number in range(QUEUE)]
    for ref in (*low, *high):
        watched.world.run_of(ref, "PAUSED")
    watched.world.prefect.runs.clear()
    assert sorted(watched.turn()) == sorted(("start", f"{ref}/2") for ref in high)
    assert watched.turn() == [], "the queue is full"
    for ref in high:
        watched.world.prefect.put(f"run-{ref}-2", "PAUSED")
    assert sorted(watched.turn()) == sorted(("start", f"{ref}/2") for ref in low)
    assert len(watched.said()) == 2 * QUEUE


def test_what_keeps_the_runs_from_being_handed_out_is_put_right_and_told_once(watched: Watched) -> None:
    """Each time that somebody pauses the pool is one line; one that we cannot mend is not a line every look."""
    prefect = watched.world.prefect
    prefect.wrong = "pool_paused"
    watched.audit.mend()
    assert prefect.taken() == [("deploy", "")]
    assert prefect.astray() is None
    watched.audit.mend()
    assert watched.said() == [{"found": "pool_paused"}]
    prefect.wrong, prefect.stubborn = "pool_paused", True
    for _ in range(5):
        watched.audit.mend()
    assert watched.said() == [{"found": "pool_paused"}] * 2


LATER = HANGS_AFTER.total_seconds() + 1
HANGS = (("RUNNING", "put_back", "stuck"), ("PENDING", "put_back", "stuck"), ("CANCELLING", "cancelled", "cancelled"))


@pytest.mark.parametrize(("kind", "asked", "found"), HANGS)
def test_the_run_of_a_closed_case_whose_pass_died_is_put_right_once(
    watched: Watched, kind: str, asked: str, found: str
) -> None:
    """Nothing of the case falls due any more, and yet nobody reads for ever that a pass is under way."""
    ref = watched.world.case()
    run_id = watched.world.run_of(ref, kind, number=3)
    watched.close(ref)
    watched.world.clock.go_on(HANGS_AFTER.total_seconds())
    assert watched.end() == [], "the pass may be alive"
    watched.world.clock.go_on(1)
    with capture_logs() as logs:
        assert watched.end() == [(asked, run_id)]
    assert [(line["event"], line["case"], line["kind"]) for line in logs] == [("run_repaired", ref, found)]
    assert watched.said(ref) == [{"found": found, "run_id": run_id, "run_number": 3}]
    assert watched.world.knocks == ["worker"]
    assert watched.end() == []
    assert len(watched.said(ref)) == 1


@pytest.mark.parametrize("closed", [False, True])
def test_the_own_run_of_a_case_that_must_have_one_is_left_to_the_timer(watched: Watched, closed: bool) -> None:
    """Two that put it back at the same moment would be two lines for one repair."""
    ref = watched.world.case(wake=HOUR)
    run_id = watched.world.run_of(ref, "RUNNING")
    if closed:
        watched.close(ref, HOUR)
    watched.world.clock.go_on(LATER)
    assert watched.end() == []
    assert watched.turn() == [("put_back", run_id)]
    assert len(watched.said(ref)) == 1


@pytest.mark.parametrize("closed", [False, True])
def test_what_somebody_holds_is_left_to_its_holder(watched: Watched, closed: bool) -> None:
    """A pass that is alive ends its run itself; once its lease has run out it is dead."""
    ref = watched.world.case(wake=HOUR)
    watched.world.run_of(ref, "RUNNING" if closed else "PAUSED")
    watched.world.prefect.put("by-hand", "RUNNING")
    watched.world.prefect.given["by-hand"] = ref
    if closed:
        watched.close(ref)
    watched.world.clock.go_on(LATER)
    with watched.world.sessions() as s:
        assert wakes.take_lease(s, ref, "somebody", watched.world.clock.wall(), 60)
    assert watched.end() == []
    watched.world.clock.go_on(61)
    assert ("put_back", "by-hand") in watched.end()


def test_a_run_that_carries_no_case_is_put_back_and_the_journal_is_silent(watched: Watched) -> None:
    """Its next pass ends it; what somebody typed for a case is not logged, and no case is about it."""
    ref = watched.world.case(wake=HOUR)
    watched.world.run_of(ref, "PAUSED")
    given = {"beside": ref, "misspelt": "Jane Doe", "nonsense": None}
    watched.world.prefect.given.update(given)
    for run_id in given:
        watched.world.prefect.put(run_id, "RUNNING")
    watched.world.clock.go_on(LATER)
    with capture_logs() as logs:
        assert watched.end() == [("put_back", run_id) for run_id in given]
    assert [(line["event"], line["case"]) for line in logs] == [("run_repaired", what) for what in (ref, None, None)]
    assert watched.said() == []


def test_while_prefect_is_down_what_hangs_is_left_as_it_is(watched: Watched) -> None:
    """No answer, no repair; the next look asks again."""
    ref = watched.world.case()
    run_id = watched.world.run_of(ref, "RUNNING")
    watched.close(ref)
    watched.world.clock.go_on(LATER)
    watched.world.prefect.down = True
    assert watched.end() == []
    watched.world.prefect.down = False
    assert watched.end() == [("put_back", run_id)]
