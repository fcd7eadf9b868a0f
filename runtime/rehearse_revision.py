"""A revision in a rehearsal: proposed and approved in one act, and what comes of it for the cases that live."""

from collections.abc import Iterable, Mapping

from policy.pack_parse import Raw, laid_over, read_raw
from policy.terms import Route
from runtime.app import App
from runtime.door_revisions import approve, propose
from runtime.rehearse_scenario import Scenario
from runtime.shelf import raw_of, register, written
from store import revisions
from store.packs import pack_texts
from store.revisions import Revision


def tables_of(scenario: Scenario) -> Mapping[str, Raw]:
    """Give every pack of a rehearsal as its table, the file's own among them."""
    texts = {**pack_texts(None)[0], **scenario.own_packs}
    return {name: read_raw(name, texts) for name in scenario.packs}


def put_in_store(app: App, tables: Mapping[str, Raw]) -> None:
    """Put the packs' files into the store as their first revisions, where they are not there yet."""
    with app.sessions() as s:
        register(s, tables, app.clock.now())


def take_effect(app: App, pack: str, body: Mapping[str, object]) -> Revision:
    """Propose a revision by `by` and have `approver` approve it at once; raises what the doors refuse."""
    asked, by = proposal_of(body), str(body["by"])
    over = asked.pop("pack", None)
    with app.sessions.reading() as s:
        number = revisions.latest(s, pack) or revisions.FIRST
        asked.setdefault("base", number)
        if isinstance(over, dict):
            asked["text"] = written(laid_over(raw_of(s, pack, number), over))
    made = propose(app, pack, asked, by, Route.API)
    return approve(app, pack, made.number, str(body["approver"]), Route.API)


def proposal_of(body: Mapping[str, object]) -> dict[str, object]:
    """Give what is proposed, as the doors and the API take it."""
    return {name: value for name, value in body.items() if name not in ("by", "approver")}


def said_of(body: Mapping[str, object], number: int, changes: Iterable[object]) -> str:
    """Tell it in the story."""
    said = ", ".join(_named(change) for change in changes)
    return f"{body['by']} proposes revision {number}, {body['approver']} approves it: {said}"


def _named(change: object) -> str:
    assert isinstance(change, Mapping)
    if "where" in change:  # more than a number
        return f"{str(change['where']).replace('_', ' ')} is another one"
    parts = (change.get("step"), change.get("field"), change.get("risk"))
    return f"{' '.join(str(part).replace('_', ' ') for part in parts if part)} is {change.get('value')}"
