"""The card of a role as the terminal shows it."""

from collections.abc import Mapping

from rich.markup import escape

from console.cli.shown import Json, items, out
from policy.terms import Risk

HEADINGS = {"must": "Must", "may": "May", "must_not": "Must not", "calls": "Calls"}


def card(body: Json) -> None:
    """Show a role's card, then its steps with their times per risk."""
    out.print(f"[bold]{escape(str(body['title']))}[/] ({body['role']}), {body['pack']} revision {body['revision']}")
    for name, heading in HEADINGS.items():
        lines = body[name]
        assert isinstance(lines, list)
        if lines:
            out.print(f"\n[bold]{heading}[/]")
        for line in lines:
            out.print(f"  - {escape(str(line))}")
    out.print("\n[bold]Steps[/]")
    for step in items(body, "steps"):
        part = {"yours": "", "told": "told: ", "climbs": "when nobody else has it: "}[str(step["part"])]
        out.print(f"  {part}{escape(str(step['title']))} ({_times(step)})")


def _times(step: Json) -> str:
    """Say a step's times: one for all levels, or each level's."""
    due, every = step["due"], step["every"]
    assert isinstance(due, Mapping)
    assert isinstance(every, Mapping)
    said = {level: " then every ".join(str(t[level]) for t in (due, every) if level in t) for level in Risk}
    said = {level: f"every {text}" if level in every and level not in due else text for level, text in said.items()}
    if not any(said.values()):
        series = step["series"]
        return ", ".join(map(str, series)) if isinstance(series, list) and series else "at its instant"
    if len(set(said.values())) == 1:
        return said[Risk.HIGH]
    return ", ".join(f"{level.replace('_', ' ')} {text or '-'}" for level, text in said.items())
