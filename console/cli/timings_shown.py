"""What the terminal shows of a change of timings: what moves, what the past would have been, what is proposed."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from console.cli.shown import Json, items, out
from console.words import local, words
from runtime.clock import WallClock

_FIGURES = {
    "escalations": "Rungs climbed", "breaches": "Deadlines missed", "messages": "Messages",
    "woken": "Messages at night",
}  # fmt: skip


def preview(body: Json, changed: str, applies_to: str) -> None:
    """Show what a change would do; `changed` names the revision to which it is made."""
    out.print(f"[bold]Preview of a change to {escape(changed)}[/]; nothing is stored, nobody is told.")
    _live(body, applies_to)
    past = _of(body, "history")
    _history(past)
    found = items(body, "lint")
    out.print("\n[bold]What it makes impossible, contradictory or silly[/]")
    for one in found:
        out.print(f"  [yellow]{_said(one['fault'])}[/]\n    {_said(one['example'])}")
    if not found:
        out.print("  Nothing was found.")


def _live(body: Json, applies_to: str) -> None:
    out.print("\n[bold]Open deadlines that would move[/]")
    moves = items(body, "live")
    if not moves:
        out.print("  None: it is for cases to come." if applies_to == "new" else "  None.")
        return
    table, now = _table("Case", "Step", "From", "To", "Told at once"), WallClock().now()
    for move in moves:
        to = "at once" if move["due_now"] else _when(move["to"], now) or "no longer asked for"
        number = f" {move['occurrence']}" if move["occurrence"] != 1 else ""
        told = ", ".join(f"{one['person']} ({words(str(one['role']))})" for one in items(move, "told"))
        row = (move["case"], f"{move['title']}{number}", _when(move["from"], now) or "new", to, told)
        table.add_row(*(_said(cell) for cell in row), style="bold red" if move["due_now"] else "")
    out.print(table)


def _history(past: Json) -> None:
    kind = "simulated cases, for there are none yet" if past["simulated"] else "past cases"
    differing = _of(past, "differing")
    out.print(f"\n[bold]{past['cases']} {kind}, as they were and as they would have been[/]")
    table = Table(box=None, pad_edge=False)
    for number, name in enumerate(("", "Old", "New", "Difference")):
        table.add_column(name, justify="right" if number else "left", no_wrap=True)
    for key, title in _FIGURES.items():
        figure = _of(past, key)
        table.add_row(*_figures(title, figure), style="bold")
        parts = figure.get("steps", figure.get("roles"))
        for name, part in (parts if isinstance(parts, Mapping) else {}).items():
            if part["old"] != part["new"]:
                table.add_row(*_figures(f"  {words(str(name))}", part))
    out.print(table)
    out.print(f"  {differing['count']} cases would have gone otherwise.")


def _figures(title: str, figure: Json) -> tuple[str, str, str, str]:
    old, new = int(str(figure["old"])), int(str(figure["new"]))
    return escape(title), str(old), str(new), f"{new - old:+}" if new != old else ""


def proposed(body: Json) -> None:
    """Say what is proposed, and what comes next."""
    pack, number = _said(body["pack"]), body["revision"]
    out.print(f"[bold]Revision {number} of {pack} is proposed[/]; it changes revision {body['base']}.")
    _changes(body)
    out.print(f"Nothing follows it yet. Another person approves it: vigil pack approve {pack} {number} --by ID")


def settled(body: Json, stopped: Path | None) -> None:
    """Say that a revision is approved or withdrawn; `stopped` is the home when no Vigil runs there."""
    state, now = str(body["status"]), WallClock().now()
    by = body["approved_by" if state == "approved" else "withdrawn_by"]
    since = f", in force from {_when(body['effective_from'], now)}" if state == "approved" else ""
    out.print(f"[bold]Revision {body['revision']} of {_said(body['pack'])} is {state}[/] by {_said(by)}{since}.")
    if stopped and (state == "withdrawn" or body["applies_to"] != "new"):
        out.print(f"Open cases follow when Vigil runs: vigil up --home {escape(str(stopped))}")


def diff(body: Json) -> None:
    """Show what differs between two revisions."""
    out.print(f"[bold]{_said(body['pack'])}[/], from revision {body['from']} to revision {body['to']}")
    _changes(body)
    for other in items(body, "others"):
        out.print(f"  {_said(other['where'])}: {_said(other['before'] or '-')} -> {_said(other['after'] or '-')}")
    if not (items(body, "changes") or items(body, "others")):
        out.print("  Nothing differs.")


def _changes(body: Json) -> None:
    for change in items(body, "changes"):
        if "field" in change:  # else it is more than a number, and in words under `others`
            name = ".".join(str(part) for part in (change["step"], change["field"], change["risk"]) if part)
            before = f"{_said(change['before'])} -> " if "before" in change else ""
            out.print(f"  {_said(name)}: {before}{_said(change['value'])}")


def history(body: Json) -> None:
    """List the revisions of a pack, the newest first."""
    table, now = _table("Revision", "", "Changes", "Proposed", "Approved", "From", "Open", "Why"), WallClock().now()
    for one in items(body, "revisions"):
        state = "in force" if one["in_force"] else str(one["status"])
        names = [
            ".".join(str(part) for part in (change["step"], change["field"], change["risk"]) if part)
            for change in items(one, "changes")
            if "field" in change
        ]
        what = "the file as it came" if one["kind"] == "file" else ", ".join(names) or "the whole pack"
        table.add_row(
            str(one["revision"]), state, escape(what), _said(one["proposed_by"]), _said(one["approved_by"] or "-"),
            _when(one["effective_from"], now), str(one["open_cases"]), _said(one["reason"]),
            style="bold" if one["in_force"] else "",
        )  # fmt: skip
    out.print(table)


def _table(*names: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for number, name in enumerate(names):
        table.add_column(name, no_wrap=number == 0)
    return table


def _of(body: Json, name: str) -> Json:
    found = body[name]
    assert isinstance(found, Mapping)
    return found


def _when(at: object, now: datetime) -> str:
    return local(str(at), now) if at else ""


def _said(value: object) -> str:
    return escape(str(value))
