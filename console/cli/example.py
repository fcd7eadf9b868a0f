"""`vigil example remove`: the examples go, and what is real stays."""

import typer

from console.cli.options import AsJson, Home, means
from console.cli.way import Json, Local, answer

example_commands = typer.Typer(no_args_is_help=True, help="The cases of vigil up --example.")


@example_commands.callback()
def _group() -> None:
    """Keep `remove` a command of its own: a group of one would take its place."""


@example_commands.command("remove")
def remove(home: Home = None, as_json: AsJson = False) -> None:
    """Remove the example's cases with all that hangs on them, and cancel their runs in Prefect.

    Real cases stay, and so does the roster until another is imported. The journal keeps its lines.

        vigil example remove
        vigil example remove --home /srv/vigil
    """
    from policy.terms import Route
    from runtime import example

    way = means(home, None, None, as_json)
    with way.open() as vigil:
        assert isinstance(vigil, Local)
        gone = example.remove(vigil.app, Route.CLI)
    answer(way, {"removed": list(gone.cases), "runs_left": gone.runs_left}, _show)


def _show(body: Json) -> None:
    removed, left = body["removed"], body["runs_left"]
    assert isinstance(removed, list)
    if not removed:
        typer.echo("There is no example case in this home.")
        return
    typer.echo(f"{len(removed)} example cases are removed: {', '.join(removed)}.")
    if left:
        typer.echo(f"Prefect does not answer: {left} of their runs still show there; they carry nothing, tell nobody.")
    typer.echo("The roster stays as it is; put your own in its place: vigil roster import duty.csv")
