"""`vigil case explain`: why each step of a case is due now, and who was told of it."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

import typer

from console.cli.options import AsJson, Home, Token, Url, means
from console.cli.way import Json, Local, Remote, Way, answer

if TYPE_CHECKING:
    from collections.abc import Mapping


def explain_case(  # noqa: PLR0913, PLR0917 - each parameter is a flag
    case: Annotated[str, typer.Argument(help="the case's reference")],
    step: Annotated[str | None, typer.Argument(help="one step, by its key; all of them when left out")] = None,
    occurrence: Annotated[int | None, typer.Option(help="with STEP: one of its occurrences", min=1)] = None,
    home: Home = None,
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Say why each step is due now, and who was told of it or why nobody was.

    vigil case explain MP-2026-000001
    vigil case explain MP-2026-000001 notify_local_supervisor
    """
    way = means(home, url, token, as_json)
    with way.open() as vigil:
        body = _explained(vigil, case, step, occurrence)
    answer(way, body, _show)


def _explained(way: Way, case: str, step: str | None, occurrence: int | None) -> Json:
    number = None if occurrence is None else str(occurrence)
    if isinstance(way, Local):
        from console import asking
        from policy.terms import Route
        from runtime.door_looked import looked_by_machine

        looked_by_machine(way.app, case, "cli", Route.CLI)
        return asking.explained(way.app, case, step, number).body
    assert isinstance(way, Remote)
    asked: Mapping[str, str | None] = {"step": step, "occurrence": number}
    return way.read(f"/cases/{quote(case, safe='')}/explain", {name: text for name, text in asked.items() if text})


def _show(body: Json) -> None:
    from rich.markup import escape

    from console.cli.shown import items, out
    from console.words import local

    now = datetime.fromisoformat(str(body["as_of"]))
    for one in items(body, "steps"):
        number = f" {one['occurrence']}" if one["occurrence"] != 1 else ""
        out.print(f"[bold]{escape(str(one['title']))}{number}[/]")
        out.print(f"  {escape(str(one['due']))}")
        out.print(f"  {escape(str(one['told']))}")
        for line in items(one, "history"):
            out.print(f"    {local(str(line['at']), now)}  {escape(str(line['text']))}")
