"""What a change of timings makes impossible, contradictory or silly, found by playing cases under both packs.

`decide` itself is searched, to a bound that is told: what lies beyond it was not looked at. What the old numbers
bring about as well is no news. Each finding keeps the case that shows it, so that anybody can play it again.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from policy.explain_words import risk_word
from policy.lint_between import between_levels, by_the_calendar, raised_and_later, reviews_together
from policy.lint_edits import Remark, reckoned, remarks, shown
from policy.lint_numbers import Touched, touched
from policy.lint_open import left_open
from policy.lint_rules import RULES, Hit, dropped
from policy.lint_scene import INSTANTS, Scene
from policy.lint_search import Budget, Look, Search
from policy.lint_words import day, levels, opening, scene_words, told
from policy.pack import Pack
from policy.play import Played, Story, play

__all__ = ["Budget", "Finding", "Linted", "Searched", "lint", "replayed"]

BEFORE = "before"  # the kind of what the old pack has as well


@dataclass(frozen=True)
class Finding:
    """One fault in a sentence, one case that shows it, and the number that brings it about.

    `story` is the case, with `absent` who is not on duty in it and `shows` the instants that the example names; None
    where no case is concerned.
    """

    fault: str
    example: str
    step: str | None
    field: str
    kind: str
    story: Story | None = None
    scene: Scene | None = None
    shows: tuple[datetime, ...] = ()


@dataclass(frozen=True)
class Searched:
    """How far the search went: cases played, things said in the longest of them, people reported in all."""

    states: int
    depth: int
    profiles: int
    whole: bool  # whether it ended before its bound
    budget: Budget
    unreached: tuple[str, ...]  # steps of which no case was asked

    def words(self) -> str:
        """Say the bound."""
        said = f"{self.states} cases of {self.profiles} people were played, with up to {self.depth} things said in each"
        bound = "" if self.whole else ", and then the search ended at its bound"
        none = f". Not asked for in any of them: {', '.join(self.unreached)}" if self.unreached else ""
        return f"{said}, followed for {self.budget.longest.days} days at the most{bound}{none}."


@dataclass(frozen=True)
class Linted:
    """What was found, the gravest first, and how far was looked."""

    findings: tuple[Finding, ...]
    searched: Searched


def lint(
    old: Pack, new: Pack, *, budget: Budget | None = None, progress: Callable[[int, int], None] | None = None
) -> Linted:
    """Search for what `new` brings about that `old` does not; `progress` hears how many of the cases are played."""
    budget = budget or Budget()
    found = touched(old, new)
    search = Search(old, new, found, budget, progress)
    quiet: list[Look] = []
    hits: list[Hit] = []
    for look in search.run():
        hits += dropped(look, new)
        if look.step in new.steps:
            hits += [hit for rule in RULES for hit in rule(look, new)]
            hits += [*raised_and_later(look, new), *reviews_together(look, new)]
            quiet += [look] if look.quiet else []
    hits += [*between_levels(quiet, new), *by_the_calendar(quiet, new)]
    if progress:
        progress(1, 1)
    findings = [
        *_of_hits([hit for hit in hits if budget.before or not hit.before], found, new),
        *_of_remarks(remarks(found, old, new), quiet, new),
        *_of_rests(found, old, new, before=budget.before),
    ]
    return Linted(tuple(findings), _searched(search))


def _searched(search: Search) -> Searched:
    unreached = (key for key in search.steps() if key not in search.reached)
    titles = tuple(next(rule.title for rule in search.rules(key)) for key in unreached)
    return Searched(search.states, search.depth, len(search.profiles), not search.spent(), search.budget, titles)


def replayed(finding: Finding, pack: Pack) -> Played | None:
    """Play the case of a finding again; None where it names no case."""
    if finding.story is None or finding.scene is None:
        return None
    return play(finding.story, pack, finding.scene.rosters(pack))


# --- one finding of many cases


def _of_hits(hits: Iterable[Hit], found: tuple[Touched, ...], new: Pack) -> Iterator[Finding]:
    """Make one finding of each fault of one number, with the worst case of the highest level."""
    groups: dict[tuple[str, str, str], list[Hit]] = {}
    for hit in hits:
        groups.setdefault((hit.kind, hit.look.step, _field(hit, found)), []).append(hit)
    for (kind, step, field), group in groups.items():
        worst = max(group, key=_gravity)
        plain = [hit for hit in group if hit.look.before is None] or group
        risks = sorted({hit.look.risk for hit in plain}, key=lambda risk: risk.weight)
        as_at = f" (as it is at {risk_word(worst.look.risk)})" if len(risks) > 1 else ""
        look = worst.look
        yield Finding(
            fault=f"{opening(levels(risks))}, {worst.fault}{as_at}.",
            example=f"{told(look.scene, new)}{worst.then}.",
            step=step,
            field=field,
            kind=BEFORE if all(hit.before for hit in group) else kind,
            story=look.scene.story(new),
            scene=look.scene,
            shows=worst.shows,
        )


def _gravity(hit: Hit) -> tuple[bool, int, float, int, bool]:
    """Order the cases of one fault: news, the highest level, the longest; then the plainest, the day of the clocks."""
    profile = hit.look.scene.profile
    return (
        *(not hit.before, hit.look.risk.weight, hit.weight),
        *(-len(hit.look.scene.acts), profile.recorded_at == INSTANTS[1]),
    )


def _field(hit: Hit, found: tuple[Touched, ...]) -> str:
    """Name the number that brings a fault about: of those touched, the one that the rule thinks of first."""
    fields = [one.field for one in found if one.step == hit.look.step]
    return next((name for name in hit.fields if name in fields), fields[0])


def _of_remarks(found: Iterable[Remark], quiet: list[Look], new: Pack) -> Iterator[Finding]:
    groups: dict[tuple[str, str | None, str], list[Remark]] = {}
    for remark in found:
        groups.setdefault((remark.kind, remark.touched.step, remark.touched.field), []).append(remark)
    for (kind, step, field), group in groups.items():
        one = group[-1].touched  # the highest level
        risks = [remark.touched.risk for remark in group if remark.touched.risk]
        also = f"; the same {levels(risks[:-1])}" if len(risks) > 1 else ""
        look = _showing(one, quiet)
        fault = f"{opening(group[-1].fault)}{also}."
        if look is None:
            yield Finding(fault, f"{reckoned(one)}.", step, field, kind)
            continue
        then, shows = shown(one, look, new)
        example = f"{told(look.scene, new)}{then}."
        yield Finding(fault, example, step, field, kind, look.scene.story(new), look.scene, shows)


def _showing(one: Touched, quiet: list[Look]) -> Look | None:
    fit = (look for look in quiet if look.step == one.step and one.risk in (None, look.scene.profile.risk))
    return max(fit, key=lambda look: look.risk.weight, default=None)


def _of_rests(found: tuple[Touched, ...], old: Pack, new: Pack, *, before: bool) -> Iterator[Finding]:
    rests = list(left_open(found, old, new, before=before))
    if rests:
        worst, risks = rests[-1], [rest.risk for rest in rests]
        fault = f"{opening(levels(risks))}, a case can stay open with no deadline left, and nobody hears of it again."
        example = f"{scene_words(worst.profile, new)}: whatever is asked is answered, and from {day(worst.since)} on "
        one = next(one for one in found if one.step and one.risk in (None, worst.risk))
        example += "nothing is due, nothing is planned, and the case is still open."
        yield Finding(fault, example, one.step, one.field, "left_open", worst.story, Scene(worst.profile))
