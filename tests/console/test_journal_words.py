"""The journal in words: no line of it is left without a sentence."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from console import journal_words
from console.journal_words import HIDDEN, sentence
from policy.terms import Route
from store.journal import JournalEntry
from store.packs import load_packs

NOW = datetime(2026, 1, 10, 19, 0, tzinfo=UTC)
ROOT = Path(journal_words.__file__).parents[1]
PACK = load_packs(None)["staffordshire"]
OF_THE_HOME = {
    "refused",
    "roster_put",
    "account_locked",
    "break_glass",
    "acting_granted",
    "acting_ended",
}  # about no case; no page shows them


def kinds() -> set[str]:
    """Each kind of line that policy and runtime write."""
    found = set[str]()
    for room in ("policy", "runtime"):
        for file in (ROOT / room).rglob("*.py"):
            found |= set(re.findall(r"\b(?:note|Entry)\(\s*\"([a-z_]+)\"", file.read_text(encoding="utf-8")))
    return found - HIDDEN


def line(kind: str, **body: object) -> JournalEntry:
    """One line of a journal."""
    return JournalEntry(1, NOW, NOW, "MP-2026-000001", "vigil", Route.SYSTEM, kind, body, "")


@pytest.mark.parametrize("kind", sorted(kinds() - OF_THE_HOME))
def test_every_kind_of_line_is_said_in_a_sentence(kind: str) -> None:
    """Whatever is in its body, also nothing: a sentence and no stumbling."""
    body = {"fact": "note"} if kind == "fact" else {}
    said = sentence(line(kind, **body), PACK, NOW)
    assert kind in journal_words._SENTENCES, "the bare word is no sentence"
    assert said
    assert "_" not in said


STEP = {"step": "search_home", "occurrence": 1}
SAID: tuple[tuple[str, dict[str, object], str], ...] = (
    ("transfer", {"state": "offered", "force": "kent"}, "Offered to Kent Police"),
    ("transfer", {"state": "accepted", "force": "kent"}, "Accepted by Kent Police"),
    ("transfer", {"state": "bounced", "force": "kent", "bounces": 2}, "Sent back by Kent Police, return 2"),
    ("unowned", {"before": "wm-fim"}, "wm-fim has the case no longer; nobody has accepted it since"),
    (
        "warned",
        {**STEP, "holder": "sgt-s", "due_at": "2026-01-10T20:00:00Z"},
        "Warned sgt-s: Search of the home, due 20:00",
    ),
    (
        "shift_ended",
        {"person": "insp-a"},
        "The shift of the owner insp-a has ended, and nobody has taken the case over",
    ),
    ("shift_ended", {**STEP, "person": "sgt-s"}, "sgt-s went off duty without an answer: Search of the home"),
    ("not_required", {**STEP, "reason": "seen"}, "Not asked for any more: Search of the home (seen)"),
    ("missed", {**STEP, "occurrence": 4, "times": 90}, "Missed 90 times in a row, from: Search of the home 4"),
    ("closed", {"role": "duty_inspector"}, "Closed, signed as LOI"),
    (
        "inactive",
        {"next_review_at": "2026-01-11T19:00:00Z"},
        "Inactive: nothing more can be done now; next review 19:00 on 11 Jan",
    ),
    (
        "run_repaired",
        {"found": "deleted", "run_id": "92cc1850", "run_number": 1, "goes_on_in": 2},
        "The run 1 in Prefect was deleted; the case goes on in run 2",
    ),
    (
        "run_repaired",
        {"found": "paused", "run_id": "92cc1850", "run_number": 2},
        "The run 2 in Prefect was paused by hand; it was put right",
    ),
    ("prefect_repaired", {"found": "pool_paused"}, "Pool paused in Prefect; it was put right"),
    ("fact", {"fact": "returned", "evidence": {"at": "2026-01-10T18:30:00Z"}}, "Returned. At: 18:30"),
    (
        "fact",
        {**STEP, "fact": "step_completed", "evidence": {"loft": "x", "complete": False}},
        "Step completed: Search of the home (saved, not complete). Loft: x",
    ),
)


@pytest.mark.parametrize(("kind", "body", "words"), SAID)
def test_lines_of_the_main_line_say_who_what_and_when(kind: str, body: dict[str, object], words: str) -> None:
    """In the procedure's own words, times local."""
    assert sentence(line(kind, **body), PACK, NOW) == words
