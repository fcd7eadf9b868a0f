"""No wake is lost and no pass runs beside another, wherever in a pass a fact falls."""

import pytest

from tests.live.force import AREAS, NOTICE, SPEED, Force

pytestmark = [pytest.mark.live, pytest.mark.timeout(240)]
POINTS_MS = (0, 30, 60, 90, 130, 170, 220, 280, 350, 450)
ACTED_ON_S = 2.0


def test_a_fact_that_falls_into_a_pass_is_acted_on_within_two_seconds(force: Force) -> None:
    """The pass of a new report takes some 300 ms; an answer at ten points of it stops the ladder each time."""
    said: list[tuple[str, str, float]] = []
    for number, point_ms in enumerate(POINTS_MS):
        area = AREAS[number % len(AREAS)]
        case = force.report(area)["case"]
        force.pause(point_ms / 1000)
        said.append((case, area, force.sink.elapsed_s()))
        force.fact(case, "acknowledged", f"insp-{area}")
    for case, area, said_s in said:
        asked = force.sink.wait_for("fim-1", within_s=8, case=case, step="log_notification_in_c_and_c")
        assert asked[0].at_s - said_s <= ACTED_ON_S
        for stood_down in force.sink.calls(f"sgt-{area}", case=case, type="cancel"):
            assert stood_down.at_s - said_s <= ACTED_ON_S
        force.settled(case, but="LOI acknowledgement")
        force.told_once(case)


def test_a_deadline_and_a_fact_at_the_same_instant(force: Force) -> None:
    """At the instant of the first rung the inspector acknowledges: nobody is told twice and nothing is stuck."""
    case = force.report("stoke", "high")["case"]
    told = force.sink.wait_for("insp-stoke", within_s=8, case=case, type="notify")[0]
    rung_s = told.at_s + 2 * 5 * 60 / SPEED  # high: overdue after 5 minutes, the first rung 5 minutes later
    force.pause(max(rung_s - force.sink.elapsed_s() - 0.05, 0))
    force.fact(case, "acknowledged", "insp-stoke")
    run = force.settled(case, but="LOI acknowledgement")
    assert run["state_name"].startswith("Awaiting ")
    assert force.step(case)["status"].startswith("done")
    escalated = len(force.sink.calls("fim-1", case=case, step=NOTICE, type="escalate"))
    stood_down = len(force.sink.calls("fim-1", case=case, step=NOTICE, type="cancel"))
    assert escalated == stood_down  # whoever was told is told that it is over, and nobody else is
    force.told_once(case)
