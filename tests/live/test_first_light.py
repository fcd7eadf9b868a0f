"""First light, through the real processes: a record comes in, people are told, silence climbs, an answer stops it."""

from datetime import datetime

import pytest

from tests.live.force import NOTICE, SPEED, Force

pytestmark = [pytest.mark.live, pytest.mark.timeout(240)]


def test_a_report_starts_a_run_and_tells_the_inspector_and_the_sergeant(force: Force) -> None:
    """Within two seconds both phones have it, and the run says what the case awaits and by when."""
    answer = force.report("stoke")
    case = answer["case"]
    assert answer["flow_run_id"]
    for person in ("insp-stoke", "sgt-stoke"):
        told = force.sink.wait_for(person, within_s=5, case=case, type="notify")[0]
        assert told.body["ask"].startswith("Acknowledge that you have this case")
        assert told.body["to"]["person"] == person
        assert told.headers["webhook-signature"].startswith("v1,")
    run = force.settled(case)
    assert run["name"].startswith(case)
    assert run["state_name"].startswith("Awaiting LOI acknowledgement by ")
    assert {"risk:medium", "area:stoke", "pack:staffordshire"} <= set(run["tags"])
    assert run["parameters"] == {"case": case}
    assert len(force.named(case, "Notify LOI")) == 1
    asked = {"artifacts": {"key": {"any_": [f"agenda-{case.lower()}"]}}}
    agenda = force.stack.prefect("/artifacts/latest/filter", asked)
    assert agenda[0]["data"].splitlines()[0].startswith("**Awaiting LOI acknowledgement by ")
    force.fact(case, "acknowledged", "insp-stoke")


def test_an_unacknowledged_notice_climbs_every_rung_and_goes_on(force: Force) -> None:
    """Force Incident Manager, neighbour, chief inspector, superintendent, then the last two again; each a task run."""
    case = force.unanswered
    minute_s = 60 / SPEED
    rungs = [("fim-1", 1, 20), ("insp-lichfield", 2, 30), ("ci-1", 3, 40), ("sup-1", 4, 50)]
    for person, rung, minutes in rungs:
        told = force.sink.wait_for(
            person, within_s=minutes * minute_s + 15, case=case, step=NOTICE, rung=rung, type="escalate"
        )
        assert told[0].body["reminder"] == 0
    force.sink.wait_for("sup-1", within_s=25, case=case, step=NOTICE, rung=4, reminder=1)
    force.sink.wait_for("ci-1", within_s=15, case=case, step=NOTICE, rung=3, reminder=1)
    run = force.settled(case)
    assert "overdue" in run["tags"]
    assert force.step(case)["status"] == "overdue"
    force.named(case, "Escalate to On-call superintendent")
    names = [act["name"] for act in force.acts(case)]
    climbed = ["Notify LOI", "Escalate to Force Incident Manager", "Escalate to neighbouring LOI"]
    climbed += ["Escalate to Duty chief inspector", "Escalate to On-call superintendent"]
    assert [name for name in dict.fromkeys(names) if name in climbed] == climbed  # later the owner step climbs too
    reminders = [name for name in names if name.startswith("Remind LOI ")]
    assert reminders, names
    assert len(set(reminders)) == len(reminders)
    force.told_once(case)
    force.fact(case, "acknowledged", "insp-tamworth")
    force.sink.wait_for("sup-1", within_s=5, case=case, type="cancel")


@pytest.mark.parametrize("way", ["link", "api", "prefect"])
def test_acknowledging_stops_the_ladder_and_names_the_person(force: Force, way: str) -> None:
    """By link, by API and by Prefect's Resume form; the journal tells which; acknowledged is not accepted."""
    area = {"link": "newcastle", "api": "moorlands", "prefect": "stafford"}[way]
    case, inspector = force.report(area)["case"], f"insp-{area}"
    told = force.sink.wait_for(inspector, within_s=8, case=case, type="notify")[0]
    run = force.settled(case)
    ANSWERING[way](force, case, inspector, told.body["link"] if way == "link" else run["id"])
    force.sink.wait_for(f"sgt-{area}", within_s=8, case=case, type="cancel")
    assert force.step(case)["status"].startswith("done")
    view = force.stack.ask(f"/cases/{case}")
    assert view["owner"] is None
    assert view["responsible"] == "fim-1"
    facts = [e for e in force.stack.ask(f"/cases/{case}/journal")["entries"] if e["kind"] == "fact"]
    assert [(e["by"], e["route"], e["body"]["fact"]) for e in facts] == [(inspector, way, "acknowledged")]
    force.fact(case, "accepted", inspector)
    owner = force.stack.ask(f"/cases/{case}")["owner"]
    assert owner == inspector
    assert not force.sink.calls("fim-1", case=case, type="escalate", step=NOTICE)


def _by_link(force: Force, case: str, person: str, link: str) -> None:
    del case, person
    assert force.page("POST", link, {"decision": "acknowledge"}) == 200
    assert force.page("POST", link, {"decision": "acknowledge"}) == 200  # the same again changes nothing


def _by_api(force: Force, case: str, person: str, run_id: str) -> None:
    del run_id
    force.fact(case, "acknowledged", person)


def _by_prefect(force: Force, case: str, person: str, run_id: str) -> None:
    del case
    typed = {"run_input": {"collar_number": person, "decision": "acknowledge"}}
    answer = force.stack.prefect(f"/flow_runs/{run_id}/resume", typed)
    assert answer["status"] == "ACCEPT", answer


ANSWERING = {"link": _by_link, "api": _by_api, "prefect": _by_prefect}


def test_a_provider_that_is_down_for_a_moment_is_tried_again_in_one_task_run(force: Force) -> None:
    """503, 503, 200: one task run with three attempts on the run's page, and one receipt."""
    force.sink.answer("insp-cannock", 503, 503)
    case = force.report("cannock", "high")["case"]
    got = force.sink.wait_for("insp-cannock", within_s=15, times=3, case=case, type="notify")
    assert [c.status for c in got[:3]] == [503, 503, 200]
    assert len({c.headers["webhook-id"] for c in got[:3]}) == 1
    notices = []
    for _ in force.ticks(within_s=10):  # Prefect writes task runs down a little after they happen
        notices = [(a["run_count"], a["state_type"]) for a in force.acts(case) if a["name"] == "Notify LOI"]
        if notices == [(3, "COMPLETED")]:
            break
    assert notices == [(3, "COMPLETED")]
    force.fact(case, "acknowledged", "insp-cannock")


def test_a_provider_that_refuses_is_not_tried_again_and_the_next_channel_is_used(force: Force) -> None:
    """400: once on the webhook; the inbox has it within a second; the next rung at once, with an alarm."""
    force.sink.answer("insp-lichfield", 400)
    case = force.report("lichfield", "low")["case"]
    force.sink.wait_for("insp-lichfield", within_s=8, case=case, type="notify")
    force.sink.wait_for("fim-1", within_s=8, case=case, type="escalate", step=NOTICE)
    mine = [m for m in force.stack.ask(f"/cases/{case}/messages")["messages"] if m["to"] == "insp-lichfield"]
    first = {m["channel"]: m for m in mine if m["reminder"] == 0 and m["step"] == NOTICE and m["rung"] == 0}
    assert first["webhook"]["state"] == "failed"
    assert first["inbox"]["state"] == "received"
    gap_s = abs(_instant(first["inbox"]["received_at"]) - _instant(first["webhook"]["sent_at"])) / SPEED
    assert gap_s <= 1.0
    assert len(force.sink.calls("insp-lichfield", case=case, type="notify")) == 1
    alarms = force.stack.ask("/alarms")
    assert any(a["key"] == "unreachable" and a["case"] == case for a in alarms["alarms"])
    force.fact(case, "acknowledged", "sgt-lichfield")


def _instant(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
