"""Flags that a record does not name and yet says: a home reported it, or its text speaks of danger (W37, W60).

The text itself goes no further than this: what policy keeps of it is one word, that somebody must read it again.
"""

import re
from collections.abc import Mapping

from policy.record_terms import Flag, ReporterKind

TEXTS = ("circumstances", "risk_rationale")  # where a call is written down
MOST = 20_000  # characters of a text that are looked at
# A closed list, CHOSEN: fear, threat, being held, harm to oneself or by others, weapons. It asks for a second look at
# the grade and decides nothing, so a word too many costs a minute, and a word too few is no worse than no list.
DANGER = re.compile(
    r"\b(afraid|fear(s|ed|ful|ing)?|frighten\w*|scared|terrified|threat\w*"
    r"|abduct\w*|kidnap\w*|held (against|captive|hostage)|locked (in|up)|being held|held by|traffick\w*"
    r"|suicid\w*|self[- ]?harm\w*|overdos\w*|end(ing|ed)? (it all|(his|her|their|my) (own )?li(fe|ves))"
    r"|kill(s|ed|ing)?|want(s|ed)? to die|goodbye (note|letter|message|text)|hang(ed|ing)? (him|her|them|my)self"
    r"|knife|knives|gun|guns|firearm\w*|weapon\w*|stab(s|bed|bing)?"
    r"|assault\w*|rape[ds]?|stalk(s|ed|er|ing)|violen(t|ce)|hurt(s|ing)?|danger\w*)\b",
    re.IGNORECASE,
)


def implied(record: Mapping[str, object]) -> frozenset[str]:
    """Give the flags that a record bears without naming them."""
    said = {Flag.CARE_HOME_REPORT: _home_reports(record), Flag.RISK_WORDS: _speaks_of_danger(record)}
    return frozenset(str(flag) for flag, there in said.items() if there)


def _home_reports(record: Mapping[str, object]) -> bool:
    reporter = record.get("reporter")
    return isinstance(reporter, Mapping) and str(reporter.get("kind")).strip() == ReporterKind.HOME_STAFF


def _speaks_of_danger(record: Mapping[str, object]) -> bool:
    return any(DANGER.search(text[:MOST]) for name in TEXTS if isinstance(text := record.get(name), str))
