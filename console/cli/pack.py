"""`vigil pack`: the procedure as data."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console.cli.files import read_text
from console.cli.options import AsJson, Home, Token, Url, means
from console.cli.way import answer, refuse

if TYPE_CHECKING:
    from policy.pack import Pack

STATES = 12_000  # of each pack: some fifteen seconds
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


@pack_commands.command("card")
def show_card(
    name: Annotated[str, typer.Argument(help="a pack's name, such as staffordshire")],
    role: Annotated[str, typer.Argument(help="a role's key, such as duty_inspector")],
    home: Home = None,
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Show the card of a role: what it must, may and must not do, whom it calls, and its steps.

    vigil pack card staffordshire duty_inspector
    """
    from console.cli import shown_card

    way = means(home, url, token, as_json)
    with way.open() as vigil:
        body = vigil.card(name, role)
    answer(way, body, shown_card.card)


@pack_commands.command("check")
def check_packs(
    files: Annotated[list[str] | None, typer.Argument(help="TOML files; all packs of the home when left out")] = None,
    home: Annotated[Path | None, typer.Option(help="whose packs a file may inherit from (./var)")] = None,
    states: Annotated[
        int, typer.Option(help="how far a pack is searched: states of cases; 0 reads alone", min=0)
    ] = STATES,
    as_json: AsJson = False,
) -> None:
    """Check packs: every fault of their words at once, then each is searched for what must never come of it.

    The search plays cases with the procedure itself, to a bound that is printed, and tells a case for each fault.
    Exit 1 when there is any.

    vigil pack check
    vigil pack check my-force.toml
    vigil pack check staffordshire --states 100000
    """
    from console.cli.pack_proof import is_broken, prove
    from console.problems import problem_of
    from policy.errors import VigilError

    try:
        packs = _read(files or [], home)
    except VigilError as error:
        refuse(problem_of(error), as_json=as_json)
    for pack in () if as_json else packs:
        typer.echo(f"{pack.name}: sound")
    proofs = prove(packs, states, as_json=as_json) if states else []
    if as_json:
        typer.echo(json.dumps({"sound": [pack.name for pack in packs], "proofs": proofs}, ensure_ascii=False))
    if is_broken(proofs):
        raise typer.Exit(1)


def _read(files: list[str], home: Path | None) -> "list[Pack]":
    """Read the packs that are named, else all of the home; raise Invalid with every fault of their words."""
    from policy import pack_floor
    from policy.errors import Fault, Invalid
    from policy.pack_parse import parse
    from runtime.settings import load
    from store.packs import load_packs, pack_texts

    packs: list[Pack] = []
    home = load({"home": home} if home else {}).home
    texts, found = pack_texts(home)
    names = [_named(file, texts) for file in files]
    faults: list[Fault] = list(found)
    for name in names:
        try:
            packs.append(parse(name, texts))
            faults += pack_floor.faults(packs[-1])
        except Invalid as error:
            faults += error.faults
    packs = packs if files else list(load_packs(home).values())
    if faults:
        raise Invalid("packs have faults", faults)
    return packs


def _named(given: str, texts: dict[str, str]) -> str:
    """Give the name of a pack that is named by itself or by its file, which is read."""
    if given in texts and not Path(given).exists():
        return given
    texts[Path(given).stem] = read_text(given)
    return Path(given).stem
