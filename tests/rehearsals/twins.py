"""Twins: a rehearsal played again with one control switched off, to show that it is this control that keeps it.

Beside `<name>.toml` lies `<name>.twin.toml`:

    control = "The ladder of the notification"   # what is switched off, in words
    breaks  = [11, 14]                           # the numbers of the [[expect]]s that must break; others may break too
    only    = true                               # and no other may
    without = ["steps.x", "steps.y.gate", "steps.y.gate.located"]   # taken out of the pack; last: one word of a list
    patch   = ["policy.transfer:refuse_mail"]    # does nothing: gives None, and what yields yields nothing
    patch   = { "policy.transfer:may" = true }   # gives this
    [overlay.steps.z]                            # laid over the pack, as a pack is laid over what it inherits
    ladder  = "none"
"""

import pkgutil
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from inspect import isgeneratorfunction
from pathlib import Path
from types import CodeType, FunctionType

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from policy.errors import Fault, Invalid
from policy.pack_parse import Raw, build, read_raw
from runtime import rehearse
from runtime.rehearse_file import read, toml_of
from runtime.rehearse_scenario import Scenario
from runtime.rehearse_show import Played
from store.packs import pack_texts
from tests.rehearsals.play import TWIN

MARKED = re.compile(r"# *(Scenario|F\d|GP\b)")
MARK = re.compile(r"Scenario (N?\d+)|(F\d+[a-c]?|GP)")


class TwinText(BaseModel):
    """A twin as its file has it."""

    model_config = ConfigDict(extra="forbid")
    control: str = Field(min_length=10)
    breaks: list[int] = Field(min_length=1)
    only: bool = False
    overlay: dict[str, object] = Field(default_factory=dict)
    without: list[str] = Field(default_factory=list)
    patch: list[str] | dict[str, object] = Field(default_factory=list)


@dataclass(frozen=True)
class Twin:
    """A rehearsal without one of its controls: which functions give what instead, and what must break."""

    scenario: Scenario
    text: TwinText
    patches: Mapping[FunctionType, object]

    def play(self, monkeypatch: pytest.MonkeyPatch) -> Played:
        """Play it through with the control switched off."""
        with monkeypatch.context() as patched:
            for function, gives in self.patches.items():
                patched.setattr(function, "__code__", _idle(function, gives))
            return rehearse.simulate(self.scenario)

    def faults(self, played: Played) -> list[str]:
        """Say which expectations did not break that must, and, where only these may, which others did."""
        broken = {e.number: verdict.seen for e, verdict in played.verdicts if not verdict.kept}
        kept = {e.number: verdict.seen for e, verdict in played.verdicts if verdict.kept}
        said = [
            f"expect {number} is kept without this control: {self.text.control}; seen was: {kept[number]}"
            for number in self.text.breaks
            if number in kept
        ]
        others = set(broken) - set(self.text.breaks) if self.text.only else set()
        return said + [f"expect {number} breaks too: {broken[number]}" for number in sorted(others)]


def twin_of(file: Path) -> Path:
    """Name the twin of a rehearsal."""
    return file.with_name(file.name.removesuffix(".toml") + TWIN)


def marks(file: Path) -> tuple[str, ...]:
    """Give the scenarios (`12`) and failures (`F10`) that a rehearsal's first line names: `# Scenario 12; F10`."""
    first = file.read_text(encoding="utf-8").partition("\n")[0]
    if not MARKED.match(first):
        return ()
    found = [MARK.fullmatch(word.strip()) for word in first.removeprefix("#").split(";")]
    if not all(found):
        raise _wrong(file, "first line", f"is {first!r}", "write `# Scenario 12; F10` and nothing more")
    return tuple(mark[1] or mark[2] for mark in found if mark)


def read_twin(file: Path) -> Twin:
    """Read a twin and the rehearsal beside it; raise Invalid with what is wrong with it."""
    sibling = file.with_name(file.name.removesuffix(TWIN) + ".toml")
    try:
        text = TwinText.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except tomllib.TOMLDecodeError as error:
        raise _wrong(file, "file", f"is not TOML: {error}", "mend the line that it names") from None
    except ValidationError as error:
        said = [Fault(".".join(map(str, e["loc"])), e["msg"], "see tests/rehearsals/twins.py") for e in error.errors()]
        raise Invalid(f"{file.name}: the twin has faults", said) from None
    if not sibling.exists():
        raise _wrong(file, "name", f"there is no {sibling.name} beside it", "call it as the rehearsal is called")
    if not (text.overlay or text.without or text.patch):
        raise _wrong(file, "control", "nothing is switched off", "write overlay, without or patch")
    scenario = read(sibling)
    numbers = {e.number for e in scenario.expectations}
    if strangers := [number for number in text.breaks if number not in numbers]:
        raise _wrong(file, "breaks", f"there is no expect {strangers[0]}", f"count them from 1 to {len(numbers)}")
    return Twin(_changed(file, scenario, text), text, dict(_patches(file, text)))


def _wrong(file: Path, place: str, message: str, remedy: str) -> Invalid:
    return Invalid(f"{file.name}: the file has faults", [Fault(place, message, remedy)])


# --- the pack without its control


def _changed(file: Path, scenario: Scenario, text: TwinText) -> Scenario:
    if not (text.overlay or text.without):
        return scenario
    name = f"{scenario.pack}_twin"
    own = {**text.overlay, "pack": name, "inherits": scenario.pack}
    raw = read_raw(name, {**pack_texts(None)[0], **scenario.own_packs, name: toml_of(own)})
    for path in text.without:
        _take_out(file, raw, path)
    packs = {**scenario.packs, name: build(name, raw)}
    whole = {key: value for key, value in raw.items() if key != "inherits"}  # or what was taken out were inherited
    return replace(scenario, pack=name, packs=packs, own_packs={**scenario.own_packs, name: toml_of(whole)})


def _take_out(file: Path, raw: Raw, path: str) -> None:
    *way, last = path.split(".")
    here: object = raw
    for word in way:
        here = here.get(word) if isinstance(here, dict) else None
    if isinstance(here, dict) and last in here:
        del here[last]
    elif isinstance(here, list) and last in here:
        here.remove(last)
    else:
        raise _wrong(file, "without", f"the pack has no {path}", "name a table, a field of it, or a word of a list")


# --- functions that do nothing


def _patches(file: Path, text: TwinText) -> Iterator[tuple[FunctionType, object]]:
    gives = text.patch if isinstance(text.patch, dict) else dict.fromkeys(text.patch)
    for target, value in gives.items():
        try:
            found = pkgutil.resolve_name(target)
        except (ImportError, AttributeError, ValueError) as error:
            raise _wrong(file, "patch", f"there is no {target}: {error}", "write module:function") from None
        if not isinstance(found, FunctionType) or found.__closure__:
            raise _wrong(file, "patch", f"{target} is no plain function", "name a function of a module")
        yield found, value


def _idle(function: FunctionType, gives: object) -> CodeType:
    """Give the code of a function that does nothing.

    The code is exchanged, not the name: whoever imported the function, or holds it in a table, calls this one.
    """
    return _yields_nothing.__code__ if isgeneratorfunction(function) else _nothing.__code__.replace(co_consts=(gives,))


def _nothing(*_: object, **__: object) -> None:
    return None


def _yields_nothing(*_: object, **__: object) -> Iterator[None]:
    yield from ()


def missing_marks(files: Sequence[Path], needed: Sequence[str]) -> list[str]:
    """Name what no rehearsal's first line names."""
    there = {mark for file in files for mark in marks(file)}
    return [mark for mark in needed if mark not in there]
