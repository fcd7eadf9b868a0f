"""A recorded case told again is its journal, line for line; as a story it can be played, and what is lost is said."""

import re
from pathlib import Path

import pytest

import policy
from policy.past import DECIDED
from policy.play import Story, play
from policy.terms import Role, Route
from runtime import doors, past, rehearse_sim
from runtime.past import NotReplayable, told_again
from runtime.rehearse_file import read
from store import journal, meta, roster_past
from store.replay import CHANGED
from tests.rehearsals.play import FILES, LONG
from tests.runtime.past_world import CASE, NOTICE, a_night, again, lines_of, planted
from tests.runtime.revision_world import a_force
from tests.support.world import World

night = pytest.fixture(a_night, scope="module", name="night")  # which is only read
world = pytest.fixture(a_night, name="world")  # in which more happens


@pytest.mark.long
@pytest.mark.timeout(300)
@pytest.mark.parametrize("file", [f for f in FILES if f.stem in LONG], ids=lambda f: f.stem)
def test_a_long_rehearsal_can_be_told_again(file: Path) -> None:
    """Each case's journal follows from what came in; tests/rehearsals hold the others to it as they are played."""
    with rehearse_sim.play(read(file)) as sim:
        told = [past.retell(sim.app, ref) for ref in past.every(sim.app)]
        assert [one for one in told if not one.same] == []
        assert sum(one.decisions for one in told) > 0


def test_every_line_of_a_decision_is_compared() -> None:
    """A kind of line that policy writes and nobody compares would be a hole in the proof."""
    room = Path(policy.__file__).parent
    text = "\n".join(file.read_text(encoding="utf-8") for file in room.glob("*.py"))
    assert set(re.findall(r"\b(?:note|Entry)\(\s*\"([a-z_]+)\"", text)) == DECIDED


def test_the_same_and_what_was_compared(night: World) -> None:
    """Act for act: choices, openings, breaches, rungs, the owner, the risk and what each moved."""
    told = past.retell(night.sim.app, CASE)
    assert (told.same, told.differs, told.why_not) == (True, (), None)
    kinds = {line.kind for line in lines_of(night)}
    assert kinds >= {"chosen", "step_opened", "overdue", "fact", "owner", "risk", "retimed", CHANGED, "attempt"}
    assert told.decisions > 10


# --- what cannot be told again


def test_a_roster_that_was_not_kept_is_said(world: World) -> None:
    """An import by a Vigil that kept no rosters: the case is listed, with the reason; never a guess."""
    with world.sim.app.sessions() as s:
        meta.put(s, roster_past.KEPT, "")
    told = past.retell(world.sim.app, CASE)
    assert not told.same
    assert told.why_not == "the roster of 10 Jan 2026 19:00 was not kept: an earlier Vigil put it in"


def test_a_journal_without_its_beginning_is_said(night: World) -> None:
    """Half a journal proves nothing."""
    assert again(night, lines_of(night)[3:]).why_not == past.NO_BEGINNING
    assert again(night, []).why_not == past.NO_BEGINNING


def test_a_revision_that_is_not_there_is_said(night: World) -> None:
    """A case pinned to a pack that this home has not got."""
    lines = lines_of(night)
    whole = next(line for line in lines if line.kind == CHANGED)
    columns = whole.body["case"]
    assert isinstance(columns, dict)
    told = again(night, planted(lines, CHANGED, {"case": {**columns, "pack": "atlantis"}}))
    assert told.why_not is not None
    assert "atlantis" in told.why_not


def test_a_case_that_follows_a_newer_revision_is_told_under_both() -> None:
    """Each decision under the revision to which the case was pinned then; another number in that line is found."""
    with a_force() as force:
        ref = force.report()
        force.forward(4)
        force.approve(force.propose().number)
        assert force.settle() == 1
        force.forward(12)
        app = force.app
        assert past.retell(app, ref).same
        with app.sessions.reading() as s:
            lines, rosters = journal.read(s, ref, limit=10_000), roster_past.read(s)
        assert [line.body["after"] for line in lines if line.kind == "repinned"] == [2]
        told = told_again(ref, planted(lines, "repinned", {"after": 1}), rosters, app.pack_of)
        assert f"the journal alone says retimed {NOTICE} 1" in [one.words for one in told.differs]
        assert "9" in str(told_again(ref, planted(lines, "repinned", {"after": 9}), rosters, app.pack_of).why_not)


# --- as stories


def test_a_story_played_is_the_case(night: World) -> None:
    """What came in, played from wake to wake under the same pack and roster, is what happened."""
    story = past.story_of(night.sim.app, CASE)
    assert isinstance(story, Story)
    rosters = past.rosters_of(night.sim.app)
    played = play(story, night.sim.rules, rosters)
    lines = [line for line in lines_of(night) if line.kind in DECIDED]
    assert [entry.kind for _, entry in played.entries] == [line.kind for line in lines]
    assert [entry.at for _, entry in played.entries] == [line.at for line in lines]
    assert [at for at, _ in played.entries] == [line.written_at for line in lines]
    assert (rosters.guessed_at, played.refused) == ([], [])
    assert [[fact.kind for fact in said.facts] for said in story.said] == [
        ["acknowledged"], ["accepted"], ["risk_set"], ["note"],
    ]  # fmt: skip


def test_where_the_roster_was_not_kept_it_is_guessed_and_said(world: World) -> None:
    """A comparison may stand on the roster of today; a proof may not."""
    with world.sim.app.sessions() as s:
        meta.put(s, roster_past.KEPT, "")
    rosters = past.rosters_of(world.sim.app)
    assert rosters(world.start).choose(Role.DUTY_INSPECTOR, ["stoke"], world.start).chosen is not None
    assert rosters.guessed_at == [world.start]


def test_the_stories_of_a_pack(world: World) -> None:
    """The newest first, as many as are asked for; of another pack none."""
    second = world.report(risk="low")
    app = world.sim.app
    assert [story.ref for story in past.stories(app, "staffordshire", 5)] == [second, CASE]
    assert [story.ref for story in past.stories(app, "staffordshire", 1)] == [second]
    assert list(past.stories(app, "metropolitan", 5)) == []


def test_facts_that_came_together_stay_together(world: World) -> None:
    """A corrected record raises the risk and tells news in one breath: one group, and the record's own lines beside."""
    raw = {
        "source": "world", "source_id": "9", "reported_at": world.sim.clock.now().isoformat(),
        "person": {"name": "Somebody"}, "risk": "low",
    }  # fmt: skip
    ref = doors.report(world.sim.app, raw, route=Route.API).case
    changed = {**raw, "risk": "high", "area": "stoke", "person": {"name": "Somebody", "age": 9}}
    assert doors.report(world.sim.app, changed, route=Route.API).case == ref
    world.sim.settle()
    story = past.story_of(world.sim.app, ref)
    assert not isinstance(story, NotReplayable)
    assert [[fact.kind for fact in said.facts] for said in story.said] == [["risk_set", "new_information"]]
    assert past.retell(world.sim.app, ref).same
