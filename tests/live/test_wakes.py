"""No wake is lost and no pass runs beside another, wherever in a pass a fact falls."""

import pytest

from tests.live.force import AREAS, NOTICE, SPEED, Force

pytestmark = [pytest.mark.live, pytest.mark.timeout(240)]
POINTS_MS = (0, 30, 60, 90, 130, 170, 220, 280, 350, 450)
ACTED_ON_S = 2.0


@pytest.mark.parametrize("point_ms", POINTS_MS)
def test_a_fact_that_falls_into_a_pass_is_acted_on_within_two_seconds(force: Force, point_ms: int) -> None:
    """The pass of a new report takes some 300 ms; an answer at ten points of it stops the ladder each time."""
    area = AREAS[POINTS_MS.index(point_ms) % len(AREAS)]
    case = force.report(area)["case"]
    force.pause(point_ms / 1000)
    said_s = force.sink.elapsed_s()
    force.fact(case, "acknowledged", f"insp-{area}")
    stood_down = force.sink.wait_for(f"sgt-{area}", within_s=8, case=case, type="cancel")
    asked = force.sink.wait_for("fim-1", within_s=8, case=case, step="log_notification_in_c_and_c")
    assert stood_down[0].at_s - said_s <= ACTED_ON_S
    assert asked[0].at_s - said_s <= ACTED_ON_S
    run = force.settled(case)
    assert "LOI acknowledgement" not in run["state_name"]
    force.told_once(case)


def test_a_deadline_and_a_fact_at_the_same_instant(force: Force) -> None:
    """At the instant of the first rung the inspector acknowledges: nobody is told twice and nothing is stuck."""
    case = force.report("stoke", "high")["case"]
    told = force.sink.wait_for("insp-stoke", within_s=8, case=case, type="notify")[0]
    rung_s = told.at_s + 2 * 5 * 60 / SPEED  # high: overdue after 5 minutes, the first rung 5 minutes later
    force.pause(max(rung_s - force.sink.elapsed_s() - 0.05, 0))
    force.fact(case, "acknowledged", "insp-stoke")
    run = force.settled(case)
    assert "LOI acknowledgement" not in run["state_name"]
    assert force.step(case)["status"].startswith("done")
    escalated = len(force.sink.calls("fim-1", case=case, step=NOTICE, type="escalate"))
    stood_down = len(force.sink.calls("fim-1", case=case, step=NOTICE, type="cancel"))
    assert escalated == stood_down  # whoever was told is told that it is over, and nobody else is
    force.told_once(case)
