"""What can be typed. Each command imports what it needs when it runs: `vigil --help` answers at once."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from console.cli.case import case_commands, fact, log, report
from console.cli.duty import act_up, looks, permissions
from console.cli.example import example_commands
from console.cli.explain import explain_case
from console.cli.files import read_text
from console.cli.options import AsJson, Home, Token, Url, means
from console.cli.pack import pack_commands
from console.cli.past import audit_commands, replay_case
from console.cli.people import token_commands, user_commands
from console.cli.rehearse import rehearse
from console.cli.simulate import simulate
from console.cli.timings import add_to as add_timings_to
from console.cli.way import answer, refuse

SHIPPED = "pack for new cases: staffordshire (else), derbyshire_mpt, metropolitan, uk_app_baseline, or your own"
EPILOG = "Begin with: vigil up --example    Then open the address that it prints."

cli = typer.Typer(
    name="vigil",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,  # a trace may show what a person wrote
    add_completion=False,
    epilog=EPILOG,
    help="Vigil keeps watch over a police force's missing-person procedure.\n\n"
    "It makes sure that the right named person knows, in time, and that what happened can be shown.",
)
roster_commands = typer.Typer(no_args_is_help=True, help="The duty roster: who is on duty, when, how reached.")
case_commands.command("explain")(explain_case)
case_commands.command("looks")(looks)
roster_commands.command("act-up")(act_up)
case_commands.command("replay")(replay_case)
add_timings_to(pack_commands)
cli.add_typer(case_commands, name="case")
cli.add_typer(pack_commands, name="pack")
cli.add_typer(roster_commands, name="roster")
cli.add_typer(audit_commands, name="audit")
cli.add_typer(example_commands, name="example")
cli.add_typer(user_commands, name="user")
cli.add_typer(token_commands, name="token")
cli.command()(report)
cli.command()(fact)
cli.command()(log)
cli.command()(permissions)
cli.command()(rehearse)
cli.command()(simulate)


@cli.command()
def up(  # noqa: PLR0913, PLR0917 - each parameter is a flag
    home: Home = None,
    host: Annotated[str | None, typer.Option(help="address to listen on (127.0.0.1)")] = None,
    port: Annotated[int | None, typer.Option(help="console and API (8600)")] = None,
    prefect_port: Annotated[int | None, typer.Option(help="Prefect (4200)")] = None,
    database_url: Annotated[str | None, typer.Option(help="PostgreSQL for Vigil (SQLite under the home)")] = None,
    prefect_database_url: Annotated[str | None, typer.Option(help="PostgreSQL for Prefect")] = None,
    prefect_api_url: Annotated[str | None, typer.Option(help="a Prefect server that is already there")] = None,
    pack: Annotated[str | None, typer.Option(help=SHIPPED)] = None,
    roster: Annotated[Path | None, typer.Option(help="a roster to import at start")] = None,
    example: Annotated[bool, typer.Option("--example", help="a roster and cases to look at")] = False,
    demo: Annotated[bool, typer.Option("--demo", help="a night of reports, 60 times as fast")] = False,
    start: Annotated[str | None, typer.Option(help="rehearse from this instant")] = None,
    speed: Annotated[float | None, typer.Option(help="rehearse this many times as fast, at most 60")] = None,
    as_json: AsJson = False,
) -> None:
    """Start everything on this machine: Prefect, worker, timer, console.

    Ctrl-C stops it; the next start on the same home goes on where it was.

        vigil up --example
        vigil up --home /srv/vigil --roster duty.csv --port 8700
        vigil up --home /tmp/night --start 2026-01-10T19:00:00Z --speed 60
    """
    given = {name: value for name, value in locals().items() if value is not None and value is not False}
    if given.pop("as_json", False):
        given["json"] = True
    from console.problems import problem_of
    from policy.errors import VigilError
    from runtime import settings
    from runtime import up as supervisor

    try:
        chosen = settings.load(given)
    except VigilError as error:
        refuse(problem_of(error), as_json=as_json)
    raise typer.Exit(supervisor.up(chosen))


@roster_commands.command("import")
def import_roster(
    file: Annotated[str, typer.Argument(help="a CSV file, - for standard input")],
    partial: Annotated[bool, typer.Option("--partial", help="take the good rows though others are refused")] = False,
    home: Home = None,
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Put a roster in the place of the one before.

    Columns: person,name,rank,role,area,from,to,email,webhook,phone,sms; area may be *.
    Instants carry their offset (2026-01-10T19:00:00Z), or are counted from now (-12h, +8h).

        vigil roster import examples/roster.csv
        vigil roster import duty.csv
        vigil roster import duty.csv --partial --json
    """
    from console.cli import shown

    way = means(home, url, token, as_json)
    with way.open() as vigil:
        body = vigil.roster(read_text(file), partial=partial)
    answer(way, body, shown.roster)


@cli.command()
def doctor(home: Home = None, as_json: AsJson = False) -> None:
    """Look at a home and say what is wrong and what to do about it; exit 1 when something is.

    vigil doctor --home /srv/vigil
    """
    from console.cli import doctor as shown
    from console.problems import problem_of
    from policy.errors import VigilError
    from runtime.doctor import examine
    from runtime.settings import load
    from runtime.up_home import as_running

    try:
        given = {"home": home} if home else {}
        checks = examine(load({**as_running(load(given).home), **given}))
    except VigilError as error:
        refuse(problem_of(error), as_json=as_json)
    if as_json:
        sys.stdout.write(json.dumps({"checks": [check.as_dict() for check in checks]}) + "\n")
    else:
        shown.show(checks)
    raise typer.Exit(0 if all(check.ok for check in checks) else 1)


def run(arguments: Sequence[str]) -> int:
    """Run a command and give its exit code: 0 done, 1 refused or failed, 2 usage."""
    try:
        cli(list(arguments), prog_name="vigil")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return 0
