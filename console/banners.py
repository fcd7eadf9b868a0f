"""What the page of a case says before all else: what is unusual about it, and what that asks of whoever reads."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from console.words import risk_words, words
from policy import spaces
from policy.case import ACCEPTED_ELSEWHERE, OFFERED_ELSEWHERE, Case
from policy.conditions import holds
from policy.pack import Pack
from policy.spans import local_time
from policy.terms import AlarmKey, Anchor, Condition, Risk, StepStatus
from runtime.app import App
from store import cases

UNDONE = (StepStatus.OPEN, StepStatus.OVERDUE, StepStatus.WAIVED, StepStatus.NOT_REQUIRED)


@dataclass(frozen=True)
class Banner:
    """One of them: `alert` asks for something, `case` is another case that it leads to."""

    title: str
    text: str
    alert: bool = False
    case: str = ""


def banners(app: App, case: Case, pack: Pack, now: datetime) -> tuple[Banner, ...]:
    """Give what is to be said of a case, the most pressing first."""
    found = (_transferred(case, pack, now), _earlier(app, case), *_unclear(case, pack, now), _floor(case, pack))
    return tuple(banner for banner in found if banner is not None)


def _transferred(case: Case, pack: Pack, now: datetime) -> Banner | None:
    """Say where the case stands between two forces, and how often it has come back."""
    force = pack.force_title(case.force)
    times = {0: "", 1: " It has come back once."}.get(case.bounces, f" It has come back {case.bounces} times.")
    at = {key: local_time(when, now) for key, when in case.anchors.items()}
    if case.transfer == OFFERED_ELSEWHERE:
        since = at.get(Anchor.TRANSFER_OFFERED, "")
        text = "It stays ours until a named person there accepts; an e-mail is no acceptance."
        return Banner(f"Offered to {force} at {since}.", text + times, alert=True)
    if case.transfer == ACCEPTED_ELSEWHERE:
        who = case.owner.person if case.owner else "A named person there"
        accepted = f"{who} accepted it at {at.get(Anchor.TRANSFER_ACCEPTED, '')}. What seeks the person is done there."
        return Banner(f"With {force}.", accepted + times)
    if case.bounces:
        return Banner(f"Sent back by {force}.", f"The case is ours.{times}", alert=True)
    return None


def _earlier(app: App, case: Case) -> Banner | None:
    """Say of a re-report what the earlier case was, and what had been left undone there."""
    if case.re_report_of is None:
        return None
    with app.sessions.reading() as s:
        found = cases.load_all(s, [case.re_report_of])
    before = found[0].case if found else None
    risk = f" Its risk there was {_level(before.risk)}." if before and before.risk else ""
    floor = f" Timers run as {_level(case.risk_floor)} at least." if case.risk_floor else ""
    left = "; ".join(left_undone(before, app.pack_of(before))) if before else ""
    undone = f" Left undone there: {left}." if left else " Nothing was left undone there."
    return Banner("Reported missing again.", (risk + floor + undone).strip(), alert=True, case=case.re_report_of)


def left_undone(case: Case, pack: Pack) -> Iterable[str]:
    """Name what people had been asked for and nobody did: waived, let go, or open when the case came to its end."""
    latest = {step.key: step for step in case.steps if step.told}
    undone = [step for step in latest.values() if step.status in UNDONE and step.key not in pack.asks]
    return [pack.steps[step.key].title + (" (waived)" * (step.status is StepStatus.WAIVED)) for step in undone]


def _unclear(case: Case, pack: Pack, now: datetime) -> Iterator[Banner]:
    """Say what waits for a decision: is the person missing, is the raised risk right, was all searched, whose words."""
    if holds((Condition.CONCERN_UNRESOLVED,), case):
        text = f"The call was typed as {words(case.call_type).lower()}, and nobody has seen the person."
        yield Banner("Not called missing yet.", f"{text} Decide: missing or not, and why.", True)
    if holds((Condition.RISK_TO_CONFIRM,), case):
        at = case.anchors.get(Anchor.RISK_RAISED)
        when = f" at {local_time(at, now)}" if at else ""
        yield Banner(
            f"{risk_words(case.risk)}, to be confirmed.", f"Raised{when}; it counts, and a supervisor confirms it."
        )
    if holds((Condition.SPACES_UNSEARCHED,), case):
        left = (f"{one.name} ({one.why})" if one.why else one.name for one in spaces.left(case, pack).values())
        yield Banner("Not searched:", f"{'; '.join(left)}. The home does not count as searched.", True)
    for key, detail in sorted(case.ringing):
        if key == AlarmKey.COPIED_TEXT:
            step, _, where = detail.partition(": ")
            title = pack.steps[step].title if step in pack.steps else step
            yield Banner("The same words stand in another case.", f"{title}: {where}. Ask before you sign.", True)


def _floor(case: Case, pack: Pack) -> Banner | None:
    """Say why the timers run as a higher level than the one that was set."""
    timer = case.timer_risk(pack.child_floor)
    if case.risk is None or timer.weight <= case.risk.weight:
        return None
    flags = [words(flag).lower() for flag in sorted(case.flags) if pack.floors.get(flag) is timer]
    child = ["a child"] if case.is_child and pack.child_floor is timer else []
    again = ["reported missing again"] if case.re_report_of and case.risk_floor is timer else []
    why = ", ".join([*flags, *again, *child])
    text = f"The risk is set to {_level(case.risk)}. Only an inspector's own decision lets them run as that."
    return Banner(f"Timers run as {_level(timer)}{f': {why}' if why else ''}.", text)


def _level(risk: Risk | None) -> str:
    return (risk or "not set").replace("_", " ")
