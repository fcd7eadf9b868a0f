"""The journal of a case as the API answers it (contract section 6)."""

from policy.case import Case
from policy.explain_journal import EXPLAINED, why_line
from runtime.app import App
from runtime.readings import JOURNAL_PAGE, Json, iso
from runtime.readings_disclosure import masked, masks
from store import cases as store_cases
from store import journal as store_journal
from store.journal import JournalEntry


def journal(app: App, ref: str, after: int = 0, limit: int = JOURNAL_PAGE, *, plain: bool = True) -> Json:
    """Give the journal of a case above the sequence number `after`; `next` is None at its end.

    Unless `plain`, it keeps back where an adult is who asked that; such an entry says so (`kept_back`), for its hash
    covers what was really said.
    """
    with app.sessions.reading() as s:
        case = store_cases.load(s, ref).case
        entries = store_journal.read(s, ref, after, limit)
    following = entries[-1].seq if len(entries) == limit else None
    return {"entries": [_entry(entry, None if plain else case) for entry in entries], "next": following}


def _entry(entry: JournalEntry, kept_from: Case | None) -> Json:
    shown = _whole(entry)
    if kept_from is not None and masks(kept_from, entry.body):
        shown |= {"body": dict(masked(kept_from, entry.body)), "kept_back": True}
    return shown


def _whole(entry: JournalEntry) -> Json:
    """Give an entry; one that a deadline or a choice hangs on is explained (`why`), out of its own body."""
    why = {"why": why_line(entry.kind, entry.body, entry.at)} if entry.kind in EXPLAINED else {}
    return {
        "seq": entry.seq,
        "at": iso(entry.at),
        "written_at": iso(entry.written_at),
        "by": entry.by,
        "route": entry.route,
        "kind": entry.kind,
        "body": dict(entry.body),
        "hash": entry.hash,
        **why,
    }
