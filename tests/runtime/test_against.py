"""A night beside the same night with one thing changed: what differs is said in words, and stands in its minute."""

import json
from pathlib import Path

import pytest

from policy.errors import Invalid
from runtime import rehearse_against
from runtime.against_timeline import Mark
from runtime.rehearse_against import Comparison, compare
from tests.rehearsals.play import HERE, LATE

STEP = "notify_local_supervisor"
TITLE = "FIM tells the LOI and the sergeant"


def text_at(found: Comparison, clock: str, *, right: bool) -> list[str]:
    """Give the lines of one side at a minute."""
    side = found.right if right else found.left
    return [entry.text for entry in side.entries if side.clock.clock(entry.at) == clock]


def test_answers_that_come_later() -> None:
    """Five minutes later, and the neighbour is woken: said in words, and both lines stand at their own minute."""
    found = compare(LATE, "told=+5m")
    assert f"{TITLE}: insp-n is told as well." in found.summary
    assert "One breach more: A named owner accepts the case." in found.summary
    assert "insp-a acknowledges" in text_at(found, "19:25", right=False)
    assert "insp-a acknowledges" in text_at(found, "19:30", right=True)
    moved = next(e for e in found.right.entries if e.text == "insp-a acknowledges")
    assert (moved.mark, moved.note) == (Mark.MOVED, "5 minutes later")
    assert found.expected == "Of the 5 things that the file expects, 5 hold as it is and 3 with the change."


def test_answers_that_come_earlier() -> None:
    """An answer within the deadline leaves no breach and asks nobody else."""
    found = compare(LATE, "told=-20m")
    assert any(said.startswith("2 breaches fewer") or TITLE in said for said in found.summary)
    assert [e for e in found.right.entries if e.kind == "overdue" and TITLE in e.text] == []
    assert [e for e in found.left.entries if e.kind == "overdue" and TITLE in e.text]


def test_one_number_of_the_pack() -> None:
    """Seven minutes instead of ten: each rung is told by that much earlier, and nothing else differs."""
    found = compare(LATE, f"{STEP}.due.medium=7m")
    assert found.right.title == f"{TITLE}: due at medium risk 7m"
    assert f"{TITLE}: fim-1 is told 6 minutes earlier and insp-n is told as well." in found.summary
    assert f"{TITLE} falls overdue 3 minutes earlier." in found.summary


def test_another_pack_on_the_same_ground() -> None:
    """Under the baseline the case stays in its area, and other words for the same are no difference."""
    found = compare(LATE, "pack=uk_app_baseline")
    assert found.right.title == "Under the pack National baseline (APP, England and Wales)"
    assert any("Stoke-on-Trent" in line for line in text_at(found, "19:00", right=True))
    overdue = next(e for e in found.right.entries if e.kind == "overdue" and "Tell the local inspector" in e.text)
    assert overdue.mark is Mark.SAME


def test_other_people_on_duty(tmp_path: Path) -> None:
    """Without the inspector of the area the neighbours are asked at once, or the alarm says that nobody is there."""
    roster = tmp_path / "night.csv"
    roster.write_text(
        "person,role,area,from,to\n"
        "insp-z,duty_inspector,stoke,2026-01-10T14:00:00Z,2026-01-11T02:00:00Z\n"
        "fim-1,force_incident_manager,*,2026-01-10T14:00:00Z,2026-01-11T02:00:00Z\n",
        encoding="utf-8",
    )
    found = compare(LATE, f"roster={roster}")
    assert "insp-z hears of it now." in found.summary
    assert "insp-a and sgt-s hear nothing any more." in found.summary
    assert "Acknowledged is refused now, for want of: a roster id." in found.summary
    roster.write_text("person,role,area,from,to\nx,duty_inspektor,stoke,soon,later\n", encoding="utf-8")
    with pytest.raises(Invalid) as raised:
        compare(LATE, f"roster={roster}")
    assert any("'duty_inspektor' is not known" in fault.message for fault in raised.value.faults)


def test_another_file() -> None:
    """Two nights are laid start upon start; what both have is folded, what one has is marked."""
    found = compare(LATE, str(HERE / "staffordshire_the_real_failure.toml"))
    assert found.right.title == "Staffordshire 2025, the real failure"
    assert "In the end nobody owns the case, not insp-a." in found.summary
    assert found.rows[0].fold
    assert all(entry.mark is Mark.SAME for row in found.rows[0].fold for entry in (*row.left, *row.right))


def test_nothing_differs() -> None:
    """The same file beside itself: one sentence, and one fold."""
    found = compare(LATE, str(LATE))
    assert found.summary == ("Nothing differs: the same people are told the same things at the same times.",)
    assert [bool(row.fold) for row in found.rows] == [True]


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("foo", "told=+5m"),
        ("told=soon", "write told=+5m or told=-90s"),
        ("told=-2h", "write a shorter time"),
        ("pack=nowhere", "use one of: derbyshire_mpt, metropolitan, staffordshire, uk_app_baseline"),
        ("roster=/nowhere/at-all.csv", "give the path of a file that is there"),
        ("was", "tell it in [[was]] tables"),
        (f"{STEP}.due.medium=0m", "write a whole number"),
        (f"{STEP}.dew.medium=5m", "did you mean due?"),
        ("notify_local_supervisr.due=5m", f"did you mean {STEP}?"),
        ("rhi_outcome.due=90h", "ceiling"),
    ],
)
def test_what_cannot_be_changed(what: str, said: str) -> None:
    """Each is refused with what there is instead; nothing is compared."""
    with pytest.raises(Invalid) as raised:
        compare(LATE, what)
    faults = raised.value.faults
    assert any(said in f"{fault.message} {fault.remedy}" for fault in faults), faults


def test_the_same_as_data() -> None:
    """As data both sides have every line with its mark, folded or not."""
    data = rehearse_against.as_data(compare(LATE, "told=+5m"))
    text = json.loads(json.dumps(data))
    assert text["summary"] == data["summary"]
    left = text["left"]["lines"]
    assert {line["mark"] for line in left} >= {"same", "moved"}
    assert left[0]["at"] == "2026-01-10T19:00:00Z"
