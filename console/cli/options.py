"""The flags that every command shares."""

from pathlib import Path
from typing import Annotated

import typer

from console.cli.way import Means

Home = Annotated[Path | None, typer.Option(help="the home to act on (./var)", show_default=False)]
Url = Annotated[str | None, typer.Option(help="speak to a server instead, such as http://127.0.0.1:8600")]
Token = Annotated[str | None, typer.Option(help="with --url: its token (VIGIL_TOKEN)", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="print exactly what the API answers")]


def means(home: Path | None, url: str | None, token: str | None, as_json: bool) -> Means:
    """Put the shared flags together; --home and --url exclude each other."""
    if home is not None and url is not None:
        raise typer.BadParameter("give --home or --url, not both")
    return Means(home, url, token, as_json)
