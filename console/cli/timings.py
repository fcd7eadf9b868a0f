"""`vigil pack preview`, `propose`, `approve`, `withdraw`, `diff`, `history`, `export`: changing a timing."""

from pathlib import Path
from typing import Annotated

import typer

from console.cli import timings_asked as asked
from console.cli.files import read_text
from console.cli.options import AsJson, Home, Token, Url, means
from console.cli.way import Json, answer

Pack = Annotated[str, typer.Argument(help="a pack's name, such as staffordshire")]
Number = Annotated[int, typer.Argument(help="the revision's number", min=1)]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="STEP.FIELD[.RISK]=VALUE", help="one edited number; may be given again"),
]
File = Annotated[str | None, typer.Option(help="instead: the whole pack as edited TOML, - for standard input")]
AppliesTo = Annotated[str, typer.Option(help="new (cases to come) or live_and_new (open ones too)")]
From = Annotated[str | None, typer.Option("--from", help="in force from this instant, with its offset (approval)")]
OverBy = Annotated[str | None, typer.Option(help="who answers for a time above its ceiling: superintendent or above")]
OverReason = Annotated[str | None, typer.Option(help="with --override-by: why")]
Base = Annotated[int | None, typer.Option(help="the revision that is changed (the newest)", min=1)]
By = Annotated[str, typer.Option(help="roster id of whoever does it")]


def preview(  # noqa: PLR0913, PLR0917 - each parameter is a flag
    pack: Pack,
    edits: Set = None,
    file: File = None,
    applies_to: AppliesTo = "live_and_new",
    cases: Annotated[int, typer.Option(help="past cases to play", min=1, max=10_000)] = 200,
    override_by: OverBy = None,
    override_reason: OverReason = None,
    base: Base = None,
    home: Home = None,
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Say what a change would do to open cases, to past ones and to sense; nothing is stored, nobody is told.

    vigil pack preview staffordshire --set notify_local_supervisor.due.medium=7m
    """
    from console.cli import timings_shown

    way = means(home, url, token, as_json)
    what = asked.changed(edits, file)
    with way.open() as vigil:
        text = {"text": read_text(file)} if file else {}
        stands = base or asked.newest(vigil, pack, quiet=as_json)
        named = asked.override(override_by, override_reason)
        body: Json = {**what, **text, **named, "base": stands, "applies_to": applies_to}
        found = asked.preview(vigil, pack, body, cases, quiet=as_json)
    answer(way, found, lambda shown: timings_shown.preview(shown, f"{pack}, revision {stands}", applies_to))


def propose(  # noqa: PLR0913, PLR0917 - each parameter is a flag
    pack: Pack,
    reason: Annotated[str, typer.Option(help="why, so that it can be defended later")],
    by: By,
    edits: Set = None,
    file: File = None,
    from_: From = None,
    applies_to: AppliesTo = "new",
    override_by: OverBy = None,
    override_reason: OverReason = None,
    base: Base = None,
    home: Home = None,
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Propose edited numbers, or a whole edited pack; nothing follows them before another person has approved.

    vigil pack propose staffordshire --set notify_local_supervisor.due.medium=7m
    --reason "Ten minutes were too long in May" --by adm-1 --applies-to live_and_new
    """
    from console.cli import timings_shown

    way = means(home, url, token, as_json)
    what = asked.changed(edits, file)
    with way.open() as vigil:
        text = {"text": read_text(file)} if file else {}
        named = asked.override(override_by, override_reason)
        body: Json = {
            **what, **text, **named, "base": base or asked.newest(vigil, pack, quiet=as_json), "reason": reason,
            "effective_from": from_, "applies_to": applies_to, "by": by,
        }  # fmt: skip
        made = asked.propose(vigil, pack, body, by)
    answer(way, made, timings_shown.proposed)


def approve(  # noqa: PLR0913, PLR0917 - each parameter is a flag
    pack: Pack,
    number: Number,
    by: By,
    home: Home = None,
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Approve what another person has proposed: policy admin or superintendent and above, never the proposer.

    vigil pack approve staffordshire 2 --by sup-1
    """
    from console.cli import timings_shown

    way = means(home, url, token, as_json)
    with way.open() as vigil:
        made = asked.approve(vigil, pack, number, by)
        stopped = vigil.stopped
    answer(way, made, lambda shown: timings_shown.settled(shown, stopped))


def withdraw(  # noqa: PLR0913, PLR0917 - each parameter is a flag
    pack: Pack,
    number: Number,
    by: By,
    reason: Annotated[str, typer.Option(help="why")],
    home: Home = None,
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Withdraw a revision: from now on no case begins under it, and open ones go to the one in force.

    vigil pack withdraw staffordshire 2 --by sup-1 --reason "It told people twice"
    """
    from console.cli import timings_shown

    way = means(home, url, token, as_json)
    with way.open() as vigil:
        made = asked.withdraw(vigil, pack, number, {"by": by, "reason": reason})
        stopped = vigil.stopped
    answer(way, made, lambda shown: timings_shown.settled(shown, stopped))


def diff(  # noqa: PLR0913, PLR0917 - each parameter is a flag
    pack: Pack,
    from_: Annotated[int | None, typer.Argument(metavar="[FROM]", help="a revision (what TO changes)", min=1)] = None,
    to: Annotated[int | None, typer.Argument(metavar="[TO]", help="a revision (the newest approved)", min=1)] = None,
    home: Home = None,
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Say what differs between two revisions: each number before and after, all else in words.

    vigil pack diff staffordshire
    vigil pack diff staffordshire 1 3
    """
    from console.cli import timings_shown

    way = means(home, url, token, as_json)
    with way.open() as vigil:
        found = asked.diff(vigil, pack, from_, to)
    answer(way, found, timings_shown.diff)


def history(
    pack: Pack,
    home: Home = None,
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """List every revision of a pack: who, when, why, and which is in force.

    vigil pack history staffordshire
    """
    from console.cli import timings_shown

    way = means(home, url, token, as_json)
    with way.open() as vigil:
        found = asked.history(vigil, pack)
    answer(way, found, timings_shown.history)


def export(
    pack: Pack,
    number: Annotated[int | None, typer.Argument(help="a revision (the newest approved)", min=1)] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="a file to write (standard output)")] = None,
    home: Home = None,
    url: Url = None,
    token: Token = None,
) -> None:
    """Give a whole pack as TOML, to be edited and proposed back with --file.

    vigil pack export staffordshire -o edited.toml
    """
    way = means(home, url, token, as_json=False)
    with way.open() as vigil:
        text = asked.exported(vigil, pack, number)
        if output is None:
            typer.echo(text, nl=False)
        else:
            asked.write(output, text)
            typer.echo(f"{output} is written; edit it, then: vigil pack propose {pack} --file {output} ...", err=True)


def add_to(commands: typer.Typer) -> None:
    """Add these commands to those of `vigil pack`."""
    for command in (preview, propose, approve, withdraw, diff, history, export):
        commands.command(command.__name__)(command)
