"""The crashes are worth what they catch: each bug of this list is planted behind a door, and a crash must find it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import pytest
from sqlmodel import Session

from policy.errors import Broken
from policy.intents import Entry
from runtime import door_deliver, door_pass, sending
from runtime.app import App
from runtime.timer import Timer
from store import journal, messages, outbox, wakes
from store.engine import Sessions
from tests.simulation.crash import Crash, play

FOR_EVER = 10**8  # seconds
Plant = Callable[[pytest.MonkeyPatch], object]


def settled_before_it_is_sent(patch: pytest.MonkeyPatch) -> None:
    """What the outbox calls received was not sent yet: who asks the outbox is content."""
    deliver, send_all, here = door_deliver.deliver, sending.send_all, list[App]()

    def known(app: App, *rest: object, **more: object) -> object:
        here[:] = [app]
        return deliver(app, *rest, **more)  # type: ignore[arg-type] # handed on as it came

    def eager(claimed: Sequence[messages.Message], *rest: object) -> object:
        with here[0].sessions() as s:
            for message in claimed:
                outbox.received(s, message.attempt_key, here[0].clock.now(), status_code=200)
        return send_all(claimed, *rest)  # type: ignore[arg-type] # handed on as it came

    patch.setattr("runtime.doors.deliver", known)
    patch.setattr(door_deliver, "send_all", eager)


def lease_not_taken(patch: pytest.MonkeyPatch) -> None:
    """A pass only says that the case is its own."""
    patch.setattr(wakes, "take_lease", lambda *_: True)


def lease_for_ever(patch: pytest.MonkeyPatch) -> None:
    """What a dead pass held is nobody's again."""
    patch.setattr(door_pass, "LEASE_S", FOR_EVER)


def wake_not_written(patch: pytest.MonkeyPatch) -> None:
    """The instant at which somebody must look again stays where it was."""
    patch.setattr(wakes, "set_wake", lambda *_: None)


def claim_for_ever(patch: pytest.MonkeyPatch) -> None:
    """What a dead one was about to send nobody sends."""
    patch.setattr(door_deliver, "CLAIM_S", FOR_EVER)


def nothing_is_cancelled(patch: pytest.MonkeyPatch) -> None:
    """What was answered is asked all the same."""
    patch.setattr(outbox, "cancel", lambda *_: 0)


def never_put_back(patch: pytest.MonkeyPatch) -> None:
    """The timer believes that a pass that is under way will end."""
    attend = Timer._attend

    def believing(timer: Timer, case: wakes.DueCase) -> bool:
        state = timer.runs.state(case.run_id) if case.run_id else None
        return False if state is not None and state.passing else attend(timer, case)

    patch.setattr(Timer, "_attend", believing)


def journal_outside_the_transaction(patch: pytest.MonkeyPatch) -> None:
    """What was decided is kept, and then it is written down why."""
    append, write, waiting = journal.append, Sessions.__call__, list[tuple[list[Entry], Mapping[str, object]]]()

    def later(_s: Session, entries: Sequence[Entry], **how: object) -> int:
        waiting.append((list(entries), how))
        return 0

    @contextmanager
    def leaky(sessions: Sessions) -> Iterator[Session]:
        waiting.clear()
        with write(sessions) as s:
            yield s
        todo = list(waiting)
        with write(sessions) as s:
            for entries, how in todo:
                append(s, entries, **how)  # type: ignore[arg-type] # handed on as it came

    patch.setattr(journal, "append", later)
    patch.setattr(Sessions, "__call__", leaky)


PLANTS: Sequence[tuple[Plant, tuple[str, ...], str]] = (
    (settled_before_it_is_sent, ("first_notice send:before@0 freed",), "1:"),
    (lease_not_taken, ("first_notice - freed",), "without its lease"),
    (lease_for_ever, ("decline pass:advanced@1 silent",), "1:|5:|still holds"),
    (wake_not_written, ("silence - freed",), "1:|5:|work was due"),
    (claim_for_ever, ("first_notice send:before@0 silent",), "1:|still"),
    (nothing_is_cancelled, ("quick_answer send:before@0 silent",), "2:"),
    (never_put_back, ("decline pass:advanced@2 worker",), "1:|5:"),
    (journal_outside_the_transaction, ("decline commit:after@1 freed",), "4:|does not hold the beginning"),
)


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("plant", "crashes", "says"), PLANTS, ids=[plant.__name__ for plant, *_ in PLANTS])
def test_a_planted_bug_is_caught(
    plant: Plant, crashes: Sequence[str], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of these crashes breaks a promise, and the failure says which."""
    for crash in crashes:
        play(Crash.named(crash))  # without the bug nothing is wrong
    plant(monkeypatch)
    with pytest.raises((AssertionError, Broken), match=says):  # noqa: PT012 -- which of them finds it is chance
        for crash in crashes:
            play(Crash.named(crash))
