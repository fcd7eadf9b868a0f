"""The story of a rehearsal says what came of a case as an inspector would say it."""

from datetime import UTC, datetime, timedelta

import pytest

from policy.pack import Pack
from policy.pack_parse import parse
from policy.terms import FactKind, MessageType
from runtime.rehearse_journal import Written, of_breach, of_entries
from runtime.rehearse_seen import Asked, Telling
from runtime.rehearse_words import of_fact, of_tellings
from store.packs import pack_texts

NOW = datetime(2026, 1, 10, 19, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def pack() -> Pack:
    """Staffordshire's pack."""
    return parse("staffordshire", pack_texts(None)[0])


def entry(kind: str, by: str = "insp-a", **body: object) -> Written:
    """Give an entry of a journal."""
    return Written(NOW, kind, by, body)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (entry("located", wellbeing="harmed"), "The case is LOCATED: the person has been seen, harmed"),
        (entry("closing", reason="found"), "The case is CLOSING: another person has to sign"),
        (entry("closed", "sgt-d", rank="sergeant"), "The case is CLOSED, signed by sgt-d (sergeant)"),
        (entry("closure_declined"), "The signature is refused: the case goes on as before"),
        (entry("reopened", was="closed"), "The case is OPEN again; it was closed"),
        (
            entry("inactive", next_review_at="2026-01-11T09:00:00Z"),
            "The case is INACTIVE, not closed; next review 09:00 on 11 Jan",
        ),
        (entry("asked_again", step="detective_review", occurrence=2), "Asked for again: Detective review (2)"),
        (
            entry("missed", step="sergeant_review", occurrence=4, times=9),
            "MISSED: Sergeant review, 9 times from Sergeant review (4) on",
        ),
        (entry("shift_ended", person="insp-a"), "insp-a has gone off duty and still owns the case"),
        (
            entry("shift_ended", person="insp-a", step="named_owner_accepts", occurrence=1),
            "insp-a has gone off duty without an answer to A named owner accepts the case",
        ),
        (
            entry(
                "retimed", step="deploy_and_attend", occurrence=1, status="open",
                before="2026-01-11T03:00:00Z", after="2026-01-10T19:45:00Z",
            ),
            "Officers attend is due 19:45 now, and not 03:00 on 11 Jan",
        ),
    ],
    ids=lambda value: value.kind if isinstance(value, Written) else "",
)  # fmt: skip
def test_what_came_of_a_case_is_said_in_words(pack: Pack, written: Written, said: str) -> None:
    """Each entry that an inspector would ask about is one line."""
    assert of_entries([written], pack) == [(NOW, said)]


def test_what_is_only_planned_or_noise_is_left_out(pack: Pack) -> None:
    """A deadline that has not moved, one of an occurrence that nobody has, and what the acts tell already: no line."""
    times = {"before": "2026-01-11T03:00:00Z", "after": "2026-01-11T11:00:00Z"}
    planned = entry("retimed", step="sergeant_review", occurrence=2, status="waiting", **times)
    same = entry("retimed", step="sergeant_review", occurrence=1, status="open", **{**times, "after": times["before"]})
    assert of_entries([planned, same, entry("fact"), entry("warned"), entry("step_opened")], pack) == []


def test_steps_let_go_together_are_one_line(pack: Pack) -> None:
    """For one reason, each step once, however many of its occurrences were planned."""
    steps = [("sergeant_review", 2), ("sergeant_review", 3), ("inspector_review", 1)]
    gone = [entry("not_required", step=key, occurrence=n, reason="the person has been seen") for key, n in steps]
    said = "Not asked for any more (the person has been seen): Sergeant review and Inspector review"
    assert of_entries(gone, pack) == [(NOW, said)]


def test_a_breach_names_its_holder_or_nobody(pack: Pack) -> None:
    """An entry of the register is read with its occurrence; a missing holder stays missing."""
    assert of_breach(entry("overdue", step="sergeant_review", occurrence=3, holder="sgt-d"), 1).holder == "sgt-d"
    assert of_breach(entry("overdue", step="sergeant_review", occurrence=3, holder=None), 1).holder is None
    assert pack.steps["sergeant_review"].repeats


@pytest.mark.parametrize(
    ("kind", "step", "minutes", "said"),
    [
        (
            MessageType.REMIND,
            "system_research",
            15,
            "is warned: Look (Checks of PNC, COMPACT, STORM and Niche, by 19:15)",
        ),
        (
            MessageType.REMIND,
            "system_research",
            0,
            "is reminded: Look (Checks of PNC, COMPACT, STORM and Niche, overdue now)",
        ),
        (MessageType.REMIND, "notify_local_supervisor", 3, "is reminded (2): Look (FIM tells the LOI"),
        (
            MessageType.ESCALATE,
            "search_home",
            -60,
            "is told (rung 1, again 2): Look (Search of the home, overdue since 18:00)",
        ),
        (MessageType.TASK, "search_home", 720, "is asked: Look (Search of the home, by 07:00 on 11 Jan)"),
    ],
)
def test_a_telling_says_of_which_step_and_by_when(
    pack: Pack, kind: MessageType, step: str, minutes: int, said: str
) -> None:
    """Before the deadline of a task it is a warning, at the deadline a reminder; a rung says how long it is overdue."""
    ask = Asked(step, "Look", NOW + timedelta(minutes=minutes))
    telling = Telling(NOW, "k", 1, "insp-a", "duty_inspector", "LOI", kind, step, 1, 2, (step,), (ask,), NOW)
    assert of_tellings([telling], pack).startswith(f"LOI insp-a {said}")


def test_every_kind_of_fact_has_its_words(pack: Pack) -> None:
    """Whatever can be said of a case is said in words, with what is missing named as such."""
    assert of_fact({"kind": "returned", "by": "off-1", "evidence": {"at": "2026-01-10T18:00:00Z"}}, pack) == (
        "off-1 records that the person was back at 18:00 on 10 Jan"
    )
    assert of_fact({"kind": "tasked", "by": "op-1"}, pack) == "op-1 tasks a unit: (nothing said)"
    for kind in FactKind:
        assert of_fact({"kind": kind, "by": "op-1"}, pack).startswith("op-1 ")
