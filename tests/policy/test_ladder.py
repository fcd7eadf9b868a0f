"""The times of the notify step, minute by minute, as design section 4 has them."""

import pytest

from policy.pack import Pack
from policy.terms import AlarmKey, MessageType, Risk, Stage, StepStatus
from tests.policy.night import ASSESS, CONFIRM, NOTIFY, Night, at, baseline, clock, pack, staff

REMINDED = [f"{hour}:{minute:02d} remind" for hour in (19, 20) for minute in range(0, 60, 3)][1:]


def test_staffordshire_medium_minute_by_minute() -> None:
    """19:00, 19:03 ..., overdue 19:10, FIM 19:20, neighbour 19:30, chief inspector 19:40, superintendent 19:50."""
    night = Night().report().until("20:21")
    assert night.heard("insp-a") == ["19:00 notify", *[said for said in REMINDED if said < "20:22"]]
    assert night.heard("sgt-s") == night.heard("insp-a")
    assert night.heard("fim-1", type_="escalate") == ["19:20 escalate"]
    assert night.heard("insp-n") == ["19:30 escalate"]
    assert night.heard("ci-1") == ["19:40 escalate", "20:00 escalate", "20:10 escalate", "20:20 escalate"]
    assert night.heard("supt-1") == ["19:50 escalate", "20:00 escalate", "20:10 escalate", "20:20 escalate"]
    assert (night.step(NOTIFY).status, night.due(NOTIFY)) == (StepStatus.OVERDUE, "19:10")


def test_the_breach_is_dated_when_it_fell_due() -> None:
    """Noticed at half past by an engine that slept, written as of ten past."""
    night = Night().report().jump(at("19:30"))
    (breach,) = [e for e in night.entries if e.kind == "overdue" and e.body["step"] == NOTIFY]
    assert (clock(breach.at), breach.body["holder"]) == ("19:10", "insp-a")


def test_a_deadline_has_passed_at_its_very_instant() -> None:
    """A second before it is open, at it it is overdue."""
    night = Night().report().until("19:09:59")
    assert night.step(NOTIFY).status is StepStatus.OPEN
    assert night.until("19:10").step(NOTIFY).status is StepStatus.OVERDUE


@pytest.mark.parametrize(
    ("risk", "times"),
    [
        ("very_low", ["19:00 0 insp-a", "19:00 0 sgt-s", "19:30 1 fim-1", "19:45 2 insp-n"]),
        ("low", ["19:00 0 insp-a", "19:00 0 sgt-s", "19:30 1 fim-1", "19:45 2 insp-n", "20:00 3 ci-1"]),
        (
            "high",
            ["19:00 0 insp-a", "19:00 0 sgt-s", "19:10 1 fim-1", "19:15 2 insp-n", "19:20 3 ci-1", "19:25 4 supt-1"],
        ),
    ],
)
def test_each_level_climbs_in_its_own_time(risk: str, times: list[str]) -> None:
    """Rung n stands at the deadline and n spans; an adult, so that no floor lifts the level."""
    night = Night().report(risk=risk, person={"age": 40}).until("20:14")
    assert night.rungs() == times


def test_the_baseline_climbs_in_its_own_time() -> None:
    """The national numbers: medium reminded every 4 minutes."""
    night = Night(rules=baseline()).report().until("19:20")
    assert night.heard("insp-a") == ["19:00 notify", *(f"19:{m:02d} remind" for m in (4, 8, 12, 16, 20))]
    assert night.heard("fim-1", type_="escalate") == ["19:20 escalate"]


def test_a_ladder_may_count_from_the_anchor() -> None:
    """`ladder_from = "anchor"`: rung n stands at the anchor and n spans, the first with the deadline itself."""
    night = Night(rules=_from_anchor()).report().until("20:01")
    assert night.rungs()[2:] == ["19:10 1 fim-1", "19:20 2 insp-n", "19:30 3 ci-1", "19:40 4 supt-1"]
    assert night.heard("supt-1") == ["19:40 escalate", "19:50 escalate", "20:00 escalate"]
    kinds = [e.kind for e in night.entries if e.at == at("19:10") and e.body.get("step") == NOTIFY]
    assert kinds == ["overdue", "chosen"]


def _from_anchor() -> Pack:
    return pack(more=f'[steps.{NOTIFY}]\nladder_from = "anchor"\n')


def test_what_a_message_says() -> None:
    """Who, in which role, about what, by when; the first names its stage, a rung that of escalation."""
    night = Night().report().until("19:20")
    first, rung = night.message("insp-a", "notify"), night.message("fim-1", "escalate")
    assert (first.title, first.label, first.stage, first.rung) == ("Notify LOI", "LOI", Stage.NOTIFY, 0)
    assert first.asks[0].text == "Acknowledge that you have this case"
    assert first.asks[0].due_at == at("19:10")
    assert [contact.address for contact in first.contacts] == ["https://phone.example/insp-a"]
    assert (rung.title, rung.stage, rung.rung) == ("Escalate to Force Incident Manager", Stage.ESCALATE, 1)
    assert "Speak to the inspector by voice" in [ask.text for ask in rung.asks]


def test_titles_name_the_act() -> None:
    """One Prefect task run each: reminder, neighbour, round."""
    night = Night().report().until("20:00")
    titles = {tell.title for tell in night.tells}
    assert {
        "Remind LOI 1",
        "Remind Area sergeant 1",
        "Escalate to neighbouring LOI",
        "Escalate to On-call superintendent",
        "Escalate again 1 to On-call superintendent",
    } <= titles


def test_a_task_is_told_once_more_when_it_is_overdue_and_then_climbs() -> None:
    """No reminders in between: 19:00, 19:20, chief inspector 19:40, superintendent 20:00."""
    night = Night().report().until("20:00")
    assert night.heard("fim-1", CONFIRM) == ["19:00 task", "19:20 escalate"]
    assert night.rungs(CONFIRM) == ["19:00 0 fim-1", "19:40 1 ci-1", "20:00 2 supt-1"]


def test_the_reminder_of_a_task_names_it() -> None:
    """Who has acknowledged and not accepted is reminded of the offer alone."""
    night = Night().report().until("19:05").says("insp-a", "acknowledged").forget().until("19:30")
    (tell,) = [t for t in night.tells if t.person == "insp-a"]
    assert (tell.type, tell.title) == (MessageType.REMIND, "Remind: A named owner accepts the case")


def test_a_level_that_is_not_set_is_asked_for() -> None:
    """Without a level the call handler's step stays open, and the FIM is told; a record with one has done it."""
    assert Night().report(risk=None).step(ASSESS).status is StepStatus.OPEN
    assert Night().report(risk="low").step(ASSESS).status is StepStatus.DONE


@pytest.mark.parametrize(
    ("age", "due"), [(13, "19:05"), (None, "19:05"), (40, "19:10")], ids=["child", "unknown", "adult"]
)
def test_until_risk_is_set_timers_run_as_medium_and_for_a_child_as_high(age: int | None, due: str) -> None:
    """From the first second."""
    night = Night().report(risk=None, person={"name": "Somebody", "age": age})
    assert (night.case.risk, night.due(NOTIFY)) == (None, due)


@pytest.mark.parametrize("risk", [*Risk, None])
def test_a_jump_tells_every_rung_and_only_the_newest_reminder(risk: Risk | None) -> None:
    """After an outage: every rung dated when it fell due, one reminder, one round."""
    steps, jump = Night().report(risk=risk).until("20:31"), Night().report(risk=risk).jump(at("20:31"))
    assert jump.rungs() == steps.rungs()
    assert jump.step(NOTIFY) == steps.step(NOTIFY)
    first, *reminders = jump.heard("insp-a")
    assert first == "19:00 notify"
    assert reminders == steps.heard("insp-a")[-1:]


def test_one_message_to_each_after_an_outage() -> None:
    """Nobody's phone rings ten times because ours was down."""
    night = Night().report().forget().jump(at("20:31"))
    people = [tell.person for tell in night.tells]
    assert sorted(people) == sorted(set(people))


def test_a_record_from_long_ago_is_told_once_and_at_once() -> None:
    """A slip in the year does not keep the intake busy for hours."""
    night = Night().report(recorded_at="1926-01-10T19:00:00Z", reported_at="1926-01-10T19:00:00Z")
    assert {t.person for t in night.step(NOTIFY).told} == {"insp-a", "sgt-s", "fim-1", "insp-n", "ci-1", "supt-1"}
    assert len([tell for tell in night.tells if tell.person == "insp-a"]) == 1


def test_somebody_who_comes_on_duty_is_told_by_the_rungs() -> None:
    """Whoever holds the role when the rung falls due; the reminders stay with those first told."""
    night = Night(staff(without=["supt-1"])).report().until("19:45")
    night.roster = staff(without=["insp-a"])
    night.until("19:51")
    assert night.heard("supt-1") == ["19:50 escalate"]
    assert night.heard("insp-a")[-1] == "19:51 remind"
    assert [said for said in night.rang(AlarmKey.NOBODY_ON_DUTY) if NOTIFY in said] == []
