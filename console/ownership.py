"""Through whose hands a case went: offered, accepted, declined, delegated, lapsed; out of its journal, in words."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from console.words import local
from policy.pack import Pack
from policy.terms import FactKind, Kind, Role
from runtime import readings_owner
from runtime.app import App
from runtime.readings import Json, iso
from store import cases, journal
from store.journal import JournalEntry, Lines

KINDS = frozenset(
    {"case_opened", "chosen", "overdue", "not_required", "owner", "fact", "shift_ended"}
    | {"acknowledgement_lapsed", "passed_on", "unowned", "closed"}
)
K = FactKind


@dataclass(frozen=True)
class Link:
    """One link of the chain: what became of the case, who did it or whom it concerns, and the words for it."""

    at: datetime
    what: str
    by: str
    text: str


@dataclass(frozen=True)
class Had:
    """One thing that was open at an instant, and the one named person in whose hands it was."""

    title: str
    person: str | None
    role: str
    how: str
    since_at: str | None
    offered_at: str | None
    accepted_at: str | None
    due_at: str | None = None


@dataclass(frozen=True)
class Responsible:
    """Who was responsible at an instant for the case and for each action, and the chain of its ownership."""

    at: datetime
    case: Had
    steps: tuple[Had, ...]
    links: tuple[Link, ...]


def responsible(app: App, ref: str, at: datetime) -> Responsible:
    """Say who had a case and each of its open actions at an instant; raises Unknown."""
    now = app.clock.now()
    with app.sessions.reading() as s:
        pack = app.pack_of(cases.load(s, ref).case)
        entries = journal.of_kinds(s, Lines(KINDS, ref))
    body = readings_owner.responsible_at(app, ref, at)
    return Responsible(
        at=at,
        case=_had(body["case"], "The case", pack),
        steps=tuple(_had(one, _title(one, pack), pack) for one in _listed(body["steps"])),
        links=chain(entries, pack, now),
    )


def as_json(app: App, ref: str, at: datetime) -> Json:
    """Give it as the API answers it: the reading itself, and the chain."""
    links = [{**vars(link), "at": iso(link.at)} for link in responsible(app, ref, at).links]
    return {**readings_owner.responsible_at(app, ref, at), "chain": links}


def _listed(value: object) -> list[Mapping[str, object]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _had(value: object, title: str, pack: Pack) -> Had:
    who = value if isinstance(value, Mapping) else {}
    role = str(who.get("role") or "")
    times = {name: _text(who.get(key)) for name, key in _TIMES.items()}
    short = pack.short(Role(role)) if role in list(Role) else role
    return Had(title, _text(who.get("person")), short, HOW.get(str(who.get("how")), ""), **times)


def _title(step: Mapping[str, object], pack: Pack) -> str:
    key, number = str(step.get("key")), step.get("occurrence")
    title = pack.steps[key].title if key in pack.steps else key
    return f"{title} {number}" if isinstance(number, int) and number > 1 else title


def _text(value: object) -> str | None:
    return None if value is None else str(value)


_TIMES = {"since_at": "since", "offered_at": "offered_at", "accepted_at": "accepted_at", "due_at": "due_at"}
HOW: Mapping[str, str] = {
    "accepted": "accepted it",
    "escalated": "was told when it climbed",
    "fallback": "answers for it by post",
}


@dataclass(frozen=True)
class _Line:
    entry: JournalEntry
    pack: Pack
    now: datetime

    def text(self, name: str) -> str:
        """Give a value of the line, empty when it is missing."""
        value = self.entry.body.get(name)
        return "" if value is None else str(value)

    def said(self, name: str) -> str:
        """Give what a fact says."""
        evidence = self.entry.body.get("evidence")
        return str(evidence.get(name) or "").strip() if isinstance(evidence, Mapping) else ""

    @property
    def role(self) -> str:
        """Give the force's short word for the role of the line."""
        role = self.text("role")
        return self.pack.short(Role(role)) if role in list(Role) else role

    @property
    def offers(self) -> bool:
        """Tell whether the line is about an offer of the case."""
        rule = self.pack.steps.get(self.text("step"))
        return rule is not None and rule.kind is Kind.ACCEPT


def chain(entries: Iterable[JournalEntry], pack: Pack, now: datetime) -> tuple[Link, ...]:
    """Give the links in the order in which they happened; what is about no ownership, or said again, is left out."""
    links: list[Link] = []
    offered: set[tuple[object, ...]] = set()  # steps that were offered, and to whom
    for entry in sorted(entries, key=lambda entry: (entry.at, entry.seq)):
        step = (entry.body.get("step"), entry.body.get("occurrence"))
        once = (*step, entry.body.get("chosen"))
        if (entry.kind == "chosen" and once in offered) or (entry.kind == "not_required" and step not in offered):
            continue
        if entry.kind == "chosen":
            offered |= {step, once}
        if words := _said(_Line(entry, pack, now)):
            links.append(Link(entry.at, *words))
    return tuple(links)


Words = tuple[str, str, str]  # what, by whom or of whom, and the sentence


def _said(line: _Line) -> Words | None:
    fact = line.text("fact")
    if line.entry.kind == "fact":
        return _FACTS[K(fact)](line) if fact in _FACTS else None
    return _LINES[line.entry.kind](line) if line.entry.kind in _LINES else None


def _offered(line: _Line) -> Words | None:
    if not line.offers:
        return None
    chosen, climbed = line.text("chosen"), line.entry.body.get("rung") not in (0, None)
    if not chosen:
        return "Offered to nobody", "Vigil", f"Nobody is on duty as {line.role}"
    what = "Offered on" if climbed else "Offered"
    return what, "Vigil", f"To {chosen} ({line.role})" + (", because nobody had accepted" if climbed else "")


def _lapsed(line: _Line) -> Words | None:
    step = line.pack.steps.get(line.text("step"))
    return ("Lapsed", "Vigil", f"Nobody had accepted in time: {step.title}") if line.offers and step else None


def _withdrawn(line: _Line) -> Words | None:
    return ("Withdrawn", "Vigil", f"The offer: {line.text('reason')}") if line.offers else None


def _accepted(line: _Line) -> Words:
    since = local(line.text("offered_at"), line.now)
    return "Accepted", line.text("owner"), f"{line.text('owner')} ({line.role}) owns the case; offered {since}"


def _shift_ended(line: _Line) -> Words | None:
    if line.text("step") and not line.offers:
        return None
    who = line.text("person")
    if line.text("step"):
        return "Unanswered", who, f"{who} went off duty without an answer"
    return "Shift ended", who, f"{who} went off duty as owner, and stays responsible until the next accepts"


def _acknowledgement_lapsed(line: _Line) -> Words:
    who = line.text("person")
    return "Lapsed", who, f"{who} had acknowledged and went off duty; nobody had accepted, so that it is asked again"


def _passed_on(line: _Line) -> Words:
    rule = line.pack.steps.get(line.text("step"))
    title = rule.title if rule else line.text("step")
    return "Action passed on", line.entry.by, f"{title}: from {line.text('before')} to {line.entry.by}"


def _fact(what: str, says: Callable[[_Line], str]) -> Callable[[_Line], Words]:
    return lambda line: (what, line.entry.by, says(line))


def _because(line: _Line) -> str:
    return line.said("reason") or line.said("rationale") or "No reason was given"


def _unowned(line: _Line) -> Words:
    return "Without owner", line.entry.by, f"{line.text('before') or 'The other force'} had it; it is ours again"


_LINES: Mapping[str, Callable[[_Line], Words | None]] = {
    "case_opened": lambda _: ("Opened", "Vigil", "Whoever is on duty answers for it until a named person accepts"),
    "chosen": _offered,
    "overdue": _lapsed,
    "not_required": _withdrawn,
    "owner": _accepted,
    "shift_ended": _shift_ended,
    "acknowledgement_lapsed": _acknowledgement_lapsed,
    "passed_on": _passed_on,
    "unowned": _unowned,
    "closed": lambda line: ("Closed", line.entry.by, "Nobody works on it from here"),
}
_FACTS: Mapping[FactKind, Callable[[_Line], Words]] = {
    K.ACKNOWLEDGED: _fact("Acknowledged", lambda line: f"Seen by {line.entry.by}; that is not ownership"),
    K.DECLINED: _fact("Declined", _because),
    K.DELEGATED: _fact("Delegated", lambda line: f"Offered to {line.said('to')}: {_because(line)}"),
    K.HANDOVER_OFFERED: _fact("Offered", lambda line: f"By hand to {line.said('to')}"),
    K.TRANSFER_OFFERED: _fact(
        "Offered to another force", lambda line: f"To {line.pack.force_title(line.said('force'))}; it stays with us"
    ),
    K.TRANSFER_ACCEPTED: _fact("Accepted by another force", lambda line: f"By {line.said('person')}"),
    K.TRANSFER_BOUNCED: _fact("Sent back", _because),
    K.REOPENED: _fact("Opened again", _because),
}
