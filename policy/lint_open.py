"""Whether a case could stay open with nothing left to come: everything asked is answered, and nothing follows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from policy.facts import REQUIRED, Fact
from policy.lint_numbers import Touched
from policy.lint_scene import INSTANTS, WORDS, Profile, Scene
from policy.pack import Pack
from policy.play import Played, Said, Story, play
from policy.record_terms import AgeBand
from policy.standing_roster import StandingRoster
from policy.terms import CaseStatus, FactKind, Kind, Risk, Role, StepStatus
from policy.values import replace

ROUNDS = 20  # times that whatever is asked next is answered
A_MINUTE = timedelta(minutes=1)
ANSWER = {Kind.NOTIFY: FactKind.ACKNOWLEDGED, Kind.ACCEPT: FactKind.ACCEPTED}


@dataclass(frozen=True)
class Rest:
    """A case that is open and waits for nothing: what was said in it, and since when."""

    risk: Risk
    profile: Profile
    story: Story
    since: datetime


def loosened(found: tuple[Touched, ...]) -> tuple[Risk, ...]:
    """Give the levels at which the change takes something away that had been asked for."""
    gone = [one for one in found if one.step and (one.after is None or one.after == ())]
    return tuple(risk for risk in Risk if any(one.risk in (None, risk) for one in gone))


def left_open(found: tuple[Touched, ...], old: Pack, new: Pack, *, before: bool = False) -> Iterator[Rest]:
    """Give a case for each level at which the new numbers leave an open one without any deadline to come."""
    for risk in loosened(found):
        profile = Profile(risk, AgeBand.B25_64, INSTANTS[0], INSTANTS[0])
        story = _answered(profile, new)
        if _is_forgotten(play(story, new, StandingRoster(tuple(new.areas)))):
            known = _is_forgotten(play(_answered(profile, old), old, StandingRoster(tuple(old.areas))))
            if before or not known:
                yield Rest(risk, profile, story, story.until)


def _answered(profile: Profile, pack: Pack) -> Story:
    """Let whatever is asked be answered a minute later, round by round."""
    story = replace(Scene(profile).story(pack), until=profile.recorded_at)
    rosters = StandingRoster(tuple(pack.areas))
    for _ in range(ROUNDS):
        played = play(story, pack, rosters)
        at = (story.until if played.case.live_steps() else played.case.wakes_at or story.until) + A_MINUTE
        facts = _answers(play(replace(story, until=at), pack, rosters), pack, rosters, at)
        story = replace(story, said=(*story.said, *(Said(at, (fact,)) for fact in facts)), until=at)
    return story


def _answers(played: Played, pack: Pack, rosters: StandingRoster, at: datetime) -> list[Fact]:
    """Answer each step that waits for somebody; what is waived is waived from above."""
    chief = rosters.holder(Role.CHIEF_OFFICER, None, at)
    found = []
    for step in played.case.live_steps():
        answer = ANSWER.get(pack.steps[step.key].kind)
        kind = answer or FactKind.STEP_WAIVED
        evidence = dict.fromkeys(REQUIRED.get(kind, ()), WORDS)
        found.append(
            Fact(kind, (answer and step.holder) or chief, step.key if answer is None else None, evidence=evidence)
        )
    return found


def _is_forgotten(played: Played) -> bool:
    """Tell whether a case is open and nothing in it is planned or waits for anybody."""
    pending = any(s.live or (s.status is StepStatus.WAITING and s.opens_at) for s in played.case.steps)
    return played.case.status is CaseStatus.OPEN and not pending
