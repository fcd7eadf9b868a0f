"""The words of the lint: who is reported when, what is said, how long something takes."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from policy.explain_words import clocks_change, listed, risk_word, span_words
from policy.lint_scene import MOVES, Profile, Scene
from policy.pack import Pack
from policy.record_terms import AgeBand
from policy.spans import LOCAL, Span, local_time
from policy.terms import Risk

_DAY = timedelta(days=1)


def lasting(time: timedelta) -> str:
    """Say how long: `70 minutes`, `36 hours`, `45 seconds`."""
    return span_words(Span(elapsed=time))


def levels(risks: Iterable[Risk]) -> str:
    """Say at which levels: `at medium and high risk`."""
    words = [risk.replace("_", " ") for risk in dict.fromkeys(risks)]
    return "at every level of risk" if len(words) == len(Risk) else f"at {listed(words)} risk"


def quoted(title: str) -> str:
    """Name a step by its title."""
    return f"“{title}”"


def opening(text: str) -> str:
    """Begin a sentence."""
    return text[:1].upper() + text[1:]


def day(at: datetime) -> str:
    """Say a minute with its day: `05:50 on Sunday 26 March 2028, the day the clocks change`."""
    here = at.astimezone(LOCAL)
    midnight = here.replace(hour=0, minute=0)
    change = ", the day the clocks change" if clocks_change(midnight, midnight + _DAY) else ""
    return f"{here:%H:%M} on {here:%A} {here.day} {here:%B %Y}{change}"


def told(scene: Scene, pack: Pack) -> str:
    """Say whose case it is, when it was reported, and what was said in it."""
    return scene_words(scene.profile, pack) + "".join(_said(scene, pack))


def scene_words(profile: Profile, pack: Pack) -> str:
    """Say who was reported when, and which role nobody is on duty in."""
    age = f"{'a child' if profile.age.is_child else 'an adult'} {_aged(profile.age)}"
    risk = ", whose risk is not set" if profile.risk is None else f" at {risk_word(profile.risk)}"
    late = profile.recorded_at - profile.reported_at
    recorded = f" and recorded {lasting(late)} later" if late else ""
    again = ", of whom there was a case before" if profile.again else ""
    role = profile.absent
    absent = f", with no {pack.short(role)} on duty" if role is not None else ""
    return opening(f"{age}{risk}{again}, reported at {day(profile.reported_at)}{recorded}{absent}")


def _aged(age: AgeBand) -> str:
    if age is AgeBand.UNKNOWN:
        return "of an age not known"
    low, _, high = age.partition("-")
    return f"of {low} to {high}" if high else f"of {age.removesuffix('+')} or over"


def _said(scene: Scene, pack: Pack) -> Iterable[str]:
    for act in scene.acts:
        move = MOVES[act.move]
        level = act.level.replace("_", " ") if act.level else ""
        yield f"; at {clock(act.at, scene)} the {pack.short(move.role)} {move.words.format(level=level)}"


def clock(at: datetime, scene: Scene) -> str:
    """Say an instant of a case in local time, with seconds where it has any and its date where that is another."""
    said = local_time(at, scene.profile.recorded_at)
    seconds = f":{at:%S}" if at.second else ""
    return f"{said[:5]}{seconds}{said[5:]}"


def until(start: datetime, end: datetime, scene: Scene) -> str:
    """Say until when and how long that is: `until 07:00, 70 minutes later`; also where the clocks change meanwhile."""
    change = ", with the clocks changed in between" if clocks_change(start, end) else ""
    return f"until {clock(end, scene)}, {lasting(end - start)} later{change}"
