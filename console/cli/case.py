"""`vigil report`, `vigil fact`, `vigil case`: taking in and looking."""

import json
import sys
from collections.abc import Iterator
from typing import Annotated

import typer

from console.cli.files import read_text
from console.cli.options import AsJson, Home, Token, Url, means
from console.cli.way import Json, Means, Way, answer
from console.problems import ProblemError, problem_of
from policy.errors import Fault, Invalid, Unreadable, VigilError
from policy.terms import FactKind

case_commands = typer.Typer(no_args_is_help=True, help="Look at cases.")


def report(
    file: Annotated[str, typer.Argument(help="a JSON record or list of records, - for standard input")],
    csv: Annotated[bool, typer.Option("--csv", help="a table: a record a row, dots for nesting")] = False,
    home: Home = None,
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Take a report in: its case is opened and the right people are told.

    A record that names a person is never refused for a fault in the rest; the faults are listed.
    With several records each one's outcome is said by itself; exit 1 when any was refused.

        vigil report record.json
        vigil report --csv night.csv
        echo '{"source": "phone", "source_id": "1", "person": {"age": 14}}' | vigil report -
    """
    from console.cli import shown
    from runtime.tables import records_of_csv

    way, refused = means(home, url, token, as_json), 0
    with way.open() as vigil:
        text = read_text(file)
        try:
            records = records_of_csv(text) if csv else _json(text, file)
            if isinstance(records, list):
                records = iter(list(enumerate(records, 1)))
            if isinstance(records, Iterator):
                taken = [_one(vigil, way, number, record) for number, record in records]
                refused, written = taken.count(False), "what was taken is" if True in taken else ""
            else:
                written = _alone(vigil, way, records)
            if written and vigil.stopped:
                shown.nobody_told(written, vigil.stopped)
        except (Unreadable, Invalid) as error:
            if isinstance(error, Unreadable) or csv:
                vigil.unreadable(text)
            raise
    if refused:
        raise typer.Exit(1)


def _alone(vigil: Way, way: Means, record: object) -> str:
    """Take one record in and say what became of it; give what is written down, in words."""
    from console.cli import shown

    body, stopped = vigil.report(record), vigil.stopped
    answer(way, body, lambda body: shown.reported(body, stopped))
    return f"{body['case']} is"


def _one(vigil: Way, way: Means, number: int, record: object) -> bool:
    """Take one of several records in and say what became of it; one that is refused stops no other."""
    from console.cli import shown

    source_id = record.get("source_id") if isinstance(record, dict) else None
    try:
        body = vigil.report(record)
    except (VigilError, ProblemError) as error:
        problem = problem_of(error) if isinstance(error, VigilError) else error.problem
        if way.as_json:
            sys.stdout.write(json.dumps({"row": number, **problem.body}, ensure_ascii=False) + "\n")
        else:
            shown.row(number, source_id, "[bold red]refused[/]")
            shown.refusal(problem)
        return False
    if way.as_json:
        sys.stdout.write(json.dumps({"row": number, **body}, ensure_ascii=False) + "\n")
        return True
    outcome = "taken" if "unchanged" not in body else ("unchanged" if body["unchanged"] else "changed")
    defects = shown.items(body, "defects")
    with_faults = f", {len(defects)} defects" if defects else ""
    shown.row(number, source_id, outcome + with_faults, str(body["case"]))
    return True


def fact(  # noqa: PLR0913, PLR0917 - each parameter is a flag
    case: Annotated[str, typer.Argument(help="the case's reference, such as MP-2026-000001")],
    kind: Annotated[str, typer.Argument(help=f"what happened: {', '.join(FactKind)}")],
    by: Annotated[str, typer.Option(help="roster id of whoever says so")],
    step: Annotated[str | None, typer.Option(help="the step that it is about")] = None,
    occurrence: Annotated[int | None, typer.Option(help="which one of a recurring step")] = None,
    at: Annotated[str | None, typer.Option(help="when it happened (now)")] = None,
    evidence: Annotated[list[str] | None, typer.Option("-e", help="NAME=VALUE, as often as needed")] = None,
    evidence_file: Annotated[str | None, typer.Option("--evidence", help="a JSON object, - for standard input")] = None,
    home: Home = None,
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Say what happened in a case, and see the case as it stands then.

    vigil fact MP-2026-000001 acknowledged --by insp-a
    vigil fact MP-2026-000001 risk_set --by fim-1 -e level=high -e rationale="No medication since noon"
    vigil fact MP-2026-000001 serial_entry --by op-1 --evidence entry.json
    """
    raw: Json = {"kind": kind, "by": by}
    raw |= {name: value for name, value in (("step", step), ("occurrence", occurrence), ("at", at)) if value}
    way = means(home, url, token, as_json)
    with way.open() as vigil:
        raw["evidence"] = _evidence(evidence or [], evidence_file)
        body = vigil.fact(case, raw)
    answer(way, body, _show)


def log(
    file: Annotated[str, typer.Argument(help="a CSV table of log lines, - for standard input")],
    case: Annotated[str | None, typer.Option(help="every line is about this case")] = None,
    home: Home = None,
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Bring lines of the force's own logs (STORM, COMPACT) into the timelines of their cases.

    Columns: case or serial, at, source, text, by. A bad row stops no other; exit 1 when any was refused.

        vigil log storm-lines.csv
        vigil log compact-notes.csv --case MP-2026-000001
        vigil log examples/log.csv
    """
    from console.cli import shown

    way = means(home, url, token, as_json)
    with way.open() as vigil:
        body = vigil.log(read_text(file), case)
    answer(way, body, shown.log_lines)
    if body.get("refused"):
        raise typer.Exit(1)


@case_commands.command("list")
def list_cases(  # noqa: PLR0913, PLR0917 - each parameter is a flag
    status: Annotated[str | None, typer.Option(help="open, located, closing, closed or inactive")] = None,
    area: Annotated[str | None, typer.Option(help="a policing area, such as stoke")] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="only those with something overdue")] = False,
    cursor: Annotated[str | None, typer.Option(help="go on from here")] = None,
    home: Home = None,
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """List cases, those with something overdue first.

    vigil case list --overdue
    vigil case list --status open --area stoke --json
    """
    from console.cli import shown

    way = means(home, url, token, as_json)
    query = {"status": status, "area": area, "overdue": "true" if overdue else None, "cursor": cursor}
    with way.open() as vigil:
        body = vigil.cases(query)
    answer(way, body, shown.cases)


@case_commands.command("show")
def show_case(
    case: Annotated[str, typer.Argument(help="the case's reference")],
    home: Home = None,
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Show a case: who answers for it, every step with its deadline, and each change of its risk in words.

    vigil case show MP-2026-000001
    """
    way = means(home, url, token, as_json)
    with way.open() as vigil:
        body = vigil.case(case)
    answer(way, body, _show)


def _show(body: Json) -> None:
    from console.cli import shown
    from runtime.clock import WallClock

    shown.case(body, WallClock().now())


def _json(text: str, what: str) -> object:
    from console.bodies import as_json

    try:
        return as_json(text.encode())
    except Unreadable as error:
        raise Unreadable(f"{what}: {error}") from None


def _evidence(given: list[str], file: str | None) -> Json:
    """Put evidence together; yes, no, numbers, lists and objects are read as JSON, all else is text."""
    found: Json = {}
    if file is not None:
        read = _json(read_text(file), file)
        if not isinstance(read, dict):
            fault = Fault("evidence", "is not an object", 'write {"name": "value"}')
            raise Invalid("the evidence has faults", (fault,))
        found |= read
    for pair in given:
        name, sign, value = pair.partition("=")
        if not sign or not name:
            raise typer.BadParameter(f"{pair!r} is not NAME=VALUE", param_hint="-e")
        found[name] = _value(value)
    return found


def _value(text: str) -> object:
    if text in ("true", "false") or text[:1] in ("[", "{"):
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text
