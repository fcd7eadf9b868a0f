"""Two timelines side by side in a terminal; on a narrow one, one under the other."""

import sys

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from runtime.against_timeline import Entry, Mark, Row
from runtime.rehearse_against import Comparison
from runtime.rehearse_words import ClockWords

WIDE = 140  # columns of what is not a terminal
TWO_COLUMNS = 84  # narrower than this and the sides stand one under the other
_SIGNS = {Mark.SAME: " ", Mark.MOVED: "~", Mark.CHANGED: "~", Mark.ONLY: "!"}
LEGEND = "! on this side alone   ~ on the other side too, at another time or in other words"


def show(found: Comparison) -> None:
    """Print what differs in words, then both timelines minute by minute."""
    terminal = sys.stdout.isatty()
    console = Console(highlight=False, width=None if terminal else WIDE)
    console.print(Text(found.name, "bold"))
    if found.about:
        console.print(Text(found.about))
    for source in found.sources:
        console.print(Text(f"{source.code}: {source.title}, {source.link}"))
    console.print()
    for said in (*found.summary, *([found.expected] if found.expected else [])):
        console.print(Text(f"- {said}"))
    if found.left_out:
        console.print(Text(found.left_out, "dim"))
    console.print()
    draw = _columns if console.width >= TWO_COLUMNS else _stacked
    console.print(draw(found))
    if not found.is_was:
        console.print(Text(LEGEND, "dim"))


def _columns(found: Comparison) -> RenderableType:
    table = Table(expand=True, pad_edge=False, show_lines=False, box=None, padding=(0, 2, 0, 0))
    table.add_column("", no_wrap=True)
    table.add_column(found.left.title, ratio=1, overflow="fold")
    table.add_column(found.right.title, ratio=1, overflow="fold")
    day = ""
    for row in found.rows:
        if (today := found.left.clock.day(row.at)) != day:
            day = today
            table.add_row("", Text(day, "bold"), "")
        if row.fold:
            table.add_row(_span(row, found.left.clock), Text(folded(row), "dim"), Text("the same", "dim"))
        else:
            table.add_row(found.left.clock.clock(row.at), _cell(row.left, found), _cell(row.right, found))
    return table


def _stacked(found: Comparison) -> RenderableType:
    lines: list[RenderableType] = []
    day = ""
    for row in found.rows:
        if (today := found.left.clock.day(row.at)) != day:
            day = today
            lines.append(Text(day, "bold"))
        if row.fold:
            lines.append(Text(f"{_span(row, found.left.clock)}  {folded(row)}", "dim"))
            continue
        lines.append(Text(found.left.clock.clock(row.at)))
        for timeline, entries in ((found.left, row.left), (found.right, row.right)):
            if entries and not (row.same and timeline is found.right):
                title = "Both" if row.same else timeline.title
                lines.append(Padding(Group(Text(title, "bold"), _cell(entries, found)), (0, 0, 0, 2)))
    return Group(*lines)


def _cell(entries: tuple[Entry, ...], found: Comparison) -> RenderableType:
    """Draw one side of a minute; the mark stands in a column of its own, so that words stay under words."""
    grid = Table.grid(expand=True, padding=(0, 1, 0, 0))
    marked = not found.is_was
    if marked:
        grid.add_column(width=1)
    grid.add_column(ratio=1, overflow="fold")
    for entry in entries:
        style = "dim" if marked and entry.mark is Mark.SAME else ""
        text = Text(entry.text, style)
        if entry.note:
            text.append(f" [{entry.note}]", "bold" if marked else "dim")
        grid.add_row(*([_SIGNS[entry.mark]] if marked else []), text)
    return grid


def folded(row: Row) -> str:
    """Say what a fold stands for."""
    count = sum(len(one.left) for one in row.fold)
    return f"{count} lines are the same on both sides"


def _span(row: Row, clock: ClockWords) -> str:
    return f"{clock.clock(row.fold[0].at)} to {clock.clock(row.fold[-1].at)}"
