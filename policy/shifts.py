"""The end of a shift: nobody goes home with an offer unanswered, or with a case, and nobody hears of it (S0)."""

from datetime import datetime

from policy import ladder
from policy.book import Book
from policy.case import Step, Told
from policy.terms import AlarmKey
from policy.unfold import offer
from policy.values import replace


def watch(book: Book) -> None:
    """Ring once for whoever has gone off duty, on time or early, and keep in mind whose duty ends next."""
    ended_at = book.case.shift_ends_at
    ends = [_end(book, person) for person in _concerned(book)]
    if None in ends:  # somebody has gone
        at = min(ended_at or book.now, book.now)
        for step in _asking(book):
            _relieve(book, step, at)
        _owner_has_gone(book, at)
        ends = [_end(book, person) for person in _concerned(book)]
    ends_at = min((end for end in ends if end), default=None)
    if ends_at != ended_at:
        book.case = replace(book.case, shift_ends_at=ends_at)


def _asking(book: Book) -> list[Step]:
    """Give the notices and offers that nobody has answered."""
    asks = book.pack.asks
    return [step for step in book.case.live_steps() if step.key in asks]


def _concerned(book: Book) -> set[str]:
    """Name those who were asked first and have not answered, and the owner."""
    asks, live = book.pack.asks, book.case.live_steps()
    asked = {told.person for step in live if step.key in asks for told in step.told if told.rung == 0}
    owner = book.case.owner
    return asked if owner is None or book.case.closed else asked | {owner.person}


def _end(book: Book, person: str) -> datetime | None:
    """Give when a person's duty ends; None for somebody who is off duty already."""
    return max([duty.to_at for duty in book.roster.duties_of(person, book.now)], default=None)


def _relieve(book: Book, step: Step, at: datetime) -> None:
    """Alarm the Force Incident Manager and the relief of each person who has gone home without an answer."""
    away = [t for t in step.told if t.rung == 0 and not book.roster.duties_of(t.person, book.now) and t.at < at]
    gone = [t for t in away if not _rung(book, _unanswered(step, t))]
    relieved = ladder.relieve(book, step, book.rule(step), at) if gone else step
    for told in gone:
        detail = _unanswered(step, told)
        book.note("shift_ended", at, step=step.key, occurrence=step.occurrence, person=told.person)
        book.alarm(AlarmKey.UNOWNED_AFTER_SHIFT, detail, at, step)
        for relief in _reliefs(book, relieved, told, at):
            book.alarm(AlarmKey.UNOWNED_AFTER_SHIFT, f"{detail}, {relief.person} is the relief", at, step, relief)
    if relieved != step:
        offer(book, book.put(relieved), at)


def _unanswered(step: Step, told: Told) -> str:
    return f"{step.key}: {told.person} went off duty without an answer"


def _rung(book: Book, detail: str) -> bool:
    return (AlarmKey.UNOWNED_AFTER_SHIFT, detail) in book.case.ringing


def _reliefs(book: Book, step: Step, gone: Told, at: datetime) -> list[Told]:
    """Give who has taken the role over, also where a reminder of the same minute had found them already."""
    same = [told for told in step.told if told.rung == 0 and told.role is gone.role and told.at >= at]
    return [told for told in same if book.roster.duties_of(told.person, book.now)]


def _owner_has_gone(book: Book, at: datetime) -> None:
    """An owner stays responsible until the next accepts; that the shift has ended is never silent."""
    owner = book.case.owner
    if owner is None or book.case.closed or book.roster.duties_of(owner.person, book.now):
        return
    detail = f"the owner {owner.person} has gone off duty"
    if not _rung(book, detail):
        book.note("shift_ended", at, person=owner.person)
        book.alarm(AlarmKey.UNOWNED_AFTER_SHIFT, detail, at)
