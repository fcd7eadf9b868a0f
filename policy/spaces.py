"""The record of a search: each space of a home on a line of its own, searched, or not searched and why.

A bedroom was searched, the house was recorded as searched, and the person lay in the garage (W39).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from policy.case import Case, Step
from policy.pack import Evidence, Pack
from policy.terms import StepStatus

DONE = (StepStatus.DONE, StepStatus.DONE_LATE)
SPACES = "spaces"  # the type of such a field
NONE = "none"  # the whole answer where a home has nothing of the sort: no loft, no vehicle
REMEDY = "write one space a line: `Kitchen: searched`, or `Bedroom 2: not searched, locked`"
VERDICT = re.compile(r"\b(not\s+)?searched\b", re.IGNORECASE)
EDGES = " \t:;,.-–—"  # noqa: RUF001 - people write dashes of all kinds between a space and its verdict
# What names the whole home: just that was written where one room had been looked into (W39).
WHOLE = frozenset(
    {"house", "thehouse", "wholehouse", "home", "property", "premises", "address", "all", "allrooms", "everyroom"}
    | {"everything", "everywhere", "rooms"}
)


@dataclass(frozen=True)
class Space:
    """One space of a home."""

    name: str
    searched: bool
    why: str = ""  # of one not searched, why; of the others what was seen, if anything was written

    @property
    def key(self) -> str:
        """Name the space however it is spelled: `Bedroom 2`, `bedroom-2`."""
        return "".join(sign for sign in self.name.casefold() if sign.isalnum())


NO_SPACE, UNSAID = Space("", searched=False), "says neither searched nor not searched"


@dataclass(frozen=True)
class Searched:
    """What one field says: its spaces, and each line that cannot be taken, with the reason."""

    spaces: tuple[Space, ...] = ()
    wrong: tuple[str, ...] = ()


def read(value: object, field: Evidence | None = None) -> Searched:
    """Read a field: lines of text, or a list of `{"space", "searched", "why"}`; `none` alone holds no space.

    In a field of one sort of space, such as the loft, a verdict alone is that of the field.
    """
    if is_none(value):
        return Searched()
    lines = value.splitlines() if isinstance(value, str) else value if isinstance(value, list) else [value]
    found: dict[str, Space] = {}
    wrong: list[str] = []
    for number, line in enumerate(lines, 1):
        if isinstance(line, str) and not line.strip():
            continue
        space, why_not = _space(line)
        if field is not None and field.may_be_none and not space.key and why_not is None:
            space = replace(space, name=field.name)
        why_not = why_not or _why_not(space, found)
        if why_not is not None:
            wrong.append(f"line {number} {why_not}")
        else:
            found[space.key] = space
    return Searched(tuple(found.values()), tuple(wrong))


def is_none(value: object) -> bool:
    """Tell whether a field says that there is nothing of the sort."""
    return isinstance(value, str) and value.strip().strip(EDGES).casefold() == NONE


def _space(line: object) -> tuple[Space, str | None]:
    """Give the space of a line, and why it is none."""
    if isinstance(line, str):
        said = list(VERDICT.finditer(line))
        if len(said) != 1:
            return NO_SPACE, "says searched more than once" if said else UNSAID
        verdict = said[0]
        name, why = line[: verdict.start()].strip(EDGES), line[verdict.end() :].strip(EDGES)
        return Space(name, verdict[1] is None, why), None
    if not isinstance(line, Mapping):
        return NO_SPACE, "is neither a line of text nor a space with its answer"
    searched = line.get("searched")
    if not isinstance(searched, bool):
        return NO_SPACE, UNSAID
    return Space(_text(line, "space"), searched, _text(line, "why")), None


def _text(line: Mapping[str, object], name: str) -> str:
    value = line.get(name)
    return value.strip() if isinstance(value, str) else ""


def _why_not(space: Space, found: Mapping[str, Space]) -> str | None:
    if not space.key:
        return "does not name the space"
    if space.key in WHOLE:
        return "names the whole home, not one space of it"
    if space.key in found:
        return "names a space for the second time"
    if not space.searched and not space.why:
        return "does not say why the space was not searched"
    return None


def left(case: Case, pack: Pack) -> Mapping[str, Space]:
    """Give, by key, the spaces that were recorded as not searched and that nobody has searched since."""
    unsearched: dict[str, Space] = {}
    done = [(step.done_at, step) for step in case.steps if step.done_at and step.status in DONE]
    for _, step in sorted(done, key=lambda one: one[0]):
        for space in of_step(step, pack):
            if space.searched:
                unsearched.pop(space.key, None)
            else:
                unsearched[space.key] = space
    return unsearched


def of_step(step: Step, pack: Pack) -> Iterator[Space]:
    """Give the spaces that a step's form names, field by field."""
    for field in pack.steps[step.key].evidence:
        if field.type == SPACES:
            yield from read(step.evidence.get(field.name), field).spaces
