"""A form that was sent, read as the fact that it says; what cannot be read is a fault of its field.

Times on a form are local time in England, as people read and write them; a fact holds instants.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from console.evidence.forms import Form
from policy import spaces
from policy.errors import Fault
from policy.forms import lies_ahead
from policy.pack import Evidence
from policy.spans import LOCAL, SANE_YEARS, read_instant

PREFIX = "f-"  # before the name of each field of evidence
KEEP = "keep"  # the button that saves what is there
_CLOCK = re.compile(r"^([01]?\d|2[0-3])[:.]([0-5]\d)$")
_AHEAD = frozenset({"next_review_at", "review_at"})  # what lies ahead
_SAID = {"yes": True, "no": False}


@dataclass(frozen=True)
class Filled:
    """What was sent: the fact as it goes through the door, and what could not be read of it."""

    raw: Mapping[str, object]
    faults: tuple[Fault, ...]


def typed(posted: Mapping[str, str]) -> dict[str, str]:
    """Give what was typed, by field, so that nothing of it is lost when the form comes back."""
    return {name.removeprefix(PREFIX): text for name, text in posted.items() if name.startswith(PREFIX)}


def read(form: Form, posted: Mapping[str, str], by: str, now: datetime) -> Filled:
    """Read what was sent."""
    faults: list[Fault] = []
    evidence: dict[str, object] = {}
    for field in form.fields:
        text = posted.get(f"{PREFIX}{field.name}", "").strip()
        if text:
            value = _value(field, text, now, faults)
            if value is not None:
                evidence[field.name] = value
    raw: dict[str, object] = {"kind": str(form.kind), "by": by}
    if form.step:
        raw |= {"step": form.step, "occurrence": form.occurrence}
    keeps = form.keeps and posted.get("button") == KEEP
    if keeps:
        evidence["complete"] = False
    elif form.keeps:
        evidence["complete"] = True
    if form.when and posted.get("at", "").strip():
        at = instant(posted["at"].strip(), now)
        if at is None:
            faults.append(_no_instant("at", posted["at"]))
        else:
            raw["at"] = _iso(at)
    if not keeps:
        faults += [*_unclear(form, evidence), *_missing(form, evidence, faults)]
    return Filled({**raw, "evidence": evidence}, tuple(faults))


def instant(text: str, now: datetime, *, ahead: bool = False) -> datetime | None:
    """Read `2026-01-10T19:20` or `19:20` as local time, or an instant with its offset; None for anything else.

    `19:20` is the last time that it was so, or, `ahead`, the next. Of the hour that comes twice in October the first
    is meant.
    """
    exact = read_instant(text)
    if exact is not None:
        return exact
    if clock := _CLOCK.match(text):
        here = now.astimezone(LOCAL)
        local = here.replace(hour=int(clock[1]), minute=int(clock[2]), second=0, microsecond=0, tzinfo=None)
        day = timedelta(days=1)
        times = [(local + day * shift).replace(tzinfo=LOCAL).astimezone(UTC) for shift in (-1, 0, 1)]
        return next(at for at in times if at > now) if ahead else next(at for at in reversed(times) if at <= now)
    try:
        naive = datetime.fromisoformat(text)
    except ValueError:
        return None
    if naive.tzinfo is not None or naive.year not in SANE_YEARS:
        return None
    return naive.replace(tzinfo=LOCAL).astimezone(UTC)


def _value(field: Evidence, text: str, now: datetime, faults: list[Fault]) -> object:
    if field.type == "instant":
        at = instant(text, now, ahead=lies_ahead(field) or field.name in _AHEAD)
        if at is None:
            faults.append(_no_instant(f"evidence.{field.name}", text))
        return None if at is None else _iso(at)
    if field.type == "number":
        try:
            return int(text) if text.lstrip("-").isdigit() else float(text)
        except ValueError:
            faults.append(Fault(f"evidence.{field.name}", f"{text!r} is no number", "write digits, such as 3"))
            return None
    if field.type == "yes_no":
        if text not in _SAID:
            faults.append(Fault(f"evidence.{field.name}", f"{text!r} is neither yes nor no", "choose yes or no"))
        return _SAID.get(text)
    if field.type == "choice" and text not in field.choices:
        faults.append(Fault(f"evidence.{field.name}", f"{text!r} is not offered", "choose one of the list"))
        return None
    return text


def _missing(form: Form, evidence: Mapping[str, object], faults: list[Fault]) -> list[Fault]:
    """A mandatory field that was left blank; the rule would say the same, one at a time."""
    already = {fault.field for fault in faults} | {f"evidence.{name}" for name in form.held}
    return [
        Fault(f"evidence.{field.name}", f"{field.title}: is missing", field.help or "fill it in")
        for field in form.fields
        if field.required and field.name not in evidence and f"evidence.{field.name}" not in already
    ]


def _unclear(form: Form, evidence: Mapping[str, object]) -> list[Fault]:
    """Each line of a search that names no space, or does not say what became of it; the last says how to write one."""
    found = []
    for field in form.fields:
        if field.type == spaces.SPACES and field.name in evidence:
            wrong = spaces.read(evidence[field.name], field).wrong
            remedies = [*[""] * (len(wrong) - 1), spaces.REMEDY]
            found += [Fault(f"evidence.{field.name}", what, say) for what, say in zip(wrong, remedies, strict=False)]
    return found


def _no_instant(name: str, text: str) -> Fault:
    return Fault(name, f"{text!r} is no time", "write the date and the time, or the time alone, such as 19:20")


def _iso(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
