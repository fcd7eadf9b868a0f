"""`vigil doctor`: what is wrong with a home, and what to do about it, for people to read."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.markup import escape

from console.cli import shown

if TYPE_CHECKING:
    from runtime.doctor import Check


def show(checks: "Sequence[Check]") -> None:
    """Show the checks to a person."""
    for line in _lines(checks):
        shown.out.print(line)


def _lines(checks: "Sequence[Check]") -> Iterator[str]:
    for check in checks:
        mark = "[green]ok[/]     " if check.ok else "[bold red]wrong[/]  "
        yield f"{mark}{check.name}: {escape(check.detail)}"
        if not check.ok and check.remedy:
            yield f"         -> {escape(check.remedy)}"
