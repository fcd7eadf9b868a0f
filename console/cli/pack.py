"""`vigil pack`: the procedure as data."""

from pathlib import Path
from typing import Annotated

import typer

from console.cli.files import read_text
from console.cli.options import AsJson, Home, Token, Url, means
from console.cli.way import answer, refuse

pack_commands = typer.Typer(no_args_is_help=True, help="The procedure as data: every step, time and ladder.")


@pack_commands.command("list")
def list_packs(home: Home = None, url: Url = None, token: Token = None, as_json: AsJson = False) -> None:
    """List the packs.

    vigil pack list
    """
    from console.cli import shown

    way = means(home, url, token, as_json)
    with way.open() as vigil:
        body = vigil.packs()
    answer(way, body, shown.packs)


@pack_commands.command("show")
def show_pack(
    name: Annotated[str, typer.Argument(help="a pack's name, such as staffordshire")],
    home: Home = None,
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Show a pack: each step with its times per risk, its ladder and its basis.

    vigil pack show staffordshire
    """
    from console.cli import shown

    way = means(home, url, token, as_json)
    with way.open() as vigil:
        body = vigil.pack(name)
    answer(way, body, shown.pack)


@pack_commands.command("check")
def check_packs(
    files: Annotated[list[str] | None, typer.Argument(help="TOML files; all packs of the home when left out")] = None,
    home: Annotated[Path | None, typer.Option(help="whose packs a file may inherit from (./var)")] = None,
    as_json: AsJson = False,
) -> None:
    """Check packs and list every fault at once: file, step, reason, remedy. Exit 1 when there is any.

    vigil pack check
    vigil pack check my-force.toml
    """
    from console.problems import problem_of
    from policy.errors import Fault, Invalid, VigilError
    from policy.pack_parse import parse
    from runtime.settings import load
    from store.packs import load_packs, pack_texts

    faults: list[Fault] = []
    names: list[str] = []
    try:
        home = load({"home": home} if home else {}).home
        texts, found = pack_texts(home)
        for file in files or ():
            texts[Path(file).stem] = read_text(file)
        faults += found
        for name in [Path(file).stem for file in files or ()]:
            try:
                names.append(parse(name, texts).name)
            except Invalid as error:
                faults += error.faults
        if not files:
            names = list(load_packs(home))
        if faults:
            raise Invalid("packs have faults", faults)
    except VigilError as error:
        refuse(problem_of(error), as_json=as_json)
    _sound(names, as_json=as_json)


def _sound(names: list[str], *, as_json: bool) -> None:
    if as_json:
        typer.echo('{"sound": [' + ", ".join(f'"{name}"' for name in names) + "]}")
        return
    for name in names:
        typer.echo(f"{name}: sound")
