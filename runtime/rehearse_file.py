"""Reading a rehearsal: every fault at once, each with its place, what is wrong and what to do."""

import difflib
import json
import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from policy.errors import Fault, Invalid
from policy.pack import Pack
from policy.pack_parse import parse
from runtime import rehearse_check as check
from runtime.rehearse_scenario import Scenario, Source
from runtime.rehearse_text import (
    HAPPENS,
    HOLDS,
    MOMENT,
    ActText,
    DutyText,
    ExpectText,
    RehearsalText,
    SourceText,
    WasText,
)
from store.packs import pack_texts

Part = TypeVar("Part", bound=BaseModel)
PACK_FILE = ".toml"  # by which a pack that is a file is told from the name of one
TABLES: Mapping[str, type[BaseModel]] = {
    "duty": DutyText, "act": ActText, "expect": ExpectText, "source": SourceText, "was": WasText,
}  # fmt: skip


@dataclass
class Faults:
    """Collects what is wrong with one file; knows on which line each table begins."""

    text: str
    found: list[Fault] = field(default_factory=list)

    def add(self, place: str, message: str, remedy: str) -> None:
        """Note one fault."""
        self.found.append(Fault(place, message, remedy))

    def place(self, table: str, number: int, name: str = "") -> str:
        """Name a place as a person finds it: `expect 3 (line 57): by`."""
        heads = [
            line
            for line, words in enumerate(self.text.splitlines(), 1)
            if re.match(rf"\s*\[\[\s*{table}\s*\]\]", words)
        ]
        line = f" (line {heads[number - 1]})" if number <= len(heads) else ""
        return f"{table} {number}{line}" + (f": {name}" if name else "")


def read(file: Path, *, live: bool = False) -> Scenario:
    """Read one rehearsal file; raise Invalid with every fault. `live` refuses what only a simulation can do."""
    try:
        text = file.read_text(encoding="utf-8")
        raw = tomllib.loads(text)
    except OSError as error:
        raise _unreadable(file, f"cannot be read: {error.strerror}", "give the path of a rehearsal file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _unreadable(file, f"is not TOML: {error}", "mend the line that it names") from None
    faults = Faults(text)
    scenario = _scenario(file, raw, faults, live=live)
    if faults.found or scenario is None:
        raise Invalid(f"{file}: the rehearsal has faults", [_named(file, fault) for fault in faults.found])
    return scenario


def _unreadable(file: Path, message: str, remedy: str) -> Invalid:
    return Invalid(f"{file}: the rehearsal cannot be read", [Fault(str(file), message, remedy)])


def _named(file: Path, fault: Fault) -> Fault:
    return Fault(f"{file.name}: {fault.field}", fault.message, fault.remedy)


def _scenario(file: Path, raw: dict[str, object], faults: Faults, *, live: bool) -> Scenario | None:
    """Read part by part, so that one bad part does not hide the faults of the others."""
    head = _part(RehearsalText, {k: v for k, v in raw.items() if k not in TABLES}, "file", faults)
    parts: dict[str, list[BaseModel | None]] = {}
    for table, model in TABLES.items():
        rows = raw.get(table, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            faults.add(table, "is not a list of tables", f"write [[{table}]]")
            rows = []
        numbered = enumerate(rows, 1)
        parts[table] = [_part(model, row, faults.place(table, number), faults) for number, row in numbered]
    given = raw.get("pack", RehearsalText.model_fields["pack"].default)
    texts, packs = _packs(given, file.parent, faults)
    name = next(reversed(texts), str(given))
    if name not in packs:
        if isinstance(given, str) and not given.endswith(PACK_FILE):
            faults.add("pack", f"there is no pack {name!r}", _one_of(name, sorted(packs)))
        return None
    start = head.start.on(_no_start(head, faults)) if head else check.EARLIEST
    checked = check.Checked(start, packs[name], faults, live=live)
    duties = checked.duties(_all(DutyText, parts["duty"]))
    acts = checked.acts(_all(ActText, parts["act"]))
    expectations = checked.expectations(_all(ExpectText, parts["expect"]), acts)
    title = (head.name if head else "") or file.stem
    sources = tuple(Source(text.code, text.title, text.link) for _, text in _all(SourceText, parts["source"]))
    was = checked.was(_all(WasText, parts["was"]), [source.code for source in sources])
    about = head.about.strip() if head else ""
    return Scenario(file, title, name, packs, texts, start, duties, acts, expectations, about, sources, was)


def _no_start(head: RehearsalText, faults: Faults) -> datetime:
    if head.start.at is None:
        faults.add("start", "is an offset, and there is nothing to count it from", "write 2026-01-10T19:00:00Z")
    return head.start.at or check.EARLIEST


def _all(model: type[Part], parts: Sequence[BaseModel | None]) -> list[tuple[int, Part]]:
    """Give the sound parts, each with its number in the file."""
    return [(number, part) for number, part in enumerate(parts, 1) if isinstance(part, model)]


# --- packs ----------------------------------------------------------------------------------------


def _packs(given: object, beside: Path, faults: Faults) -> tuple[dict[str, str], dict[str, Pack]]:
    """Parse the packs that come with Vigil and the file's own; the last of these is the one that cases follow.

    An own one is written out as a table, or lies in a file of its own: `pack = "ridgeshire.toml"`.
    """
    shipped, _ = pack_texts(None)
    own: dict[str, str] = {}
    if isinstance(given, str) and given.endswith(PACK_FILE):
        own = _pack_file(beside / given, shipped, faults)
    for number, table in enumerate(given if isinstance(given, list) else [], 1):
        name = table.get("pack")
        if not isinstance(name, str):
            faults.add(faults.place("pack", number, "pack"), "is missing", 'give the pack a name: pack = "night"')
        elif name in shipped or name in own:
            remedy = f'give it another name and write inherits = "{name}"'
            faults.add(faults.place("pack", number, "pack"), f"there is a pack {name} already", remedy)
        else:
            own[name] = toml_of(table)
    packs: dict[str, Pack] = {}
    for name in (*shipped, *own):
        try:
            packs[name] = parse(name, {**shipped, **own})
        except Invalid as error:
            faults.found += [fault for fault in error.faults if fault not in faults.found]
    return own, packs


def _pack_file(file: Path, shipped: Collection[str], faults: Faults) -> dict[str, str]:
    """Read the pack that a rehearsal names as a file, counted from where the rehearsal lies."""
    if file.stem in shipped:
        faults.add("pack", f"there is a pack {file.stem} already", f'write pack = "{file.stem}", or rename the file')
        return {}
    try:
        return {file.stem: file.read_text(encoding="utf-8")}
    except (OSError, UnicodeDecodeError):
        faults.add("pack", f"there is no pack file {file}", "name a file counted from the folder of this rehearsal")
        return {}


def toml_of(table: Mapping[str, object]) -> str:
    """Write a table as TOML, so that an own pack is read like any other."""
    return "".join(f"{json.dumps(key)} = {_value(value)}\n" for key, value in table.items())


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        inside = ", ".join(f"{json.dumps(key)} = {_value(below)}" for key, below in value.items())
        return "{ " + inside + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_value(below) for below in value) + "]"
    if isinstance(value, (str, bool, int, float)):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return str(value)


# --- faults in words ------------------------------------------------------------------------------


def _part(model: type[Part], raw: Mapping[str, object], where: str, faults: Faults) -> Part | None:
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        seen: set[str] = set()
        for fault in error.errors():
            words = [str(part) for part in fault["loc"] if not _is_branch(str(part))]
            name = ".".join(words)
            if name in seen:
                continue  # one field of several types: the first word on it is enough
            seen.add(name)
            expected = str(fault.get("ctx", {}).get("expected", "")).replace("'", "").replace(" or ", ", ")
            message = _message(fault["type"], fault["msg"], fault["input"])
            remedy = _remedy(model, fault["type"], words, _one_of(str(fault["input"]), expected.split(", ")))
            faults.add(name if where == "file" else f"{where}: {name}", message, remedy)
        return None


def _message(kind: str, said: str, given: object) -> str:
    if kind in ("enum", "literal_error"):
        return f"{given!r} is not known"
    known = {"extra_forbidden": "is not a word of this table", "missing": "is missing"}
    said = said.removeprefix("Value error, ")
    return known.get(kind) or said[:1].lower() + said[1:]


def _is_branch(word: str) -> bool:
    """Tell whether pydantic names the branch of a union, which no person has written."""
    return bool(re.search(r"[\[(-]|^(str|int|StepStatus|Risk)$", word))


def _remedy(model: type[BaseModel], kind: str, words: Sequence[str], use: str) -> str:
    if kind == "extra_forbidden":
        return _one_of(words[-1], _names(model, words[:-1]))
    if kind == "missing":
        return "write it"
    if kind in ("enum", "literal_error"):
        return use
    return _REMEDIES.get(words[-1]) or _REMEDIES.get(kind, "write a whole number; the first is 1")


_REMEDIES = {
    "drift": "write -90s or +5m",
    "of": "use one of: engine, prefect, channel:webhook, channel:sms, channel:email",
    "string_type": "write it as a text, in quotes",
    "value_error": MOMENT,
    "dict_type": "write a table: { name = value }",
}


def _names(model: type[BaseModel], path: Sequence[str]) -> list[str]:
    """Give the words that a table knows; `path` leads to a table inside it, such as an act's fact."""
    for step in path:
        inner = model.model_fields[step].annotation if step in model.model_fields else None
        kinds = [k for k in getattr(inner, "__args__", (inner,)) if isinstance(k, type) and issubclass(k, BaseModel)]
        model = kinds[0] if kinds else model
    order = (*HOLDS, *HAPPENS)
    names = [info.alias or name for name, info in model.model_fields.items()]
    return sorted(names, key=lambda n: order.index(n) if n in order else len(order))


def _one_of(word: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else "use one of: " + ", ".join(known)
