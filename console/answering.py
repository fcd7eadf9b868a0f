"""A person's answer to a message, by link or inbox: one door for both, safe to repeat."""

from dataclasses import dataclass

from console.asked import FACT_OF, Asked, Given, asked, given_by
from policy.errors import Fault, Forbidden, Invalid, Unknown, UsedLink
from policy.pack import Notification
from policy.spans import local_time
from policy.terms import Decision, Route
from runtime import doors
from runtime.app import App
from store import cases, journal, messages

ALL = 1_000_000  # entries: the whole journal of a case


@dataclass(frozen=True)
class Answer:
    """What was said back, and the message as it stands afterwards."""

    said: str
    asked: Asked


def message_of(app: App, key: str, person: str) -> tuple[Asked, Notification]:
    """Give a message for the person whom it is for, and what the force calls a notification.

    Raises Forbidden when it is somebody else's, Unknown when there is none.
    """
    now = app.clock.now()
    with app.sessions.reading() as s:
        message = messages.get(s, key)
        if message.person != person:
            raise Forbidden("this message is for somebody else; only the person who was told can answer it")
        if message.case is None:
            raise Unknown("this message is about no case; there is nothing to answer")
        case = cases.load(s, message.case).case
        history = journal.read(s, message.case, 0, ALL)
    pack = app.pack_of(case)
    given = given_by(person, history, message.queued_at)
    return asked(message, case, pack, given, now), pack.notification


def answer(app: App, key: str, person: str, form: dict[str, str], route: Route) -> Answer:
    """Take an answer.

    1. The same person and decision again changes nothing and is said back.
    2. By link, a different decision afterwards raises UsedLink, except to accept what was acknowledged.
    3. Otherwise the fact goes through the door; what it refuses is raised as it is.
    """
    decision = _decision(form)
    before, _ = message_of(app, key, person)
    same = next((given for given in before.given if given.decision is decision), None)
    if same is not None:
        return Answer(same.said(app.clock.now()), before)
    if decision is Decision.ACKNOWLEDGE and (accepted := _given(before, Decision.ACCEPT)):
        return Answer(accepted.said(app.clock.now()), before)  # who accepts has acknowledged
    if route is Route.LINK:
        _refuse_used(app, before, decision)
    reason = form.get("reason", "").strip()
    fact: dict[str, object] = {"kind": FACT_OF[decision], "by": person}
    about = before.notice or before.offer
    if about is not None and decision is not Decision.ACCEPT:  # who accepts takes all that is offered of the case
        fact |= {"step": about[0], "occurrence": about[1]}
    if decision is Decision.DECLINE:
        fact["evidence"] = {"reason": reason}
    doors.record(app, before.case, fact, route=route, key=f"{key}:{decision}")
    after, _ = message_of(app, key, person)
    said = _given(after, decision) or Given(decision, app.clock.now())
    return Answer(said.said(app.clock.now()), after)


def _decision(form: dict[str, str]) -> Decision:
    faults = []
    given = form.get("decision", "")
    if given not in list(Decision):
        faults.append(Fault("decision", f"{given!r} is no answer", "send acknowledge, accept or decline"))
    if given == Decision.DECLINE and not form.get("reason", "").strip():
        faults.append(Fault("reason", "is missing", "say why you cannot take it, so that the next person knows"))
    if faults:
        raise Invalid("the answer has faults", faults)
    return Decision(given)


def _given(message: Asked, decision: Decision) -> Given | None:
    return next((given for given in message.given if given.decision is decision), None)


def _refuse_used(app: App, message: Asked, decision: Decision) -> None:
    """A link takes one answer; accepting what one has acknowledged carries that answer on."""
    if not message.given:
        return
    last = message.given[-1]
    if last.decision is Decision.ACKNOWLEDGE and decision is Decision.ACCEPT:
        return
    at = local_time(last.at, app.clock.now())
    raise UsedLink(
        f"You {FACT_OF[last.decision]} at {at} and this link takes one answer. To change it, open your inbox.",
        rule="link_used",
    )
