"""What came of a case, out of its journal, as lines of a rehearsal's story: retimed, let go, located, closed."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from policy.case import ACCEPTED_ELSEWHERE
from policy.pack import Pack
from policy.spans import local_time, read_instant
from policy.terms import StepStatus
from policy.transfer import SENT_BACK
from runtime.rehearse_seen import Breach, listed, plural
from runtime.rehearse_words import title

Body = Mapping[str, object]


@dataclass(frozen=True)
class Written:
    """One entry of a journal, at its instant of the story."""

    at: datetime
    kind: str
    by: str
    body: Body


def of_breach(entry: Written, case: int) -> Breach:
    """Read an entry of the register of breaches."""
    holder = entry.body.get("holder")
    return Breach(entry.at, case, str(entry.body["step"]), _number(entry.body), str(holder) if holder else None)


def of_entries(entries: Iterable[Written], pack: Pack) -> list[tuple[datetime, str]]:
    """Say what came of the case, in order; several steps let go at once, for one reason, are one line."""
    said: dict[object, tuple[datetime, str]] = {}
    gone: dict[object, list[str]] = {}
    for place, entry in enumerate(entries):
        if entry.kind == "not_required":
            key = (entry.at, entry.body.get("reason"))
            gone.setdefault(key, []).append(title(pack, str(entry.body["step"])))
            said[key] = (
                entry.at,
                f"Not asked for any more ({entry.body.get('reason')}): {listed(dict.fromkeys(gone[key]))}",
            )
        elif entry.kind in _SAYS and (text := _SAYS[entry.kind](entry, pack)):
            said[place] = (entry.at, text)
    return list(said.values())


def _number(body: Body) -> int:
    number = body["occurrence"]
    assert isinstance(number, int)
    return number


def _step(body: Body, pack: Pack) -> str:
    nth = f" ({body['occurrence']})" if _number(body) > 1 else ""
    return f"{title(pack, str(body['step']))}{nth}"


def _word(value: object) -> str:
    return str(value or "nothing said").replace("_", " ")


def _shift_ended(entry: Written, pack: Pack) -> str:
    what = f"without an answer to {_step(entry.body, pack)}" if entry.body.get("step") else "and still owns the case"
    return f"{entry.body['person']} has gone off duty {what}"


def _inactive(entry: Written, _pack: Pack) -> str:
    at = read_instant(str(entry.body.get("next_review_at")))
    return "The case is INACTIVE, not closed" + (f"; next review {local_time(at, entry.at)}" if at else "")


def _transfer(entry: Written, pack: Pack) -> str:
    force, state = pack.force_title(str(entry.body["force"])), entry.body["state"]
    if state == ACCEPTED_ELSEWHERE:
        return f"The case is with {force} now: {entry.body['person']} has it"
    return f"The case is sent BACK by {force}, return {entry.body['bounces']}" if state == SENT_BACK else ""


def _retimed(entry: Written, pack: Pack) -> str:
    """Say which deadline has moved; what is only planned, or has kept its time, is left out."""
    before, after = (read_instant(str(entry.body.get(name))) for name in ("before", "after"))
    if before is None or after is None or before == after or entry.body.get("status") == StepStatus.WAITING:
        return ""
    step = _step(entry.body, pack)
    return f"{step} is due {local_time(after, entry.at)} now, and not {local_time(before, entry.at)}"


def _closed(entry: Written, _pack: Pack) -> str:
    return f"The case is CLOSED, signed by {entry.by} ({_word(entry.body.get('rank'))})"


def _missed(entry: Written, pack: Pack) -> str:
    times = entry.body.get("times")
    assert isinstance(times, int)
    name = title(pack, str(entry.body["step"]))
    return f"MISSED: {name}, {plural(times, 'time')} from {_step(entry.body, pack)} on"


_SAYS: Mapping[str, Callable[[Written, Pack], str]] = {
    "located": lambda e, _: f"The case is LOCATED: the person has been seen, {_word(e.body.get('wellbeing'))}",
    "closing": lambda _e, _: "The case is CLOSING: another person has to sign",
    "closed": _closed,
    "closure_declined": lambda _e, _: "The signature is refused: the case goes on as before",
    "reopened": lambda e, _: f"The case is OPEN again; it was {_word(e.body.get('was'))}",
    "inactive": _inactive,
    "transfer": _transfer,
    "retimed": _retimed,
    "asked_again": lambda e, pack: f"Asked for again: {_step(e.body, pack)}",
    "missed": _missed,
    "shift_ended": _shift_ended,
    "acknowledgement_lapsed": lambda e, _: f"{e.body['person']}, who had acknowledged, has gone off duty: asked again",
    "re_report": lambda e, _: f"It is a re-report: {e.body['case']} was an earlier case of the same person",
    "risk_restored": lambda e, _: f"The risk is {_word(e.body['after'])}, as it had been in {e.body['case']}",
}
