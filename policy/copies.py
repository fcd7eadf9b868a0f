"""Texts that were written for another case: which texts are looked at, and what says that two are the same (F3).

An interview was recorded that had never been held (W33). What was really done is told in words of its own; a long
text that stands on another case word for word is shown to somebody, and nothing is refused for it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from unicodedata import normalize

from policy.facts import Fact
from policy.pack import Pack
from policy.terms import FactKind

K = FactKind
SHOWS_WORK = frozenset({K.STEP_COMPLETED, K.INTERVIEW_HELD, K.REVIEWED, K.CLOSURE_REQUESTED, K.NO_DEPLOYMENT})
LONG = 60  # letters, figures and the blanks between words: what is shorter is boilerplate
FREE = frozenset({"text", "long"})  # the types of field in which people write words of their own
WORDS = re.compile(r"\w+")


@dataclass(frozen=True)
class Copied:
    """A fact whose text stands on other cases too; `step` is the one for which it was said."""

    step: str
    cases: tuple[str, ...]


def step_of(fact: Fact, pack: Pack) -> str:
    """Name the step for which a fact shows work: the one that it names, else one that its kind completes."""
    return fact.step or min(pack.completed_by(fact.kind), default=str(fact.kind))


def long_texts(fact: Fact, pack: Pack) -> list[str]:
    """Give each long text of a fact as it is compared: words in small letters, one blank apart."""
    if fact.kind not in SHOWS_WORK:
        return []
    rule = pack.steps.get(step_of(fact, pack))
    types: Mapping[str, str] = {field.name: field.type for field in rule.evidence} if rule else {}
    said = [value for name, value in fact.evidence.items() if types.get(name, "long") in FREE]
    bare = [" ".join(WORDS.findall(normalize("NFKC", text).casefold())) for text in said if isinstance(text, str)]
    return [text for text in dict.fromkeys(bare) if len(text) >= LONG]
