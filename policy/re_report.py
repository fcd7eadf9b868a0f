"""A re-report: somebody of whom there was a case within the last twelve months is missing again (S2, W34).

In 2018 a case was closed on a belief, and eleven days later the son reported his mother again. The new case names the
earlier one, and runs at the highest risk that it ever had, at the least, until an inspector says otherwise.
"""

from collections.abc import Iterable
from datetime import datetime

from policy.book import Book
from policy.case import Case
from policy.floors import highest
from policy.record_terms import Earlier
from policy.retime import retime
from policy.spans import Span
from policy.terms import Anchor, CaseStatus, Rank, Risk
from policy.values import replace

DUPLICATES_FOR = Span.parse("24h")  # CHOSEN
WITHIN = Span.parse("12mo")  # after its closure


def counts(case: Case, now: datetime) -> bool:
    """Tell whether a report of the same person now is a re-report of this case.

    It is one when nobody seeks the person under it any more: closed for no longer than a year, located, or inactive.
    An open one counts once it is a day old; before that, two open cases are possible duplicates of one report.
    """
    if case.closed:
        return WITHIN.after(case.anchors.get(Anchor.CLOSED, case.anchors[Anchor.CALL_RECEIVED])) >= now
    a_day_old = DUPLICATES_FOR.after(case.anchors[Anchor.CALL_RECEIVED]) <= now
    return case.status is not CaseStatus.OPEN or a_day_old


def earlier_of(case: Case, levels: Iterable[Risk]) -> Earlier:
    """Give an earlier case as the new one keeps it; `levels` are those that its journal tells of."""
    return Earlier(case.ref, highest(*levels, case.risk, case.risk_floor))


def restore(book: Book, earlier: Earlier, at: datetime) -> None:
    """Link the case to the earlier one; a risk that is lower than that one's highest, or not set, is raised to it.

    Nobody stands behind the restored level yet: an inspector confirms it, or lowers it with a reason. Where none was
    set, the timers go on as they ran until then, a child's as high: a re-report is never slower than a first report.
    """
    case, level = book.case, earlier.highest
    ran_as = book.risk if case.risk is None and level is not None else None
    book.note("re_report", at, case=earlier.ref, risk=level)
    book.case = replace(case, re_report_of=earlier.ref, risk_floor=highest(case.risk_floor, level, ran_as))
    if level is None or (case.risk is not None and case.risk.weight >= level.weight):
        return
    book.note("risk_restored", at, before=case.risk, after=level, case=earlier.ref)
    book.case = replace(book.case, risk=level, risk_rank=Rank.STAFF).with_anchor(Anchor.RISK_SET, at)


def recognised(book: Book, earlier: Earlier) -> None:
    """Link a case whose corrected record names the person of an earlier one; a raised risk is confirmed in time."""
    before = book.risk
    restore(book, earlier, book.now)
    if book.risk.weight > before.weight:
        book.case = replace(book.case, to_confirm=True).with_anchor(Anchor.RISK_RAISED, book.now)
        retime(book, before, book.now)
