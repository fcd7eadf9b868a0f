"""What the terminal shows to people: tables, words and what to do next. Programs use --json."""

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from console.problems import Problem
from console.words import local, risk_words, words
from policy.terms import Risk

Json = Mapping[str, object]
_COLOURS = {Risk.HIGH: "bold white on red", Risk.MEDIUM: "black on yellow", Risk.LOW: "white on blue"}

_MARKS = (
    ("not compliant", "non_compliant"),
    ("DO NOT DISCLOSE where this person is", "do_not_disclose"),
    ("the owner has left the roster", "left_roster"),
)

WIDE = 240  # columns of what is not a terminal: nothing is cut off that another program may read


def _console(stream: TextIO, *, stderr: bool) -> Console:
    return Console(stderr=stderr, highlight=False, width=None if stream.isatty() else WIDE)


class _Printer:
    """Prints on whatever standard output, or standard error, is at that moment."""

    def __init__(self, *, stderr: bool) -> None:
        self._stderr = stderr

    def print(self, shown: object) -> None:
        """Print text with markup, or a table."""
        _console(sys.stderr if self._stderr else sys.stdout, stderr=self._stderr).print(shown)


out = _Printer(stderr=False)
err = _Printer(stderr=True)


def _table(*names: str) -> Table:
    """Make a plain table; its first column, the key of each row, is never cut."""
    table = Table(box=None, pad_edge=False)
    for number, name in enumerate(names):
        table.add_column(name, no_wrap=number == 0)
    return table


def refusal(problem: Problem) -> None:
    """Say on stderr what was refused, what is missing and who may."""
    body = problem.body
    err.print(f"[bold red]{escape(str(body.get('title', 'Refused')))}[/]: {escape(str(body.get('detail', '')))}")
    for fault in items(body, "errors"):
        err.print(f"  {_said(fault, 'field')}: {_said(fault, 'message')}\n    -> {_said(fault, 'remedy')}")
    for missing in items(body, "missing"):
        err.print(f"  missing: {_said(missing, 'what')} ({_said(missing, 'why')})")
    if body.get("rule"):
        err.print(f"  rule: {_said(body, 'rule')}")
    if body.get("who_may"):
        err.print(f"  who may: {_said(body, 'who_may')}")


def reported(body: Json, stopped: Path | None = None) -> None:
    """Say what became of a report; `stopped` is the home when no Vigil runs there, whose links are dead."""
    state = "is new" if "unchanged" not in body else ("was there, unchanged" if body["unchanged"] else "was changed")
    out.print(f"[bold]{_said(body, 'case')}[/] {state}" + ("" if stopped else f": {_said(body, 'url')}"))
    for defect in items(body, "defects"):
        out.print(f"  [yellow]{_said(defect, 'field')}[/] {_said(defect, 'message')} -> {_said(defect, 'remedy')}")


def nobody_told(what: str, home: Path) -> None:
    """Say on stderr that something is written down, and that nobody is told of it for Vigil does not run."""
    err.print(
        f"[bold red]{escape(what)} written down, but Vigil is not running on this home: "
        f"nobody is told until `vigil up --home {escape(str(home))}`[/]"
    )


def row(number: int, source_id: object, outcome: str, case: str = "") -> None:
    """Say what became of one row of a table."""
    out.print(f"row {number}  {escape(str(source_id or '-'))}  {outcome}  [bold]{escape(case)}[/]")


def log_lines(body: Json) -> None:
    """Say how many log lines were taken, and what was refused."""
    out.print(f"{body['accepted']} lines taken")
    for bad in items(body, "refused"):
        out.print(f"  [red]row {bad['row']}[/] {_said(bad, 'field')} {_said(bad, 'message')} -> {_said(bad, 'remedy')}")


def case(body: Json, now: datetime) -> None:
    """Show a case."""
    risk = str(body["risk"]) if body.get("risk") else None
    tag = f"[{_COLOURS.get(Risk(risk), 'reverse')}] {risk_words(risk)} [/]" if risk else "[reverse] Risk not set [/]"
    out.print(f"[bold]{_said(body, 'case')}[/] {tag} {words(str(body['status']))}, version {body['version']}")
    if closed := body.get("closed_case"):
        assert isinstance(closed, Mapping)
        out.print(f"[reverse] {_said(closed, 'says')} [/]")
    owner = _said(body, "owner") or "nobody has accepted"
    offered = f", offered to {_said(body, 'offered_to')}" if body.get("offered_to") else ""
    out.print(f"responsible: {_said(body, 'responsible') or 'nobody on duty'}; owner: {owner}{offered}")
    for mark, name in _MARKS:
        if body.get(name):
            out.print(f"[bold red]{mark}[/]")
    if body.get("late"):
        out.print(f"[bold red]began late: {_said(body, 'late')}[/]")
    if body.get("re_report_of"):
        out.print(f"[bold]re-report of {_said(body, 're_report_of')}[/]{_unfinished(body.get('earlier'))}")
    same = body.get("linked")
    if isinstance(same, list) and same:
        out.print(f"perhaps the same person, a person decides: {', '.join(map(str, same))}")
    table = _table("Step", "", "State", "Due", "Done", "Holder", "Rung")
    for step in items(body, "steps"):
        state = words(str(step["status"]))
        style = "bold red" if step["status"] == "overdue" else ""
        rung = step.get("rung")
        table.add_row(
            str(step["title"]),
            str(step["occurrence"]) if step["occurrence"] != 1 else "",
            state,
            local(_text(step, "due_at"), now),
            local(_text(step, "done_at"), now),
            _text(step, "holder") or "",
            str(rung) if isinstance(rung, int) and rung > 0 else "",
            style=style,
        )
    out.print(table)
    for change in items(body, "risk_changes"):
        out.print(_said(change, "text"))


def _unfinished(earlier: object) -> str:
    """Name what was left undone in the earlier case."""
    undone = items(earlier, "unfinished") if isinstance(earlier, Mapping) else ()
    return f": left undone then: {', '.join(_said(one, 'title') for one in undone)}" if undone else ""


def cases(body: Json) -> None:
    """Show a list of cases, the overdue first."""
    now = datetime.fromisoformat(str(body["as_of"]))
    found = sorted(items(body, "cases"), key=lambda c: not c["overdue"])
    if not found:
        out.print("no case fits")
        return
    table = _table("Case", "Risk", "Status", "Area", "Responsible", "Owner", "Next due", "Overdue")
    for one in found:
        table.add_row(
            str(one["case"]),
            risk_words(_text(one, "risk")),
            words(str(one["status"])),
            _text(one, "area") or "not known",
            _text(one, "responsible") or "nobody",
            _text(one, "owner") or "-",
            local(_text(one, "next_due_at"), now),
            str(one["overdue"] or ""),
            style="bold red" if one["overdue"] else "",
        )
    out.print(table)
    if body.get("next"):
        out.print(f"more: --cursor {body['next']}")


def roster(body: Json) -> None:
    """Say what a roster brought, what was refused and where nobody is on duty."""
    out.print(f"{body['accepted']} rows taken")
    for bad in items(body, "refused"):
        out.print(f"  [red]row {bad['row']}[/] {_said(bad, 'field')} {_said(bad, 'message')} -> {_said(bad, 'remedy')}")
    for gone in items(body, "owners_gone"):
        case, owner = _said(gone, "case"), _said(gone, "owner")
        out.print(f"  [bold red]{case}[/] its owner {owner} is not on the roster any more")
    gaps = items(body, "gaps")
    for gap in gaps[:20]:
        out.print(f"  [yellow]gap[/] {gap['role']} in {gap['area']}: {gap['from']} to {gap['to']}")
    if len(gaps) > 20:
        out.print(f"  and {len(gaps) - 20} further gaps; see them all with --json")


def packs(body: Json) -> None:
    """List the packs."""
    table = _table("Pack", "Title", "Revision", "Inherits", "Steps")
    for pack in items(body, "packs"):
        table.add_row(*(str(pack[name] or "") for name in ("pack", "title", "revision", "inherits", "steps")))
    out.print(table)


def pack(body: Json) -> None:
    """Show a pack: each step with its times and its ladder."""
    out.print(f"[bold]{_said(body, 'pack')}[/] revision {body['revision']}: {_said(body, 'title')}")
    table = _table("Step", "Stage", "Anchor", "VL", "L", "M", "H", "Ladder", "Basis")
    for step in items(body, "steps"):
        due, basis = step["due"], step["basis"]
        assert isinstance(due, Mapping)
        assert isinstance(basis, Mapping)
        rungs = " > ".join(_rung(rung) for rung in items(step, "ladder"))
        spans = [str(due.get(level, "-")) for level in Risk]
        about = f"{basis['rule']}, {basis['time']}"
        table.add_row(str(step["key"]), str(step["stage"]), str(step["anchor"]), *spans, rungs, escape(about))
    out.print(table)


def _rung(rung: Json) -> str:
    to = items(rung, "to")
    return str(to[0]["role"]) if to else ""


def items(body: Json, name: str) -> Sequence[Json]:
    """Give a list of objects in an answer; empty when it is not there."""
    found = body.get(name)
    return [item for item in found if isinstance(item, Mapping)] if isinstance(found, list | tuple) else []


def _text(body: Json, name: str) -> str | None:
    value = body.get(name)
    return None if value is None else str(value)


def _said(body: Json, name: str) -> str:
    return escape(str(body.get(name) or ""))
