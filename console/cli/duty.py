"""`vigil permissions`, `vigil roster act-up`, `vigil case looks`: who may do what, who covers, who has looked."""

import json
from typing import Annotated
from urllib.parse import quote

import typer

from console.cli.options import AsJson, Home, Token, Url, means
from console.cli.way import Json, Local, Remote, Way, answer


def permissions(
    as_json: AsJson = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="as docs/permissions.md")] = False,
) -> None:
    """Print who may do what: every role and deed, what the words mean, and where each row comes from.

    vigil permissions
    vigil permissions --json
    """
    from console import permissions_shown

    if as_json:
        typer.echo(json.dumps(permissions_shown.as_json(), ensure_ascii=False))
    else:
        typer.echo(permissions_shown.markdown() if markdown else f"{permissions_shown.plain()}\n", nl=False)


def act_up(  # noqa: PLR0913, PLR0917 - each parameter is a flag
    person: Annotated[str, typer.Argument(help="roster id of whoever acts")],
    role: Annotated[str, typer.Option(help="in which role, such as duty_inspector")],
    area: Annotated[str, typer.Option(help="for which area, * for all")],
    from_: Annotated[str, typer.Option("--from", help="from when, with its offset: 2026-01-10T19:00:00Z")],
    to: Annotated[str, typer.Option("--to", help="until when, with its offset")],
    by: Annotated[str, typer.Option(help="roster id of whoever grants it: inspector or above, never the same person")],
    reason: Annotated[str, typer.Option(help="why")],
    rank: Annotated[str | None, typer.Option(help="at which rank (that of the role)")] = None,
    home: Home = None,
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Let a person act in a role and rank for a time; it outlives the import of a roster.

    vigil roster act-up sgt-s --role duty_inspector --area stoke --from 2026-01-10T19:00:00Z
    --to 2026-01-11T07:00:00Z --by ci-1 --reason "Covers for the inspector, who is at court"
    """
    way = means(home, url, token, as_json)
    raw: Json = {"person": person, "role": role, "area": area, "from": from_, "to": to, "reason": reason}
    raw |= {"rank": rank} if rank else {}
    with way.open() as vigil:
        body = _act_up(vigil, raw, by)
    answer(way, body, _granted)


def looks(
    case: Annotated[str, typer.Argument(help="the case's reference")],
    home: Home = None,
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Say who has looked at a case, when, and why where it lay outside their area.

    vigil case looks MP-2026-000001
    """
    way = means(home, url, token, as_json)
    with way.open() as vigil:
        body = _looks(vigil, case)
    answer(way, body, _looked)


def _act_up(vigil: Way, raw: Json, by: str) -> Json:
    if isinstance(vigil, Local):
        from policy.terms import Route
        from runtime.door_acting import act_up as grant

        return grant(vigil.app, raw, by, Route.CLI)
    assert isinstance(vigil, Remote)
    return vigil.ask("POST", "/roster/acting", json.dumps({**raw, "by": by}), "application/json")


def _looks(vigil: Way, case: str) -> Json:
    if isinstance(vigil, Local):
        from console.looking import listed

        return listed(vigil.app, case)
    assert isinstance(vigil, Remote)
    return vigil.ask("GET", f"/cases/{quote(case, safe='')}/looks")


def _granted(body: Json) -> None:
    area = "force-wide" if body["area"] == "*" else f"in {body['area']}"
    typer.echo(f"{body['person']} acts as {body['role']} ({body['rank']}) {area}, {body['from']} to {body['to']}")


def _looked(body: Json) -> None:
    found = body["looks"]
    assert isinstance(found, list)
    for one in found:
        why = "own area, or told of it" if one["own"] else f"outside their area: {one['reason']}"
        typer.echo(f"{one['at']}  {one['person']}  by {one['via']}  {why}")
    if not found:
        typer.echo("Nobody has looked at this case yet.")
