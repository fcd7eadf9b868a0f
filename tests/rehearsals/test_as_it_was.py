"""The three cases that the IOPC looked into: what was published, beside what Vigil would have done with it."""

from pathlib import Path

import pytest

from policy.errors import Unknown
from runtime import against_replays, rehearse
from runtime.against_story import of_scenario, timeline_of
from runtime.rehearse_against import compare_was
from runtime.rehearse_file import read
from runtime.rehearse_seen import Seen
from tests.rehearsals.play import LATE, Run, changed

FILES = {
    "staffordshire_2025": (
        "LOI insp-a is told by name in the minute in which the record arrives.",
        "insp-n owns the case from 19:35; until then fim-1 answers for it.",
    ),
    "met_ix_68_18": (
        "pc-1 asks for closure: She is a frequent traveller and has likely gone abroad: refused at 10:00 on 19 Jul",
        "Search of the home",
    ),
    "staffordshire_2017": (
        "pc-1 completes Prevention interview: refused at 20:20, for want of: interview held.",
        "sgt-s signs the closure: As asked: refused at 22:10, for want of: another signer.",
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_what_it_expects_is_kept(name: str, run: Run) -> None:
    """The played part of each replay is a rehearsal like any other: what it expects is what is seen."""
    code, story, faults = run(against_replays.FOLDER / f"{name}.toml")
    assert code == 0, story + faults


@pytest.mark.parametrize("name", FILES)
def test_as_it_was_beside_as_it_would_have_been(name: str) -> None:
    """Each line of the left names its source, and says so where its time is not published; nothing is marked."""
    found = compare_was(read(against_replays.FOLDER / f"{name}.toml"))
    said = " ".join(found.summary)
    assert [words for words in FILES[name] if words not in said] == [], said
    assert found.is_was
    codes = {source.code for source in found.sources}
    assert all(source.link.startswith("https://") for source in found.sources)
    assert {entry.note.partition(",")[0] for entry in found.left.entries} <= codes
    assert all("not published" in entry.note for entry in found.left.entries if not entry.timed)
    assert found.left.entries
    assert not any(entry.timed for entry in found.left.entries)  # not one hour of the three is published


@pytest.mark.parametrize("name", FILES)
def test_both_ways_of_playing_tell_the_same(name: str) -> None:
    """Played by policy alone, each person hears the same at the same instant as through the real doors."""
    scenario = read(against_replays.FOLDER / f"{name}.toml")
    alone = timeline_of("", of_scenario(scenario)).seen
    doors = rehearse.simulate(scenario).seen
    assert [_told(alone)] == [_told(doors)]
    assert sorted((b.at, b.step, b.holder) for b in alone.breaches) == sorted(
        (b.at, b.step, b.holder) for b in doors.breaches
    )
    assert [r.missing for r in alone.refusals if r.missing] == [
        tuple(name.removeprefix("evidence.") for name in r.missing) for r in doors.refusals if r.missing
    ]


def _told(seen: Seen) -> list[tuple[object, ...]]:
    return sorted((t.at, t.person, t.type, t.step, t.rung, t.reminder) for t in seen.tellings)


def test_every_replay_ships_and_is_named() -> None:
    """What the pages offer is what the folder holds; any other name is refused with those that there are."""
    assert {file.stem for file in against_replays.FOLDER.glob("*.toml")} == set(against_replays.ORDER) == set(FILES)
    with pytest.raises(Unknown, match="met_ix_68_18"):
        against_replays.told("../roster")


def test_a_line_without_its_source(tmp_path: Path, run: Run) -> None:
    """What is told as it was must name where it can be read; a time that is no time is a fault like any other."""
    extra = '\n[[was]]\nat = "+1m"\ntext = "x"\nsource = "S9"\n[[was]]\nat = "soon"\ntext = "x"\nsource = "S9"\n'
    code, _, faults = run(changed(tmp_path, extra=extra))
    assert code == 2
    assert "was 1 (line" in faults
    assert "'S9' is no [[source]] of this file" in faults
    assert "was 2 (line" in faults
    source = '\n[[source]]\ncode = "S9"\ntitle = "A book"\nlink = "http://example.org"\n'
    assert "source 1 (line" in run(changed(tmp_path, extra=source))[2]
    assert run(LATE)[0] == 0
