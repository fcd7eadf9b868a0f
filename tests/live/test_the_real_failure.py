"""Staffordshire 2025 at thirty times the speed: a case that its inspector never looks at, through the real processes.

The hour is shortened where nothing new happens: insp-a's duty ends 60 minutes after the report, and not three hours.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.live.force import NOTICE, Force
from tests.support.sink import Call, open_sink
from tests.support.stack import running

pytestmark = [pytest.mark.live, pytest.mark.long, pytest.mark.timeout(420)]
SPEED = 30
LATE = timedelta(minutes=5)  # of the procedure: ten real seconds
MINUTE = timedelta(minutes=1)
SHIFT_ENDS = 60  # minutes after the report
RUNGS = {"fim-1": 20, "insp-n": 30, "ci-1": 40, "supt-1": 50}
PEOPLE = {
    "insp-a": ("duty_inspector", "stoke"),
    "insp-b": ("duty_inspector", "stoke"),
    "sgt-s": ("response_sergeant", "stoke"),
    "insp-n": ("duty_inspector", "newcastle"),
    "fim-1": ("force_incident_manager", "*"),
    "crs-1": ("control_room_sergeant", "*"),
    "ci-1": ("duty_chief_inspector", "*"),
    "supt-1": ("on_call_superintendent", "*"),
}


@pytest.fixture
def force(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Force]:
    """A force on a fresh home, at 19:00 or soon after."""
    home = tmp_path_factory.mktemp("failure") / "home"
    with open_sink() as sink, running(home, "--start", "2026-01-10T18:45:00Z", "--speed", str(SPEED)) as stack:
        yield Force(stack, sink)


def on_duty(force: Force, at: datetime) -> None:
    """Put everybody on duty: insp-a until the end of the shift, insp-b as the relief."""
    rows = []
    for person, (role, area) in PEOPLE.items():
        begins = SHIFT_ENDS - 5 if person == "insp-b" else -300
        ends = SHIFT_ENDS if person == "insp-a" else 720
        row = {"person": person, "role": role, "area": area, "webhook": force.sink.address(person)}
        rows.append(row | {"from": (at + begins * MINUTE).isoformat(), "to": (at + ends * MINUTE).isoformat()})
    force.stack.put_roster(rows)


def test_nobody_is_unaware_for_a_shift(force: Force) -> None:
    """Reminders each 3 minutes, the FIM at 20, the neighbour at 30, the chief inspector at 40, then the shift's end."""
    shift = force.stack.now()
    on_duty(force, shift)
    case = force.report("stoke")["case"]
    anchor = datetime.fromisoformat(force.step(case)["anchor_at"])

    def minutes(call: Call) -> timedelta:
        return datetime.fromisoformat(call.body["sent_at"]) - anchor

    def told(person: str, minute: int, within_s: float, **said: Any) -> Call:
        """Wait for a message that is due so many minutes after the report, and see that it is not early nor late."""
        first = force.sink.wait_for(person, within_s=within_s, case=case, **said)[0]
        assert minute * MINUTE <= minutes(first) <= minute * MINUTE + LATE, (person, said, minutes(first))
        return first

    told("insp-a", 0, 20, step=NOTICE, type="notify")
    told("sgt-s", 0, 20, step=NOTICE, type="notify")
    for number in range(1, 7):
        told("insp-a", 3 * number, 20, step=NOTICE, type="remind", reminder=number)
    for rung, (person, minute) in enumerate(RUNGS.items(), 1):
        call = told(person, minute, 40, step=NOTICE, type="escalate", rung=rung)
        assert rung != 1 or "by voice" in call.body["ask"]
        assert force.stack.ask(f"/cases/{case}")["owner"] is None
    _the_shift_ends(force, case, anchor)
    _the_audit_shows_all(force, case)


def _the_shift_ends(force: Force, case: str, anchor: datetime) -> None:
    """The relief gets the case, and the alarm that it has no owner rings there and at the FIM."""
    ends_at = anchor + SHIFT_ENDS * MINUTE

    def rang(person: str) -> bool:
        heard = [f"{c.body['case']} {c.body['ask']}" for c in force.sink.calls(person)]
        return any("unowned after shift" in said and case in said for said in heard)

    force.sink.wait_until(lambda: rang("fim-1") and rang("insp-b"), 90, "the alarm of the shift's end")
    handed = force.sink.wait_for("insp-b", within_s=20, case=case, step=NOTICE)[0]
    assert datetime.fromisoformat(handed.body["sent_at"]) >= ends_at - MINUTE
    standing = {(a["key"], a["to"]) for a in force.stack.ask("/alarms")["alarms"] if a["case"] == case}
    assert {("unowned_after_shift", "fim-1"), ("unowned_after_shift", "insp-b")} <= standing


def _the_audit_shows_all(force: Force, case: str) -> None:
    """Every message that a telephone got stands in the journal, with its receipt; none was received twice."""
    got = [c.headers["webhook-id"] for c in force.sink.calls(case=case) if c.headers["webhook-id"].startswith(case)]
    assert len(got) == len(set(got)) >= 24
    missing = set(got)
    for _ in force.ticks(20):
        missing = set(got) - set(_attempts(force, case))
        if not missing:
            break
    assert not missing


def _attempts(force: Force, case: str) -> list[str]:
    after: Any = 0
    found: list[str] = []
    while after is not None:
        page = force.stack.ask(f"/cases/{case}/journal", after=str(after))
        tried = [e["body"] for e in page["entries"] if e["kind"] == "attempt"]
        found += [body["attempt_key"] for body in tried if body["result"] == "received"]
        after = page.get("next")
    return found
