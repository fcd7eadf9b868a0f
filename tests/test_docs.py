"""What people read is true: documents are held to the code, and their examples run."""

import csv
import io
import json
import re
import shlex
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
from standardwebhooks import Webhook

from channels import Payload
from console.cli.commands import cli
from console.problems import TITLES
from console.procedure import slug
from policy.facts import read_fact
from policy.pack import Pack
from policy.pack_parse import parse
from policy.report import read_report
from policy.terms import AlarmKey, Risk, Role
from runtime.clock import WallClock
from runtime.settings import PREFIX, Settings
from runtime.tables import records_of_csv
from store.packs import load_packs, pack_texts
from store.roster_file import read_csv
from tests.support import house
from tests.support.house import ROOT

PAGES = tuple(path for path in house.files() if path.suffix == ".md")
GUIDES = (Path("README.md"), Path("docs/connecting.md"), Path("docs/runbook.md"), Path("docs/new-force.md"))
DECISIONS = tuple(path for path in PAGES if path.parts[:2] == ("docs", "adr"))
HEADINGS = ("What drives it", "Options", "Choice", "What it costs")
NOW = datetime(2026, 1, 10, 19, 0, tzinfo=UTC)


@cache
def packs() -> Mapping[str, Pack]:
    """Give the packs that come with Vigil."""
    return load_packs(None)


def blocks(path: Path, language: str) -> Iterator[str]:
    """Give the fenced blocks of one language in a page."""
    return (found[1] for found in re.finditer(rf"^```{language}\n(.*?)^```", house.text(path), re.M | re.S))


def commands(path: Path) -> Iterator[str]:
    """Give each call of `vigil` in a page: in its shell blocks, and between backticks."""
    shell = "\n".join(blocks(path, "sh"))
    lines = [line.partition(" # ")[0] for line in shell.replace("\\\n", " ").splitlines()]
    inline = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", house.text(path), flags=re.M | re.S))
    for text in (*lines, *inline):
        if re.match(r"(\.venv/bin/)?vigil( |$)", text.strip()):
            yield text.strip().removeprefix(".venv/bin/")


def command_of(text: str) -> tuple[Any, list[str]]:
    """Find the command that a call names, and give what follows its name."""
    words = shlex.split(text)[1:]
    found: Any = typer.main.get_command(cli)  # a class of typer's own copy of click
    while (known := getattr(found, "commands", None)) and words and not words[0].startswith("-"):
        assert words[0] in known, f"`{text}`: there is no command {words[0]}"
        found = known[words.pop(0)]
    return found, words


def test_the_glossary_names_every_role_and_every_source() -> None:
    """Roles by their keys; each code that a pack or a decision rests on, with title and address."""
    page = house.text(Path("docs/glossary.md"))
    assert [role for role in Role if f"| `{role}` |" not in page] == []
    bases = [text for pack in packs().values() for s in pack.steps.values() for text in (s.basis.rule, s.basis.time)]
    texts = [*bases, *(house.text(path) for path in DECISIONS), house.text(Path("docs/glossary.md"))]
    codes = {code for text in texts for code in re.findall(r"\b[SW]\d+\b", text)}
    assert sorted(code for code in codes if f"\n| {code} |" not in page) == []


def test_every_setting_is_in_the_readme() -> None:
    """Each by its environment variable, and by its flag where it has one."""
    page = house.text(Path("README.md"))
    names = ["json" if name == "json_line" else name for name in Settings.model_fields]
    assert [name for name in names if f"`{PREFIX}{name.upper()}`" not in page] == []
    up, _ = command_of("vigil up")
    flags = [flag for option in up.params for flag in option.opts if flag != "--help"]
    assert [flag for flag in flags if f"`{flag}`" not in page] == []


def test_every_alarm_and_every_refusal_is_in_the_runbook() -> None:
    """Whoever is called at night finds each by its name; an alarm with what to do, and what is safe meanwhile."""
    page = house.text(Path("docs/runbook.md"))
    assert [slug for slug in TITLES if f"\n| `{slug}` |" not in page] == []
    for key in AlarmKey:
        if key in _rung():
            (line,) = [line for line in page.splitlines() if line.startswith(f"| `{key}` |") and line.count("|") == 6]
            assert all(len(cell.strip()) > 20 for cell in line.split("|")[2:6]), line
        else:
            assert f"`{key}` (" in page, f"{key} is not rung by this version, and the runbook must say so"


def test_every_alarm_is_provoked_by_a_test() -> None:
    """One that no test has heard may be one that never rings."""
    tests = "\n".join(house.text(path) for path in house.python_files("tests") if path.name != "test_docs.py")
    stories = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "tests/rehearsals").glob("*.toml"))
    unheard = [k for k in _rung() if f"AlarmKey.{k.name}" not in tests and f'alarm = "{k}"' not in stories]
    assert unheard == []


def _rung() -> list[AlarmKey]:
    """Give the alarms that product code rings: those that are named outside of the closed list and its endings."""
    lists = {"policy/terms.py", "policy/alarms.py"}
    rooms = ("policy", "runtime", "console", "tasks", "store")
    texts = [house.text(path) for room in rooms for path in house.python_files(room) if path.as_posix() not in lists]
    return [key for key in AlarmKey if any(f"AlarmKey.{key.name}" in text for text in texts)]


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_links_lead_somewhere(path: Path) -> None:
    """Each link to a file of ours leads to one that is there, and each # to a heading of it."""
    broken = []
    for target in re.findall(r"(?<=\]\()[^)\s]+(?=\))|(?<=src=\")[^\"]+", house.text(path)):
        if "://" in target:
            continue
        name, _, part = target.partition("#")
        file = (ROOT / path).parent / name if name else ROOT / path
        if not file.exists() or (part and part not in _headings(file)):
            broken.append(target)
    assert not broken, f"{path}: {', '.join(broken)}"


def _headings(file: Path) -> set[str]:
    return {slug(line.lstrip("# ")) for line in file.read_text(encoding="utf-8").splitlines() if line[:1] == "#"}


@pytest.mark.parametrize("path", GUIDES, ids=str)
def test_commands_that_are_named_exist(path: Path) -> None:
    """Each call of `vigil` names a command and flags that there are."""
    for text in commands(path):
        command, words = command_of(text)
        known = {flag for option in command.params for flag in (*option.opts, *option.secondary_opts)} | {"--help"}
        given = [word for word in words if re.match(r"--?[a-z]", word)]
        assert [word for word in given if word not in known] == [], text


@pytest.mark.parametrize("path", GUIDES, ids=str)
def test_commands_of_the_shell_examples_can_be_typed(path: Path) -> None:
    """Each call in a shell block parses as it stands, with its arguments."""
    for text in commands(path):
        command, words = command_of(text)
        if f"{text}\n" in "\n".join(blocks(path, "sh")) and words != ["--help"]:
            command.make_context("vigil", list(words))


def test_records_of_the_guides_are_records() -> None:
    """The example of the README and the table of connecting.md open a case without a defect."""
    shell = "\n".join(blocks(Path("README.md"), "sh"))
    found = re.search(r"record\.json <<'END'\n(.*?)END\n", shell, re.S)
    assert found is not None
    (table,) = [text for text in blocks(Path("docs/connecting.md"), "csv") if text.startswith("source,")]
    for raw in (json.loads(found[1]), *(record for _, record in records_of_csv(table))):
        read = read_report(raw, NOW, packs()["staffordshire"].areas)
        assert read.defects == ()
        assert read.risk in (Risk.MEDIUM, Risk.HIGH)


def test_documents_of_the_guides_are_what_is_sent() -> None:
    """Each JSON block is JSON; a message has the channel's keys, a fact can be read, a step is one of the pack's."""
    found = [json.loads(text) for path in GUIDES for text in blocks(path, "json")]
    by_key = {key: document for document in found for key in ("link", "kind", "steps") if key in document}
    assert list(by_key["link"]) == list(Payload.__annotations__)
    assert read_fact(by_key["kind"]).by
    step = by_key["steps"]["steps"][0]
    rule = packs()["staffordshire"].steps[step["key"]]
    assert (step["title"], step["stage"], step["basis"]["rule"]) == (rule.title, rule.stage, rule.basis.rule)


def test_the_roster_of_the_guide_can_be_taken() -> None:
    """Every row, with the columns that the code knows."""
    (table,) = [text for text in blocks(Path("docs/connecting.md"), "csv") if text.startswith("person,")]
    file = read_csv(table, NOW, areas=list(packs()["staffordshire"].areas))
    assert file.refused == ()
    assert len(file.rows) == len(list(csv.reader(io.StringIO(table)))) - 1


def test_the_pack_of_the_readme_is_sound() -> None:
    """It changes the one number that it names and inherits the rest."""
    shell = "\n".join(blocks(Path("README.md"), "sh"))
    found = re.search(r"my_force\.toml <<'END'\n(.*?)END\n", shell, re.S)
    assert found is not None
    texts, _ = pack_texts(None)
    pack, parent = parse("my_force", {**texts, "my_force": found[1]}), packs()["staffordshire"]
    changed = [key for key, rule in pack.steps.items() if rule != parent.steps[key]]
    assert changed == ["notify_local_supervisor"]
    assert str(pack.steps[changed[0]].due[Risk.MEDIUM]) == "8m"


def test_the_receiver_of_the_readme_knows_our_messages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes what is signed with the home's secret, and nothing else."""
    secret = "whsec_" + "QUJD" * 8
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "webhook-secret").write_text(f"{secret}\n")
    monkeypatch.chdir(tmp_path)
    (code,) = blocks(Path("README.md"), "python")
    names: dict[str, Any] = {}
    exec(compile(code, "README.md", "exec"), names)
    now = WallClock().now()  # a receiver refuses what is minutes old
    headers = {"webhook-id": "k", "webhook-timestamp": str(int(now.timestamp()))}
    signed = headers | {"webhook-signature": Webhook(secret).sign("k", now, '{"case": "MP-1"}')}
    assert names["read"](b'{"case": "MP-1"}', signed) == {"case": "MP-1"}
    assert names["read"](b'{"case": "MP-2"}', signed) is None


def test_python_of_the_guides_is_python() -> None:
    """Every Python block compiles."""
    for path in GUIDES:
        for code in blocks(path, "python"):
            compile(code, str(path), "exec")


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_decisions_follow_the_template(path: Path) -> None:
    """Number and title, status, then what drives it, options, choice and cost, in this order."""
    lines = house.text(path).splitlines()
    assert re.match(rf"# {path.name[:4]}: \w", lines[0])
    assert re.match(r"Status: (proposed|accepted|replaced by)", lines[2])
    assert [line.removeprefix("## ") for line in lines if line.startswith("## ")] == list(HEADINGS)


def test_the_changelog_opens_with_what_is_not_released() -> None:
    """Keep a Changelog: the newest first, and only its own headings."""
    lines = house.text(Path("CHANGELOG.md")).splitlines()
    assert next(line for line in lines if line.startswith("## ")) == "## [Unreleased]"
    kinds = {line.removeprefix("### ") for line in lines if line.startswith("### ")}
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
