"""The journal in words, for the pages: what happened, in the procedure's own words.

What people wrote themselves is shown as they wrote it; what Vigil did is said in a sentence.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from console.words import local, risk_words, words
from policy.pack import Pack
from policy.terms import Role
from store.journal import JournalEntry

HIDDEN = frozenset({"chosen"})  # the choice and its candidates: in the journal of the API


@dataclass(frozen=True)
class Said:
    """One entry's body, with what it takes to say it."""

    body: Mapping[str, object]
    pack: Pack
    now: datetime

    def text(self, name: str) -> str:
        """Give one value as text, empty when it is missing."""
        value = self.body.get(name)
        return "" if value is None else str(value)

    @property
    def title(self) -> str:
        """Give the step's title, with its occurrence where there are several."""
        key = self.text("step")
        rule = self.pack.steps.get(key)
        number = self.body.get("occurrence")
        title = rule.title if rule else words(key)
        return f"{title} {number}" if isinstance(number, int) and number > 1 else title

    @property
    def role(self) -> str:
        """Give the force's short word for the role."""
        role = self.text("role")
        return self.pack.short(Role(role)) if role in list(Role) else role


def sentence(entry: JournalEntry, pack: Pack, now: datetime) -> str:
    """Say one entry in words; one of a kind not known here is said by its kind."""
    say = _SENTENCES.get(entry.kind)
    return say(Said(entry.body, pack, now)) if say else words(entry.kind)


def _opened(said: Said) -> str:
    risk = said.text("risk") or None
    area = said.text("area") or None
    return f"Case opened: {risk_words(risk).lower()}, {said.pack.area_title(area)}"


def _step_opened(said: Said) -> str:
    return f"Opened: {said.title}, due {local(said.text('due_at'), said.now)}"


def _overdue(said: Said) -> str:
    return f"Overdue: {said.title}"


def _fact(said: Said) -> str:
    what = words(said.text("fact"))
    about = f": {said.title}" if said.body.get("step") else ""
    evidence = said.body.get("evidence")
    told = "; ".join(f"{words(str(k))}: {v}" for k, v in evidence.items()) if isinstance(evidence, Mapping) else ""
    unverified = "" if said.body.get("verified", True) else " (from somebody who is not on the roster)"
    return f"{what}{about}{unverified}" + (f". {told}" if told else "")


def _attempt(said: Said) -> str:
    how = f"{said.body.get('to')} ({said.role}) by {said.body.get('channel')}: {said.title}"
    rung = said.body.get("rung")
    climbed = f", rung {rung}" if isinstance(rung, int) and rung > 0 else ""
    if said.body.get("result") == "received":
        return f"Told {how}{climbed}"
    why = f" ({said.body['detail']})" if said.body.get("detail") else ""
    again = "will be tried again" if said.body.get("result") == "transient" else "failed"
    return f"Telling {how}{climbed}: {again}{why}"


def _told(said: Said) -> str:
    who = said.body.get("to") or said.body.get("person")
    return f"To be told: {who} ({said.role}): {said.title}"


def _owner(said: Said) -> str:
    return f"{said.body.get('owner')} ({said.role}) owns the case"


def _risk(said: Said) -> str:
    before, after = said.text("before") or None, said.text("after") or None
    return f"{risk_words(after)}, before: {risk_words(before).lower()}"


def _alarm(said: Said) -> str:
    to = f", to {said.body['to']}" if said.body.get("to") else ", to nobody: nobody is on duty"
    return f"Alarm: {words(said.text('key'))}{to}. {said.text('detail').replace('_', ' ')}"


def _changed(said: Said) -> str:
    return f"The record was changed: {said.body.get('field')}"


_SENTENCES: Mapping[str, Callable[[Said], str]] = {
    "case_opened": _opened,
    "step_opened": _step_opened,
    "overdue": _overdue,
    "fact": _fact,
    "attempt": _attempt,
    "told": _told,
    "owner": _owner,
    "risk": _risk,
    "alarm": _alarm,
    "record_changed": _changed,
}
