"""A Friday night: twenty-five reports in a rush, and providers that fail; at the receiving end, in real time."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from tests.live.force import AREAS, NOTICE, Force
from tests.support.mail import Mail, open_mail
from tests.support.sink import Call, Sink, open_sink
from tests.support.stack import duty, running

pytestmark = [pytest.mark.live, pytest.mark.long, pytest.mark.timeout(400)]
REPORTS, EVERY_S = 25, 1.6  # half an hour of the Met's Friday night in forty seconds
TOLD_S, TEXT_S, RUNG_S = 60.0, 30.0, 120.0  # N1, N5
MUTE = "tamworth"  # whose inspector has a phone that is out of order, and nothing else
DOWN = 503


@dataclass
class Night(Force):
    """A force in real time: phones at one provider, texts at another, letters at the mail server."""

    texts: Sink | None = None
    mail: Mail | None = None

    def man(self) -> None:
        """Put everybody on duty; the inspector of Stoke has a phone, a number for texts and a mailbox."""
        assert self.texts is not None
        people = [("fim-1", "force_incident_manager", "*"), ("fcc-1", "control_room_sergeant", "*")]
        people += [("ci-1", "duty_chief_inspector", "*"), ("sup-1", "on_call_superintendent", "*")]
        for area in AREAS:
            people += [(f"insp-{area}", "duty_inspector", area), (f"sgt-{area}", "response_sergeant", area)]
        rows = [duty(p, role, area, self.sink.address(p)) for p, role, area in people]
        for row in rows:
            if row["person"] != f"insp-{MUTE}":
                row["sms"] = self.texts.address(row["person"])
            if row["person"] == "insp-stoke":
                row["email"] = "insp-stoke@force.test"
        self.stack.put_roster(rows)

    def first(self, person: str, case: str) -> Call | None:
        """Give when somebody was first told of a case, by push or by text."""
        assert self.texts is not None
        calls = self.sink.calls(person, case=case, step=NOTICE) + self.texts.calls(person, case=case, step=NOTICE)
        return min((call for call in calls if call.status < 300), key=lambda call: call.at_s, default=None)

    def states(self, case: str, person: str) -> dict[str, str]:
        """Give how the first notice to somebody fared, by channel."""
        rows: list[dict[str, Any]] = self.stack.ask(f"/cases/{case}/messages")["messages"]
        mine = [m for m in rows if (m["to"], m["step"], m["type"], m["rung"]) == (person, NOTICE, "notify", 0)]
        return {m["channel"]: m["state"] for m in mine}


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    """A Vigil of its own, on the wall clock."""
    home = tmp_path_factory.mktemp("friday") / "home"
    with open_mail() as mail, open_sink() as push, open_sink() as texts:
        settings = {"VIGIL_SMTP_URL": mail.url(), "VIGIL_MAIL_FROM": "vigil@force.test"}
        with running(home, **settings) as stack:
            opened = Night(stack, push, texts=texts, mail=mail)
            opened.man()
            yield opened


def test_twenty_five_reports_in_a_rush(night: Night) -> None:
    """N1: each inspector and sergeant is told within 60 s, none is lost, and what rings comes grouped."""
    night.sink.refuse(f"insp-{MUTE}", DOWN)
    reported: dict[str, tuple[str, float]] = {}
    began_s = night.sink.elapsed_s()
    for number in range(REPORTS):
        night.pause(max(0.0, began_s + number * EVERY_S - night.sink.elapsed_s()))
        area = AREAS[number % len(AREAS)]
        reported[night.report(area, "high" if number % 5 == 0 else "medium")["case"]] = (area, night.sink.elapsed_s())
    assert len(reported) == REPORTS

    def all_told() -> bool:
        rows = [(case, area) for case, (area, _) in reported.items()]
        sergeants = all(night.sink.calls(f"sgt-{area}", case=case, step=NOTICE) for case, area in rows)
        loud = [(case, area) for case, area in rows if area != MUTE]
        return sergeants and all(night.sink.calls(f"insp-{area}", case=case, step=NOTICE) for case, area in loud)

    night.sink.wait_until(all_told, TOLD_S, "the inspector and the sergeant of each case")
    late: dict[str, float] = {}
    for case, (area, at_s) in reported.items():
        for person in (f"sgt-{area}", *([f"insp-{area}"] if area != MUTE else [])):
            told = night.first(person, case)
            assert told is not None
            late[f"{case} {person}"] = told.at_s - at_s
    print(f"N1: {len(late)} told, the slowest after {max(late.values()):.1f} s")  # noqa: T201 - the figure it is about
    assert {who: s for who, s in late.items() if s > TOLD_S} == {}
    _no_storm(night, [case for case, (area, _) in reported.items() if area == MUTE], began_s)


def _no_storm(night: Night, mute: list[str], began_s: float) -> None:
    """Of each case whose inspector cannot be reached, whoever hears alarms is told; at most one message a minute."""

    def alarms() -> list[Call]:
        return [call for call in night.sink.calls("fim-1", type="alarm") if call.at_s >= began_s]

    def named() -> bool:
        said = " ".join(f"{call.body['case']} {call.body['ask']}" for call in alarms())
        return all(case in said for case in mute)

    night.sink.wait_until(named, 150, f"an alarm that names each of {mute}")
    minutes = math.ceil((alarms()[-1].at_s - alarms()[0].at_s) / 60)
    assert len(alarms()) <= 1 + minutes, [(call.at_s, call.body["ask"]) for call in alarms()]


def test_the_push_provider_is_down_then_the_texts_too(night: Night) -> None:
    """N5: a text within 30 s; both refused, and the mailbox has it and the next rung is told, within two minutes."""
    assert night.texts is not None
    people = [f"{rank}-{area}" for area in AREAS for rank in ("insp", "sgt")] + ["fim-1", "fcc-1"]
    for person in people:
        night.sink.refuse(person, DOWN)
    began_s = night.texts.elapsed_s()
    case = night.report("stoke")["case"]
    (text, *_) = night.texts.wait_for("insp-stoke", within_s=TEXT_S, case=case, step=NOTICE, type="notify")
    print(f"N5: the text after {text.at_s - began_s:.1f} s")  # noqa: T201 - the figure it is about
    assert text.headers["webhook-id"] == f"{case}/{NOTICE}/1/0/0/insp-stoke/sms"
    assert night.page("POST", text.body["link"], {"decision": "acknowledge"}) == 200
    assert night.step(case)["status"] == "done"
    assert night.states(case, "insp-stoke")["sms"] == "received"

    night.texts.refuse("insp-stoke", 404)
    night.sink.refuse("insp-stoke", 404)
    began_s, began_at = night.texts.elapsed_s(), night.stack.now()
    other = night.report("stoke")["case"]
    rung = night.texts.wait_for("fim-1", within_s=RUNG_S, case=other, step=NOTICE, rung=1, type="escalate")
    print(f"N5: the next rung after {rung[0].at_s - began_s:.1f} s")  # noqa: T201 - the figure it is about
    letters = [letter for letter in _mail(night).letters if letter["Subject"].startswith(other)]
    assert letters
    assert datetime.fromisoformat(rung[0].body["sent_at"]) >= began_at
    states = night.states(other, "insp-stoke")
    assert states == {"webhook": "failed", "sms": "failed", "email": "received", "inbox": "received"}

    for person in people:
        night.sink.well(person)
        night.texts.well(person)
    third = night.report("stoke")["case"]
    night.sink.wait_for("insp-stoke", within_s=TEXT_S, case=third, step=NOTICE, type="notify")
    for _ in night.ticks(10):
        if night.states(third, "insp-stoke").get("sms") == "cancelled":
            break
    assert night.states(third, "insp-stoke")["sms"] == "cancelled"
    assert night.texts.calls("insp-stoke", case=third) == []


def _mail(night: Night) -> Mail:
    assert night.mail is not None
    return night.mail
