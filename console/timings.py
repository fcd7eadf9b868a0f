"""What the pages of timings show: packs, steps with their numbers, what waits for a second person, what differs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from console.packs import Held, find, steps_of
from console.words import RISK_WORDS, value_words
from policy.explain_words import span_words
from policy.pack import Override, Pack, StepRule
from policy.permissions import Deed, may
from policy.revise import OF_A_STEP, OF_THE_PACK
from policy.terms import Risk, Stage
from runtime.app import App
from runtime.door_revisions import who_is
from runtime.readings import Json
from store import revisions
from store.revisions import APPROVED, PROPOSED, Revision

STAGES: Mapping[Stage, str] = {
    Stage.RISK: "Risk",
    Stage.NOTIFY: "Notify",
    Stage.ESCALATE: "Escalate",
    Stage.OWNERSHIP: "Ownership",
    Stage.RESPOND: "Respond",
    Stage.PARTNERS: "Partners",
    Stage.REVIEW: "Review",
    Stage.INTERVIEW: "Interview",
    Stage.CLOSURE: "Closure",
}


@dataclass(frozen=True)
class Line:
    """One step in the list of a pack."""

    rule: StepRule
    times: tuple[tuple[str, str], ...]  # the level, and what stands there
    override: Override | None
    waiting: tuple[Revision, ...]


@dataclass(frozen=True)
class PackLine:
    """One pack in the list of packs."""

    held: Held
    made: Revision | None  # the revision in force
    open_cases: int

    @property
    def pack(self) -> Pack:
        """Give the pack in force."""
        return self.held.pack


@dataclass(frozen=True)
class Rights:
    """What a reader may do with timings; the doors say the same again."""

    propose: bool
    approve: bool


def rights_of(app: App, person: str | None) -> Rights:
    """Say what somebody may do."""
    if person is None:
        return Rights(propose=False, approve=False)
    with app.sessions.reading() as s:
        posts = who_is(app, s, person).posts
    approves = may(Deed.APPROVE_POLICY, posts)
    return Rights(approves or may(Deed.EDIT_POLICY, posts), approves or may(Deed.APPROVE_PACK, posts))


def packs(app: App) -> list[PackLine]:
    """List the packs, that of the home first."""
    held = [find(app, name) for name in app.shelf.names()]
    with app.sessions.reading() as s:
        followed = revisions.followed(s)
        lines = [
            PackLine(
                one,
                revisions.find(s, one.pack.name, one.pack.revision),
                sum(count for (name, _), count in followed.items() if name == one.pack.name),
            )
            for one in held
        ]
    return sorted(lines, key=lambda line: (line.pack.name != app.settings.pack, line.pack.name))


def stages(held: Held) -> Iterator[tuple[str, list[Line]]]:
    """Give the steps of a pack in the procedure's order, stage by stage."""
    for stage, title in STAGES.items():
        lines = [_line(held, rule) for rule in held.pack.steps.values() if rule.stage is stage]
        if lines:
            yield title, lines


def _line(held: Held, rule: StepRule) -> Line:
    waiting = tuple(one for one in held.waiting if rule.key in steps_of(one))
    return Line(rule, tuple(times_of(rule)), held.pack.overrides.get(rule.key), waiting)


def times_of(rule: StepRule) -> Iterator[tuple[str, str]]:
    """Say when a step falls due at each level, and whether it comes again."""
    said = {risk: _time(rule, risk) for risk in Risk}
    if len(set(said.values())) == 1:
        yield "Every level", said[Risk.HIGH]
        return
    for risk, time in said.items():
        yield RISK_WORDS[risk].removesuffix(" risk"), time


def _time(rule: StepRule, risk: Risk) -> str:
    if not rule.applies(risk):
        return "not asked for"
    parts = [f"first {span_words(rule.first)}"] if rule.first else []
    parts += [f"{'then ' if parts else ''}{span_words(rule.due[risk])}"] if risk in rule.due else []
    parts += [", ".join(map(span_words, rule.series))] if rule.series else []
    again = rule.every.get(risk) or rule.then_every
    parts += [f"{'then ' if parts else ''}every {span_words(again)}"] if again else []
    return ", ".join(parts) or (f"at {rule.at_local}" if rule.at_local else "at the instant itself")


def number_title(step: str | None, name: str) -> str:
    """Say what a number is: *Deadline*."""
    known = (OF_THE_PACK if step is None else OF_A_STEP).get(name)
    return known.title if known else name


def diff_lines(pack: Pack, lines: Json) -> list[tuple[str, str, str, str]]:
    """Say each edited number: the step, the number, what it was, what it is."""
    changes = lines["changes"]
    assert isinstance(changes, list)
    said = []
    for change in changes:
        rule = pack.steps.get(str(change["step"]))
        what = number_title(change["step"], str(change["field"]))
        level = f", {RISK_WORDS[Risk(change['risk'])].lower()}" if change.get("risk") else ""
        title = rule.title if rule else change["step"] or "The pack as a whole"
        said.append((str(title), what + level, value_words(change["before"]), value_words(change["value"])))
    return said


def waits(app: App, pack: str | None = None) -> list[Revision]:
    """Give the revisions that wait for a second person."""
    with app.sessions.reading() as s:
        return [one for one in revisions.history(s, pack) if one.status == PROPOSED]


def others(held: Held, steps: set[str], but: int | None = None) -> list[Revision]:
    """Give what else waits to change the same steps: two admins at once each see the other's change."""
    return [one for one in held.waiting if one.number != but and steps & steps_of(one)]


def standing(app: App, pack: str) -> Revision | None:
    """Give the newest approved revision, on which the next change builds."""
    with app.sessions.reading() as s:
        latest = revisions.latest(s, pack)
        return revisions.find(s, pack, latest) if latest else None


def known(app: App, pack: str) -> Sequence[Revision]:
    """Give every revision of a pack; raise Unknown when there is no such pack."""
    app.shelf.must_have(pack)
    with app.sessions.reading() as s:
        return revisions.history(s, pack)


def approved(one: Revision) -> bool:
    """Tell whether a revision was approved and not withdrawn."""
    return one.status == APPROVED
