"""The journal in words, for the pages: what happened, in the procedure's own words.

What people wrote themselves is shown as they wrote it; what Vigil did is said in a sentence.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from console.words import local, risk_words, words
from console.words import said as evidence_said
from policy.case import ACCEPTED_ELSEWHERE
from policy.explain_journal import why_line
from policy.pack import Pack
from policy.terms import Role
from policy.transfer import SENT_BACK
from store.journal import JournalEntry
from store.replay import CHANGED

# In the journal of the API: the choice and its candidates, and what changed in the case, for replaying it.
HIDDEN = frozenset({"chosen", "holder", "looked_at", CHANGED})  # who looked has a place of its own


@dataclass(frozen=True)
class Said:
    """One entry's body, with what it takes to say it."""

    body: Mapping[str, object]
    pack: Pack
    now: datetime
    at: datetime

    def why(self, kind: str) -> str:
        """Explain the line out of itself, as it begins in the middle of a sentence."""
        said = why_line(kind, self.body, self.at, self.now)
        return said[:1].lower() + said[1:]

    def text(self, name: str) -> str:
        """Give one value as text, empty when it is missing."""
        value = self.body.get(name)
        return "" if value is None else str(value)

    @property
    def title(self) -> str:
        """Give the step's title, with its occurrence where there are several."""
        key = self.text("step")
        rule = self.pack.steps.get(key)
        number = self.body.get("occurrence")
        title = rule.title if rule else words(key)
        return f"{title} {number}" if isinstance(number, int) and number > 1 else title

    @property
    def role(self) -> str:
        """Give the force's short word for the role."""
        role = self.text("role")
        return self.pack.short(Role(role)) if role in list(Role) else role


def sentence(entry: JournalEntry, pack: Pack, now: datetime) -> str:
    """Say one entry in words; one of a kind not known here is said by its kind."""
    say = _SENTENCES.get(entry.kind)
    return say(Said(entry.body, pack, now, entry.at)) if say else words(entry.kind)


def _opened(said: Said) -> str:
    risk = said.text("risk") or None
    area = said.text("area") or None
    return f"Case opened: {risk_words(risk).lower()}, {said.pack.area_title(area)}"


def _step_opened(said: Said) -> str:
    return f"Opened: {said.title}, {said.why('step_opened')}"


def _overdue(said: Said) -> str:
    return f"Overdue: {said.title}, {said.why('overdue')}"


def _fact(said: Said) -> str:
    what = words(said.text("fact"))
    about = f": {said.title}" if said.body.get("step") else ""
    evidence = said.body.get("evidence")
    given = evidence if isinstance(evidence, Mapping) else {}
    told = "; ".join(f"{words(str(k))}: {evidence_said(v, said.now)}" for k, v in given.items() if k != "complete")
    kept = " (saved, not complete)" if given.get("complete") is False else ""
    unverified = "" if said.body.get("verified", True) else " (from somebody who is not on the roster)"
    return f"{what}{about}{kept}{unverified}" + (f". {told}" if told else "")


def _attempt(said: Said) -> str:
    how = f"{said.body.get('to')} ({said.role}) by {said.body.get('channel')}: {said.title}"
    rung = said.body.get("rung")
    climbed = f", rung {rung}" if isinstance(rung, int) and rung > 0 else ""
    if said.body.get("result") == "received":
        return f"Told {how}{climbed}"
    why = f" ({said.body['detail']})" if said.body.get("detail") else ""
    again = "will be tried again" if said.body.get("result") == "transient" else "failed"
    return f"Telling {how}{climbed}: {again}{why}"


def _told(said: Said) -> str:
    who = said.body.get("to") or said.body.get("person")
    return f"To be told: {who} ({said.role}): {said.title}"


def _owner(said: Said) -> str:
    return f"{said.body.get('owner')} ({said.role}) owns the case"


def _transfer(said: Said) -> str:
    force = said.pack.force_title(said.text("force") or None)
    state, nth = said.text("state"), said.text("bounces")
    if state == SENT_BACK:
        return f"Sent back by {force}, return {nth}"
    return f"Accepted by {force}" if state == ACCEPTED_ELSEWHERE else f"Offered to {force}"


def _risk(said: Said) -> str:
    before, after = said.text("before") or None, said.text("after") or None
    return f"{risk_words(after)}, before: {risk_words(before).lower()}"


def _alarm(said: Said) -> str:
    to = f", to {said.body['to']}" if said.body.get("to") else ", to nobody: nobody is on duty"
    return f"Alarm: {words(said.text('key'))}{to}. {said.text('detail').replace('_', ' ')}"


def _alarm_cleared(said: Said) -> str:
    why = said.text("reason") or said.text("why")
    return f"Alarm cleared: {words(said.text('key'))}. {said.text('detail').replace('_', ' ')}" + (
        f" ({why})" if why else ""
    )


def _changed(said: Said) -> str:
    return f"The record was changed: {said.body.get('field')}"


def _retimed(said: Said) -> str:
    before, after = said.text("before"), said.text("after")
    if said.text("status") == "not_required":
        return f"No longer asked for: {said.title}"
    if before and after and before != after:
        return f"Moved: {said.title}, {said.why('retimed')}"
    return f"Asked for again: {said.title}" if not before else f"Counted anew: {said.title}"


def _warned(said: Said) -> str:
    due = said.text("due_at")
    return f"Warned {_holder(said)}: {said.title}" + (f", due {local(due, said.now)}" if due else "")


def _holder(said: Said) -> str:
    return said.text("holder") or said.text("person") or "nobody"


def _copied(said: Said) -> str:
    found = said.body.get("cases")
    where = ", ".join(str(ref) for ref in found) if isinstance(found, list) else "another case"
    return f"The same words stand in {where}: {said.title}"


def _about(start: str) -> Callable[[Said], str]:
    """Make a sentence that names the step and the reason, where there are any."""

    def say(said: Said) -> str:
        about = f": {said.title}" if said.body.get("step") else ""
        reason = said.text("reason") or said.text("rationale")
        return f"{start}{about}" + (f" ({reason})" if reason else "")

    return say


def _missed(said: Said) -> str:
    return f"Missed {said.text('times') or 'several'} times in a row, from: {said.title}"


def _closed(said: Said) -> str:
    return "Closed" + (f", signed as {said.role}" if said.text("role") else "")


def _inactive(said: Said) -> str:
    until = said.text("next_review_at")
    return "Inactive: nothing more can be done now" + (f"; next review {local(until, said.now)}" if until else "")


def _shift_ended(said: Said) -> str:
    if said.body.get("step"):
        return f"{_holder(said)} went off duty without an answer: {said.title}"
    return f"The shift of the owner {_holder(said)} has ended, and nobody has taken the case over"


RUN_FOUND: Mapping[str, str] = {
    "deleted": "was deleted",
    "cancelled": "was cancelled",
    "completed": "was ended by hand",
    "failed": "had failed",
    "crashed": "had crashed",
    "stuck": "stood still in the middle of a pass",
    "paused": "was paused by hand",
    "put_off": "was put off by hand",
    "unqueued": "had lost its queue",
}


def _run_repaired(said: Said) -> str:
    number, following = said.text("run_number"), said.text("goes_on_in")
    what = RUN_FOUND.get(said.text("found"), "was not well")
    then = f"the case goes on in run {following}" if following else "it was put right"
    return f"The run {number} in Prefect {what}; {then}"


def _prefect_repaired(said: Said) -> str:
    return f"{words(said.text('found')) or 'Something'} in Prefect; it was put right"


def _refused(said: Said) -> str:
    return "Refused: " + (said.text("why") or said.text("detail") or words(said.text("fact")).lower())


def _cut_off(said: Said) -> str:
    return f"Every channel to {_holder(said)} failed for good: {said.title}; the next is told"


def _not_received(said: Said) -> str:
    rung = said.body.get("rung")
    return f"Not received yet: {said.title}" + (f", rung {rung}" if isinstance(rung, int) and rung > 0 else "")


def _revision(what: str) -> Callable[[Said], str]:
    """Say what became of a revision of a pack, and why."""

    def say(said: Said) -> str:
        why = f": {said.text('reason')}" if said.text("reason") else ""
        return f"Revision {said.text('revision')} of {said.text('pack')} {what}{why}"

    return say


_SENTENCES: Mapping[str, Callable[[Said], str]] = {
    "case_opened": _opened,
    "step_opened": _step_opened,
    "overdue": _overdue,
    "chosen": lambda said: why_line("chosen", said.body, said.at, said.now),
    "fact": _fact,
    "attempt": _attempt,
    "told": _told,
    "owner": _owner,
    "transfer": _transfer,
    "unowned": lambda said: f"{said.text('before') or 'Nobody'} has the case no longer; nobody has accepted it since",
    "risk": _risk,
    "alarm": _alarm,
    "alarm_cleared": _alarm_cleared,
    "pass_failed": lambda _: "Vigil could not go on with this case for a moment, and tries again",
    "run_repaired": _run_repaired,
    "prefect_repaired": _prefect_repaired,
    "examples_removed": lambda said: f"The example's cases were removed: {said.text('cases')}",
    "record_changed": _changed,
    "retimed": _retimed,
    "repinned": lambda said: f"The case follows revision {said.text('after')} now, before: {said.text('before')}",
    "revision_registered": _revision("is in the store"),
    "revision_proposed": _revision("is proposed"),
    "revision_approved": _revision("is approved"),
    "revision_withdrawn": _revision("is withdrawn"),
    "withdrawn_version_used": _revision("was used after it was replaced, and refused"),
    "warned": _warned,
    "missed": _missed,
    "not_required": _about("Not asked for any more"),
    "asked_again": _about("Asked for again"),
    "located": _about("Located: the person has been seen"),
    "closing": _about("The closure has been asked for"),
    "closure_declined": _about("The closure was not signed"),
    "closed": _closed,
    "reopened": _about("Opened again"),
    "inactive": _inactive,
    "shift_ended": _shift_ended,
    "passed_on": lambda said: f"{said.title} has passed from {said.text('before')} to the one who accepted",
    "acknowledgement_lapsed": lambda said: f"{_holder(said)}, who had acknowledged, went off duty: asked again",
    "copied_text": _copied,
    "refused": _refused,
    "possible_duplicate": lambda said: f"Perhaps the same person as in {said.text('case')}: a person decides",
    "re_report": lambda said: f"Re-report: {said.text('case')} was an earlier case of the same person",
    "risk_restored": lambda said: f"{_risk(said)}; it had been so in {said.text('case')}",
    "cut_off": _cut_off,
    "not_received": _not_received,
    "late_start": lambda said: f"The case began late: {said.text('why')}",
}
