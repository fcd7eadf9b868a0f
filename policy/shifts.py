"""The end of a shift: nobody goes home with an offer unanswered, or with a case, and nobody hears of it (S0)."""

from collections.abc import Sequence
from datetime import datetime

from policy import handover, ladder
from policy.book import Book
from policy.case import ACCEPTED_ELSEWHERE, Step, Told, waiting
from policy.pack import Addressee
from policy.terms import AlarmKey, Anchor, Kind, Role
from policy.unfold import offer, unfold
from policy.values import replace

LOCAL = Addressee(Role.DUTY_INSPECTOR)  # whose change of shift is that of the place


def watch(book: Book) -> bool:
    """See to whoever has gone off duty or soon will, and keep in mind when the roster next matters to the case.

    Tell whether nothing comes of looking again before then, as long as case and roster are what they are.
    """
    ended_at = book.case.shift_ends_at
    ends = _ends(book)
    if None in ends:  # somebody has gone
        at = min(ended_at or book.now, book.now)
        for step in _asking(book):
            _relieve(book, step, at)
        _owner_has_gone(book, at)
        _acknowledgements_lapse(book, at)
        ends = _ends(book)
    coming = [*handover.watch(book), *_next_local_shift(book), *ends]
    ends_at = min([at for at in coming if at is not None and at > book.now], default=None)
    if ends_at != ended_at:
        book.case = replace(book.case, shift_ends_at=ends_at)
    return book.now not in coming


def _next_local_shift(book: Book) -> Sequence[datetime]:
    """Move the anchor of the local shift to the latest change of it, where a step counts from that; give the next."""
    anchors = book.case.anchors
    begun = anchors.get(Anchor.SHIFT_START, anchors.get(Anchor.CMS_CREATED))
    if Anchor.SHIFT_START not in book.pack.anchors or book.case.closed or begun is None:
        return ()
    spells = book.roster.in_role(LOCAL.role, book.pack.areas_for(LOCAL, book.case.area))
    starts = [duty.from_at for duty in spells if duty.from_at > begun]
    latest = max((at for at in starts if at <= book.now), default=None)
    if latest is not None:
        book.case = book.case.with_anchor(Anchor.SHIFT_START, latest)
        unfold(book)
    return [at for at in starts if at > book.now]


def _acknowledgements_lapse(book: Book, at: datetime) -> None:
    """Ask again where whoever had acknowledged has gone and nobody owns the case: it does not outlive its shift."""
    case = book.case
    if case.owner is not None or not case.still_missing:
        return
    for key in book.pack.of_kind(Kind.NOTIFY):
        step = case.step(key)
        if step is None or step.done_by is None or book.roster.duties_of(step.done_by, book.now):
            continue
        book.note("acknowledgement_lapsed", at, step=key, occurrence=step.occurrence, person=step.done_by)
        book.put(waiting(key, step.occurrence + 1, book.now))
    if book.case is not case:
        unfold(book)


def _asking(book: Book) -> list[Step]:
    """Give the notices and offers that nobody has answered."""
    asks = book.pack.asks
    return [step for step in book.case.live_steps() if step.key in asks]


def _concerned(book: Book) -> set[str]:
    """Name those who were asked first and have not answered, the owner, and who acknowledged while there is none."""
    asked = {told.person for step in _asking(book) for told in _first(book, step)}
    owner = book.case.owner
    if owner is None:
        notices = [book.case.step(key) for key in book.pack.of_kind(Kind.NOTIFY)]
        return asked | {step.done_by for step in notices if step and step.done_by and book.case.still_missing}
    away = book.case.closed or book.case.transfer == ACCEPTED_ELSEWHERE  # another force's roster is its own matter
    return asked if away else asked | {owner.person}


def _first(book: Book, step: Step) -> list[Told]:
    """Give who was told first; the relief is not asked to be there before the shift that they take over."""
    if step.evidence.get(handover.FROM) and step.anchor_at and step.anchor_at > book.now:
        return []
    return [told for told in step.told if told.rung == 0]


def _ends(book: Book) -> list[datetime | None]:
    """Give when the duties of those concerned end; None for somebody who is off duty already."""
    return [handover.ends_at(book, person) for person in _concerned(book)]


def _relieve(book: Book, step: Step, at: datetime) -> None:
    """Alarm the Force Incident Manager and the relief of each person who has gone home without an answer."""
    away = [t for t in _first(book, step) if not book.roster.duties_of(t.person, book.now) and t.at < at]
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
    if owner is None or book.case.closed or book.case.transfer == ACCEPTED_ELSEWHERE:
        return
    if book.roster.duties_of(owner.person, book.now):
        return
    on_roster = book.roster.rank_of(owner.person) is not None
    detail = f"the owner {owner.person} {'has gone off duty' if on_roster else 'is not on the roster any more'}"
    if not _rung(book, detail):
        book.note("shift_ended", at, person=owner.person)
        book.alarm(AlarmKey.UNOWNED_AFTER_SHIFT, detail, at)
