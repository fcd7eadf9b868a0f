"""Contact on a closed case: nobody works on it, so a named person decides whether that is still right (W35, F6)."""

from policy.book import Book, Word
from policy.case import FINISHED, Step, waiting
from policy.facts import Fact
from policy.pack_parse import case_steps
from policy.spans import LOCAL
from policy.terms import AlarmKey, Anchor, MessageType
from policy.values import replace
from policy.vital import asked_of, code_of


def on_a_closed_case(book: Book, fact: Fact) -> None:
    """Ring, and have a named person asked; one who is deciding already decides with it what comes meanwhile."""
    book.case = book.case.with_anchor(Anchor.CLOSED_CASE_CONTACT, book.now)
    code = code_of(fact.evidence)
    deciding = [step for step in book.case.live_steps() if _asks(book, step)]
    if not deciding:
        about = f" ({code['category']})" if code else ""
        detail = f"{fact.kind}{about} at {book.now.astimezone(LOCAL):%H:%M:%S on %d %b %Y}"
        book.alarm(AlarmKey.CLOSED_CASE_CONTACT, detail, book.now)
    if code:
        for step in deciding or _to_be_asked(book):
            if asked_of(step.evidence) != asked_of(code):
                marked = book.put(replace(step, evidence={**step.evidence, **code}))
                _say_so(book, marked)


def _asks(book: Book, step: Step) -> bool:
    return book.rule(step).anchor is Anchor.CLOSED_CASE_CONTACT


def _to_be_asked(book: Book) -> list[Step]:
    """Give the occurrence that opens by this contact, of each step that asks about one."""
    rules = [rule for rule in case_steps(book.pack) if rule.anchor is Anchor.CLOSED_CASE_CONTACT]
    latest = [(rule.key, book.case.step(rule.key)) for rule in rules]
    return [
        waiting(key, step.occurrence + 1) if step is not None and step.status in FINISHED else step or waiting(key)
        for key, step in latest
    ]


def _say_so(book: Book, step: Step) -> None:
    """Tell whoever is deciding already: what they were asked did not say it."""
    for told in {one.person: one for one in step.told}.values():
        title = "A matter of life on a closed case"
        book.say(Word(MessageType.TASK, title, asked_of(step.evidence), book.now), told.person, told.role, step)
