"""`vigil user` and `vigil token`: who may sign in, and which machines may speak."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from console.cli.options import AsJson, Home, means
from console.cli.way import Json, Local, Means, Way, answer
from policy.errors import Fault, Invalid
from policy.signing_in import SHORTEST_PASSWORD, Scope, refuse_weak
from policy.spans import Span
from policy.terms import Role, Route

if TYPE_CHECKING:
    from runtime.app import App

user_commands = typer.Typer(no_args_is_help=True, help="Who may sign in.")
token_commands = typer.Typer(no_args_is_help=True, help="Which machines may speak, and for how long.")

User = Annotated[str, typer.Argument(help="the name to sign in with")]
Stdin = Annotated[bool, typer.Option("--password-stdin", help="read the password from standard input")]
_UNKNOWN = "note: {} is not on the roster, so nothing is asked of this person until a roster names them"


@user_commands.command("add")
def add_user(  # noqa: PLR0913, PLR0917 - each parameter is a flag
    user: User,
    person: Annotated[str, typer.Option(help="their roster id (the collar number)")],
    role: Annotated[Role, typer.Option(help="what the console lets them do beside their duties")],
    break_glass: Annotated[
        bool, typer.Option("--break-glass", help="a sealed account: asks why, rings an alarm, lasts 60 minutes")
    ] = False,
    password_stdin: Stdin = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Let a person sign in. Their password is asked for: it is no argument, for others see those.

    vigil user add ann --person 4711 --role duty_inspector
    vigil user add sealed --person fim-desk --role policy_admin --break-glass
    """
    from console.passwords import hash_password
    from runtime import doors
    from store.accounts import Account

    way = means(home, None, None, as_json)
    with way.open() as vigil:
        kept = hash_password(_password(stdin=password_stdin))
        account = Account(user, kept, person.strip(), role, break_glass=break_glass)
        known = doors.add_account(_app(vigil), account, Route.CLI)
    if not known:
        typer.echo(_UNKNOWN.format(account.person), err=True)
    body: Json = {"user": user, "person": account.person, "role": role, "break_glass": break_glass}
    _say(way, body, f"{user} may sign in as {account.person} ({role}){' by breaking the glass' if break_glass else ''}")


@user_commands.command("list")
def list_users(home: Home = None, as_json: AsJson = False) -> None:
    """List who may sign in, and who may not at this moment.

    vigil user list
    """
    from store import accounts

    way = means(home, None, None, as_json)
    with way.open() as vigil:
        app = _app(vigil)
        wall = app.clock.wall()
        with app.sessions.reading() as s:
            found = accounts.every(s)
    rows: list[Json] = [
        {
            "user": one.user,
            "person": one.person,
            "role": one.role,
            "break_glass": one.break_glass,
            "force_account": one.subject is not None,
            "locked_until": one.locked_until.isoformat() if one.locked_until and one.locked_until > wall else None,
            "disabled_at": one.disabled_at.isoformat() if one.disabled_at else None,
        }
        for one in found
    ]
    answer(way, {"users": rows}, lambda _body: _table(rows))


@user_commands.command("password")
def change_password(user: User, password_stdin: Stdin = False, home: Home = None, as_json: AsJson = False) -> None:
    """Put a new password in the place of the old one; it also unlocks, and ends every session of the user.

    vigil user password ann
    """
    from console.passwords import hash_password
    from runtime import doors

    way = means(home, None, None, as_json)
    with way.open() as vigil:
        kept = hash_password(_password(stdin=password_stdin))
        ended = doors.change_password(_app(vigil), user, kept, Route.CLI)
    _say(way, {"user": user, "sessions_ended": ended}, f"{user} has a new password; sessions ended: {ended}")


@user_commands.command("disable")
def disable_user(user: User, home: Home = None, as_json: AsJson = False) -> None:
    """Let a user sign in no more, at once: every session of theirs ends. What they did stays theirs.

    vigil user disable ann
    """
    from runtime import doors

    way = means(home, None, None, as_json)
    with way.open() as vigil:
        ended = doors.disable_account(_app(vigil), user, Route.CLI)
    _say(way, {"user": user, "sessions_ended": ended}, f"{user} may sign in no more; sessions ended: {ended}")


@user_commands.command("unlock")
def unlock_user(user: User, home: Home = None, as_json: AsJson = False) -> None:
    """Let a user sign in who was locked after wrong passwords, or disabled.

    vigil user unlock ann
    """
    from runtime import doors

    way = means(home, None, None, as_json)
    with way.open() as vigil:
        doors.unlock_account(_app(vigil), user, Route.CLI)
    _say(way, {"user": user}, f"{user} may sign in again")


@user_commands.command("unbind")
def unbind_user(user: User, home: Home = None, as_json: AsJson = False) -> None:
    """Let another force account be bound to this user, such as a new one of the same person; every session ends.

    vigil user unbind insp-a
    """
    from runtime import doors

    way = means(home, None, None, as_json)
    with way.open() as vigil:
        ended = doors.unbind_account(_app(vigil), user, Route.CLI)
    said = f"the next force account of the same roster id is bound to {user}; sessions ended: {ended}"
    _say(way, {"user": user, "sessions_ended": ended}, said)


@user_commands.command("sessions")
def list_sessions(user: User, home: Home = None, as_json: AsJson = False) -> None:
    """List a user's sessions, the newest first: how each was begun, why where the glass was broken, whether it lasts.

    vigil user sessions sealed
    """
    from policy.signing_in import is_over
    from store import sign_ins

    way = means(home, None, None, as_json)
    with way.open() as vigil:
        app = _app(vigil)
        wall = app.clock.wall()
        with app.sessions.reading() as s:
            found = sign_ins.of_user(s, user)
    rows: list[Json] = [
        {
            "session": one.short,
            "how": one.how,
            "begun_at": one.begun_at.isoformat(),
            "seen_at": one.seen_at.isoformat(),
            "lasts": one.ended_at is None and not is_over(one.seen_at, one.until_at, wall),
            "reason": one.reason,
        }
        for one in found
    ]
    answer(way, {"sessions": rows}, lambda _body: _table(rows))


@token_commands.command("create")
def create_token(
    name: Annotated[str, typer.Option(help="what it is for, such as command-and-control")],
    scope: Annotated[list[Scope], typer.Option(help="what it may do; give it several times for several")],
    expires: Annotated[str, typer.Option(help="how long it lasts: 90d, 12mo")] = "90d",
    person: Annotated[
        str | None, typer.Option(help="speaks for this roster id alone; for any, as a system does, when left out")
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Make a token for a machine. It is printed this once, and kept only as its hash.

    vigil token create --name command-and-control --scope report --scope fact --expires 90d
    vigil token create --name dashboard --scope read --expires 12mo
    """
    from runtime import doors

    way = means(home, None, None, as_json)
    with way.open() as vigil:
        token = doors.make_token(_app(vigil), name, scope, _span(expires).nominal, person)
    body: Json = {"name": name, "scopes": sorted(set(scope)), "person": person, "token": token}
    if not as_json:
        typer.echo("This is the only time that the token is shown:", err=True)
    _say(way, body, token)


@token_commands.command("list")
def list_tokens(home: Home = None, as_json: AsJson = False) -> None:
    """List the tokens: what each may do, until when, and when it spoke last. Never the token itself.

    vigil token list
    """
    from store import accounts

    way = means(home, None, None, as_json)
    with way.open() as vigil, _app(vigil).sessions.reading() as s:
        found = accounts.tokens(s)
    rows: list[Json] = [
        {
            "name": one.name,
            "scopes": list(one.scopes) if one.scopes is not None else None,
            "person": one.person,
            "expires_at": one.expires_at.isoformat() if one.expires_at else None,
            "last_used_at": one.last_used_at.isoformat() if one.last_used_at else None,
            "revoked_at": one.revoked_at.isoformat() if one.revoked_at else None,
        }
        for one in found
    ]
    answer(way, {"tokens": rows}, lambda _body: _table(rows))


@token_commands.command("revoke")
def revoke_token(
    name: Annotated[str, typer.Argument(help="the name it was made with")], home: Home = None, as_json: AsJson = False
) -> None:
    """Let a token speak no more, at once.

    vigil token revoke dashboard
    """
    from runtime import doors

    way = means(home, None, None, as_json)
    with way.open() as vigil:
        revoked = doors.revoke_token(_app(vigil), name)
    _say(way, {"name": name, "revoked": revoked}, f"{name} speaks no more")


def _app(vigil: Way) -> "App":
    assert isinstance(vigil, Local)  # none of these commands takes --url
    return vigil.app


def _span(text: str) -> Span:
    try:
        return Span.parse(text)
    except ValueError as error:
        raise Invalid("the token was not made", [Fault("expires", str(error), "write 90d or 12mo")]) from None


def _password(*, stdin: bool) -> str:
    """Ask for a password twice, or read one line of standard input; raise Invalid when it is none to be taken."""
    if stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    elif sys.stdin.isatty():
        hint = f"Password ({SHORTEST_PASSWORD} letters or more)"
        password = typer.prompt(hint, hide_input=True, confirmation_prompt=True, err=True)
    else:
        remedy = "type it at a terminal, or pipe it in with --password-stdin"
        raise Invalid("no password was given", [Fault("password", "cannot be asked for here", remedy)])
    refuse_weak(password)
    return password


def _say(way: Means, body: Json, words: str) -> None:
    answer(way, body, lambda _body: typer.echo(words))


def _table(rows: Sequence[Json]) -> None:
    """Print rows with a heading, a column a key."""
    from rich.table import Table

    from console.cli import shown

    table = Table(*(name.replace("_", " ") for name in (rows[0] if rows else ())), box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(_cell(value) for value in row.values()))
    shown.out.print(table if rows else "none")


def _cell(value: object) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "-" if value is None else str(value)
