"""Every pack in each of its revisions: to which a case is pinned, which one a new case follows, how a file gets in.

A revision is kept whole, as text, and never changes; so what was read once is kept in memory. A pack's file is
revision 1; a file that has changed since is a revision of its own, for new cases only: an edit of a file, or a new
version of Vigil, never moves a deadline of a case that lives (ADR: revisions and pinned cases).
"""

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import structlog
import tomli_w
from sqlmodel import Session

from policy import pack_floor
from policy.errors import Invalid, Unknown
from policy.intents import Entry
from policy.pack import Pack
from policy.pack_parse import PackInvalid, Raw, build
from policy.revise import apply
from policy.revise_diff import difference
from policy.terms import Route
from store import journal, revisions
from store.revisions import FILE, FIRST, NEW, Revision

SYSTEM: Final = "system"
EVER: Final = datetime(2000, 1, 1, tzinfo=UTC)  # a file's first revision is in force for whatever clock a home has

log = structlog.get_logger()


def written(raw: Raw) -> str:
    """Write a pack's table as TOML."""
    return tomli_w.dumps(raw)


def sound(name: str, number: int, raw: Raw) -> Pack:
    """Make the pack of a table; raise PackInvalid with every fault, also of what no pack may leave out."""
    pack = build(name, raw, number)
    faults = pack_floor.faults(pack)
    if faults:
        raise PackInvalid(f"the pack {name} has faults", faults)
    return pack


class Shelf:
    """Gives packs by name and revision; what the store does not know is as its file has it."""

    def __init__(self, files: Mapping[str, Pack]) -> None:
        """Begin with the packs of the files."""
        self._files = files
        self._read: dict[tuple[str, int], Pack] = {}

    def names(self) -> list[str]:
        """Name every pack that a new case may follow."""
        return sorted(self._files)

    def must_have(self, name: str) -> None:
        """Raise Unknown for a pack that there is not."""
        if name not in self._files:
            raise Unknown(f"there is no pack {name}; there are {', '.join(self.names())}")

    def kept(self, name: str, number: int) -> Pack | None:
        """Give a pack that was read before, None for one that was not."""
        return self._read.get((name, number))

    def get(self, s: Session, name: str, number: int) -> Pack:
        """Give a pack in one revision; raise Unknown where there is none."""
        pack = self._read.get((name, number))
        if pack is None:
            pack = self._from_store(s, name, number)
            self._read[name, number] = pack
        return pack

    def current(self, s: Session, name: str, at: datetime) -> Pack:
        """Give a pack in the revision that is in force at an instant."""
        self.must_have(name)
        number = revisions.effective(s, name, at)
        return self._files[name] if number is None else self.get(s, name, number)

    def _from_store(self, s: Session, name: str, number: int) -> Pack:
        held = revisions.find(s, name, number)
        if held is not None:
            return build(name, tomllib.loads(held.text), number)
        if name in self._files and self._files[name].revision == number:
            return self._files[name]
        raise Unknown(f"there is no revision {number} of the pack {name}")


def raw_of(s: Session, name: str, number: int) -> Raw:
    """Give the table of a revision as the store holds it."""
    return tomllib.loads(revisions.get(s, name, number).text)


def changed(s: Session, files: Mapping[str, Raw]) -> dict[str, Raw]:
    """Leave out the files that stand in the store as they are: mostly all of them, and then nothing is written."""
    return {name: files[name] for name in _changed(s, files)}


def _changed(s: Session, files: Mapping[str, Raw]) -> dict[str, str]:
    texts = {name: written(raw) for name, raw in files.items()}  # once: to write a table out takes its time
    return {name: text for name, text in texts.items() if [_mark(text)] != _last_mark(s, name)}


def _mark(text: str) -> dict[str, object]:
    return {"file": hashlib.sha256(text.encode()).hexdigest()}


def _last_mark(s: Session, name: str) -> Sequence[object]:
    known = [one for one in revisions.history(s, name) if one.kind == FILE]
    return known[-1].changes if known else ()


def register(s: Session, files: Mapping[str, Raw], now: datetime) -> None:
    """Put the packs' files into the store: as revision 1, or as a new one where a file has changed since.

    The edits that were approved meanwhile stand in the new one too. Where they do not fit it any more, the store's
    own goes on as it is, and the log says so: a start at 3 a.m. must not fail because a file was exchanged.
    """
    for name, text in _changed(s, files).items():
        raw, mark = files[name], _mark(text)
        known = [one for one in revisions.history(s, name) if one.kind == FILE]
        edited = _with_edits(s, name, raw, known[-1]) if known else raw
        if edited is None:
            log.warning("pack_file_left_aside", pack=name)
            continue
        number = revisions.next_number(s, name)
        base = revisions.latest(s, name) or 0
        reason = "The pack's file as it came" if number == FIRST else "The pack's file has changed"
        since = EVER if number == FIRST else max(now, revisions.get(s, name, base).effective_from)
        revisions.put(
            s,
            Revision(
                name, number, base, [mark], text if edited is raw else written(edited), reason, NEW, since, SYSTEM, now,
                status=revisions.APPROVED, approved_by=SYSTEM, approved_at=now, kind=FILE, settled_at=now,
            ),
        )  # fmt: skip
        said = {"pack": name, "revision": number, "base": base, "reason": reason, **mark}
        journal.append(
            s, [Entry("revision_registered", now, said, SYSTEM)], case=None, route=Route.SYSTEM, written_at=now
        )
        log.info("pack_registered", pack=name, revision=number)


def _with_edits(s: Session, name: str, raw: Raw, before: Revision) -> Raw | None:
    """Give the new file with the numbers that were edited since the one before; None where they do not fit."""
    standing = raw_of(s, name, revisions.latest(s, name) or before.number)
    edits = difference(tomllib.loads(before.text), standing)
    if any(not other.where.startswith("overrides") for other in edits.others):
        return None
    try:
        edited = apply(raw, edits.changes)
        if "overrides" in standing:  # who stands for a time above its ceiling goes with the time
            edited["overrides"] = standing["overrides"]
        sound(name, 0, edited)
    except (Invalid, KeyError):
        return None
    return edited
