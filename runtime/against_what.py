"""The one thing that is changed, as a person names it: `told=+5m`, `pack=uk_app_baseline`, `roster=nights.csv`."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from policy.errors import Fault, Invalid, Unreadable
from policy.pack import Pack
from policy.roster import Contact, Duty
from policy.terms import Channel, FactKind
from runtime.rehearse_check import EARLIEST
from runtime.rehearse_text import is_offset, read_drift
from store.roster_file import RosterFile, read_csv
from store.roster_row import Row

FIELD = "--against"
ANSWERS = frozenset({FactKind.ACKNOWLEDGED, FactKind.ACCEPTED, FactKind.DECLINED})
NO_TIME = timedelta(0)
OF_THE_PACK = "inactive"  # its numbers are the pack's, no step's
_NUMBER = re.compile(r"(?P<step>[a-z_]+)\.(?P<name>[a-z_]+)(\.(?P<risk>[a-z_]+))?")


class Kind(StrEnum):
    """What can be changed."""

    TOLD = "told"
    PACK = "pack"
    ROSTER = "roster"
    NUMBER = "number"
    FILE = "file"
    WAS = "was"


GRAMMAR = {
    Kind.TOLD: "told=+5m (each answer comes five minutes later; told=-5m: earlier)",
    Kind.PACK: "pack=NAME",
    Kind.ROSTER: "roster=FILE.csv",
    Kind.NUMBER: "STEP.FIELD.RISK=VALUE (notify_local_supervisor.due.medium=7m)",
    Kind.FILE: "OTHER.toml (another rehearsal)",
    Kind.WAS: "was (as it was, where the file tells it)",
}


@dataclass(frozen=True)
class What:
    """One thing that is changed: `name` is what of it, `value` what it becomes."""

    kind: Kind
    value: str
    name: str = ""
    later: timedelta = NO_TIME


def read_what(text: str, kinds: Iterable[Kind] = Kind) -> What:
    """Read one thing to change; raise Invalid, with the list of what there is, for anything else."""
    text, allowed = text.strip(), tuple(kinds)
    what = _read(text)
    if what is None or what.kind not in allowed:
        can = "; ".join(GRAMMAR[kind] for kind in allowed)
        fault = "is not something that can be changed" if what is None else "cannot be laid beside this"
        raise wrong(f"{text!r} {fault}", f"use one of: {can}")
    return what


def wrong(message: str, remedy: str, detail: str = "nothing was compared") -> Invalid:
    """Give the refusal of a change."""
    return Invalid(detail, [Fault(FIELD, message, remedy)])


def _read(text: str) -> What | None:
    name, is_set, value = (part.strip() for part in text.partition("="))
    if not is_set:
        if text == Kind.WAS:
            return What(Kind.WAS, text)
        return What(Kind.FILE, text) if text.endswith(".toml") else None
    if name == Kind.TOLD:
        return _told(value)
    if name in (Kind.PACK, Kind.ROSTER):
        return What(Kind(name), value) if value else None
    return What(Kind.NUMBER, value, name) if _NUMBER.fullmatch(name) else None


def _told(value: str) -> What:
    if not is_offset(value) or value.endswith("mo"):
        raise wrong(f"told={value}: {value!r} is no length of time", "write told=+5m or told=-90s")
    return What(Kind.TOLD, value, later=read_drift(value))


def number_of(what: What) -> dict[str, object]:
    """Give a changed number as a revision of a pack names it: step, field, risk, value."""
    named = _NUMBER.fullmatch(what.name)
    assert named is not None
    step, name = named["step"], named["name"]
    if step == OF_THE_PACK:
        step, name = None, f"{step}.{name}"
    return {"step": step, "field": name, "risk": named["risk"], "value": what.value}


def in_words(what: What, title_of: Callable[[str], str] = str) -> str:
    """Say what is changed, as the head of its column; `title_of` gives a step's or a pack's own words."""
    if what.kind is Kind.TOLD:
        side = "later" if what.later > NO_TIME else "earlier"
        return f"Each answer {span_words(abs(what.later))} {side}"
    if what.kind is Kind.NUMBER:
        number = number_of(what)
        risk = f" at {str(number['risk']).replace('_', ' ')} risk" if number["risk"] else ""
        name = str(number["field"]).replace("_", " ")
        where = f"{title_of(str(number['step']))}: " if number["step"] else ""
        return f"{where}{name}{risk} {what.value}"
    return {
        Kind.PACK: f"Under the pack {title_of(what.value)}",
        Kind.ROSTER: f"With the roster {Path(what.value).name}",
    }.get(what.kind, what.value)


def span_words(span: timedelta) -> str:
    """Say a length of time: `3 minutes`, `1 hour 5 minutes`, `2 days`."""
    left, said = round(abs(span).total_seconds()), []
    for unit, seconds in (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)):
        count, left = divmod(left, seconds)
        said += [f"{count} {unit}{'s' if count > 1 else ''}"] if count else []
    return " ".join(said[:2]) or "no time"


def find_pack(name: str, packs: Iterable[str]) -> str:
    """Give the name of a pack that there is; raise Invalid, with those that there are, otherwise."""
    known = sorted(packs)
    if name not in known:
        raise wrong(f"there is no pack {name!r}", f"use one of: {', '.join(known)}")
    return name


def read_rows(text: bytes | str, name: str, pack: Pack) -> RosterFile:
    """Read another roster; raise Invalid with every fault of it."""
    try:
        file = read_csv(text, EARLIEST, areas=pack.areas, forces=pack.forces)
    except Unreadable as error:
        raise wrong(f"{name}: {error}", "save it as CSV UTF-8 with a roster's columns") from None
    if file.refused:
        faults = [Fault(f"{name}: row {bad.row}: {bad.field}", bad.message, bad.remedy) for bad in file.refused]
        raise Invalid("the other roster has faults", faults)
    return file


def read_file(path: Path) -> bytes:
    """Read a file that a change names; raise Invalid when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise wrong(f"{path} cannot be read: {error.strerror}", "give the path of a file that is there") from None


def duty_of(row: Row) -> Duty:
    """Give a row of a roster as the procedure sees it."""
    addresses = ((Channel.WEBHOOK, row.webhook), (Channel.SMS, row.sms), (Channel.EMAIL, row.email))
    contacts = tuple(Contact(channel, address) for channel, address in addresses if address)
    return Duty(row.person, row.role, row.rank, row.area, row.from_at, row.to_at, contacts)


def with_areas_of(pack: Pack, other: Pack) -> Pack:
    """Give a pack that knows the other's areas too: another procedure is laid over the same ground."""
    return replace(pack, areas={**other.areas, **pack.areas})
