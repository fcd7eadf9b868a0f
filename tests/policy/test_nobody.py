"""Nobody on duty, nobody willing, nobody reachable: the next rung at once, an alarm, and no silence."""

from dataclasses import replace

from policy.answering import unreachable
from policy.book import Book
from policy.terms import AlarmKey, MessageType, StepStatus
from tests.policy.night import ACCEPTS, NOTIFY, Night, at, on, only, pack, roster, staff

NOBODY, LAST = AlarmKey.NOBODY_ON_DUTY, AlarmKey.OVERDUE_LAST_RUNG


def about(step: str, details: list[str]) -> list[str]:
    """Give the details of the alarms that are about one step."""
    return [detail for detail in details if detail.startswith(f"{step}:")]


def test_no_inspector_on_duty() -> None:
    """The sergeant is told, the FIM at once, an alarm rings; then the ladder goes on in its own time."""
    night = Night(staff(without=["insp-a"])).report().until("19:30")
    assert night.rungs() == ["19:00 0 sgt-s", "19:00 1 fim-1", "19:30 2 insp-n"]
    assert night.rang(NOBODY)[0] == f"{NOTIFY}: duty_inspector on rung 0"
    assert night.step(NOTIFY).holder == "sgt-s"


def test_no_sergeant_on_duty() -> None:
    """The inspector is told, so the ladder need not start; the alarm says who is missing."""
    night = Night(staff(without=["sgt-s"])).report()
    assert night.rungs() == ["19:00 0 insp-a"]
    assert about(NOTIFY, night.rang(NOBODY)) == [f"{NOTIFY}: response_sergeant on rung 0"]


def test_nobody_on_a_rung() -> None:
    """No neighbour and no chief inspector at 19:30: the superintendent hears at 19:30."""
    night = Night(staff(without=["insp-n", "ci-1"])).report().until("19:30")
    assert night.rungs()[-1] == "19:30 4 supt-1"
    assert about(NOTIFY, night.rang(NOBODY)) == [
        f"{NOTIFY}: duty_inspector on rung 2",
        f"{NOTIFY}: duty_chief_inspector on rung 3",
    ]


def test_a_ladder_climbed_early_goes_on_one_span_later() -> None:
    """All rungs used up at 19:30: the last two again at 19:40, not an hour later."""
    night = Night(staff(without=["insp-n", "ci-1"])).report().until("20:00")
    assert night.heard("supt-1") == ["19:30 escalate", "19:40 escalate", "19:50 escalate", "20:00 escalate"]


def test_nobody_at_all() -> None:
    """Every alarm that can ring rings, to nobody; and again each span until somebody comes on duty."""
    night = Night(roster()).report()
    assert night.rungs() == []
    assert night.tells == []
    assert (night.step(NOTIFY).holder, night.step(NOTIFY).rung) == (None, 4)
    assert f"{NOTIFY}: nobody on any rung" in night.rang(LAST)
    assert {alarm.to for alarm in night.alarms} == {None}
    night.roster = roster(on("supt-1", "on_call_superintendent"))
    assert night.until("19:10").heard("supt-1") == ["19:10 escalate"]
    assert night.step(NOTIFY).status is StepStatus.OVERDUE


def test_alarms_go_to_the_first_of_three_on_duty() -> None:
    """FIM, else the control-room sergeant, else the superintendent."""
    for gone, listener in (
        (["insp-n"], "fim-1"),
        (["insp-n", "fim-1"], "crs-1"),
        (["insp-n", "fim-1", "crs-1"], "supt-1"),
    ):
        night = Night(staff(without=gone)).report().until("19:30")
        heard = [alarm.to for alarm in night.alarms if alarm.detail == f"{NOTIFY}: duty_inspector on rung 2"]
        assert heard == [listener]
        assert any(
            t.type is MessageType.ALARM or "Alarm: " in t.asks[-1].text for t in night.tells if t.person == listener
        )


def test_an_unknown_area_goes_to_the_fim_and_the_force_wide_rungs() -> None:
    """Nobody is looked for in an area that does not exist."""
    night = Night().report(area="atlantis").until("19:30")
    assert night.rungs() == ["19:00 1 fim-1", "19:30 3 ci-1"]
    assert night.case.area is None


def test_a_decline_goes_up_the_next_rung_at_once() -> None:
    """It stays with the others who were told, and the reminders go on."""
    night = Night().report().until("19:05").says("insp-a", "declined", step=NOTIFY, reason="at a fatal collision")
    assert night.rungs()[-1] == "19:05 1 fim-1"
    assert night.case.offered_to is None
    assert night.step(NOTIFY).status is StepStatus.OPEN
    night.until("19:30")
    assert night.heard("sgt-s")[-1] == "19:30 remind"
    assert night.rungs()[-1] == "19:30 2 insp-n"


def test_a_decline_after_the_last_rung_never_puts_the_next_round_off() -> None:
    """Told again at once, and then one span later."""
    night = Night().report().until("19:55").says("supt-1", "declined", reason="not mine")
    assert night.heard("supt-1")[-1] == "19:55 escalate"
    assert night.until("20:15").heard("supt-1")[-2:] == ["20:05 escalate", "20:15 escalate"]


def test_declining_the_offer_alone() -> None:
    """The owner step has a ladder of its own."""
    night = Night().report().says("insp-a", "declined", step=ACCEPTS, reason="going off duty")
    assert night.rungs(ACCEPTS) == ["19:00 0 insp-a", "19:00 1 fim-1"]
    assert night.step(NOTIFY).rung == 0


def test_an_offer_to_somebody_else_survives_a_decline() -> None:
    """The sergeant declines; the case stays offered to the inspector."""
    assert Night().report().says("sgt-s", "declined", reason="busy").case.offered_to == "insp-a"


def test_every_push_refused_climbs_at_once() -> None:
    """The inbox alone tells nobody: alarm and next rung; on a finished step the alarm only."""
    night = Night().report()
    book = Book(night.case, night.pack, night.roster, night.now)
    unreachable(book, night.step(NOTIFY), "insp-a", night.now)
    night.keep(book.outcome())
    assert night.rungs()[-1] == "19:00 1 fim-1"
    assert night.rang(AlarmKey.UNREACHABLE) == [f"{NOTIFY}: insp-a"]
    done = night.says("fim-1", "acknowledged", step=NOTIFY).forget().step(NOTIFY)
    book = Book(night.case, night.pack, night.roster, night.now)
    unreachable(book, done, "insp-a", night.now)
    night.keep(book.outcome())
    assert (night.step(NOTIFY), len(night.alarms)) == (done, 1)


def test_a_step_without_a_ladder_rings_when_it_is_declined() -> None:
    """Where no rung can be told, the alarm is."""
    rules = pack(more=f'[steps.{ACCEPTS}]\nladder = "none"\n')
    night = Night(rules=rules).report().says("insp-a", "declined", step=ACCEPTS, reason="no")
    assert night.rang(LAST) == [f"{ACCEPTS}: nobody on any rung"]
    assert night.step(ACCEPTS).climb_at is None


def test_a_step_without_a_ladder_and_without_anybody() -> None:
    """One alarm says it; the step stays open and falls overdue."""
    rules = pack(more=f'[steps.{ACCEPTS}]\nladder = "none"\n')
    night = Night(staff(without=["insp-a"]), rules).report()
    assert f"{ACCEPTS}: duty_inspector on rung 0" in night.rang(NOBODY)
    assert night.rang(LAST) == []
    assert night.wait(at("21:00")).step(ACCEPTS).status is StepStatus.OVERDUE


def test_an_alarm_rings_once_in_a_decision() -> None:
    """The same key and detail twice is one alarm and one message."""
    night = Night().report().forget()
    book = Book(night.case, night.pack, night.roster, night.now)
    for _ in range(2):
        book.alarm(AlarmKey.BOUNCE, "again", night.now)
    night.keep(book.outcome())
    assert (len(night.alarms), len(night.tells), len(night.entries)) == (1, 1, 1)


def test_an_alarm_that_stands_is_not_rung_again() -> None:
    """No sergeant for the second review either: the FIM knows; once it was cleared, it rings anew."""
    night = Night(staff(without=["sgt-s"]), only("sergeant_review")).report().wait(at("04:00", 11))
    assert night.rang(NOBODY) == ["sergeant_review: response_sergeant on rung 0"]
    night.case = replace(night.case, ringing=frozenset())
    assert len(night.forget().wait(at("12:00", 11)).rang(NOBODY)) > 0


def test_an_alarm_about_the_home_itself() -> None:
    """No case is concerned; the FIM hears it all the same."""
    book = Book.of_home(pack(), staff(), at("19:00"))
    book.alarm(AlarmKey.INTAKE_REFUSED, "a record was refused", at("19:00"))
    (tell,) = book.outcome().tells
    assert (tell.person, tell.type, tell.title) == ("fim-1", MessageType.ALARM, "Alarm: intake refused")
    assert tell.asks[0].text == "Alarm: intake refused (a record was refused)"
