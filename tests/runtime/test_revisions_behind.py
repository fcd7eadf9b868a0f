"""Who stands behind a revision: an override of a ceiling, cover that has ended, a name that was only claimed."""

import tomllib
from collections.abc import Iterator
from datetime import timedelta

import pytest
import tomli_w

from policy.errors import Refused
from policy.terms import AlarmKey, Risk, Route
from runtime import door_acting, door_revisions, readings_revisions
from store import alarms, messages
from tests.runtime.revision_world import PACK, START, Force, a_force

CEILING = {"step": "ukmpu_notification", "field": "due", "value": "96h"}


@pytest.fixture
def force() -> Iterator[Force]:
    """Begin an evening."""
    with a_force() as made:
        yield made


def test_above_a_national_ceiling_it_takes_a_named_override(force: Force) -> None:
    """96 hours where 72 is the law: refused; in a superintendent's name and with a reason taken, rung, and said."""
    with pytest.raises(Refused) as refused:
        force.propose(CEILING)
    assert refused.value.rule == "ceiling"
    assert "override" in refused.value.missing[0].what
    override = {"by": "ci-1", "reason": "The feed is down until March"}
    with pytest.raises(Refused) as low:
        force.propose(CEILING, override=override)
    assert (low.value.rule, "superintendent" in low.value.who_may) == ("ceiling", True)
    made = force.propose(CEILING, override={**override, "by": "supt-2"})
    with pytest.raises(Refused) as admin:
        force.approve(made.number, "adm-2")
    assert admin.value.rule == "ceiling"
    force.approve(made.number, "supt-1")
    with force.app.sessions.reading() as s:
        pack = force.app.shelf.get(s, PACK, made.number)
        rung = [alarm for alarm in alarms.listing(s) if alarm.key == AlarmKey.CEILING_OVERRIDE]
    assert pack.overrides["ukmpu_notification"].by == "supt-2"
    assert set(pack.steps["ukmpu_notification"].over_ceiling()) >= {Risk.MEDIUM}
    assert ["ukmpu_notification" in alarm.detail and "supt-2" in alarm.detail for alarm in rung] == [True]
    assert "overrides.ukmpu_notification" in readings_revisions.exported(force.app, PACK)


def test_an_override_answers_for_its_own_time_alone(force: Force) -> None:
    """Once 96 hours were overridden, 240 take an override of their own; so does a pack whose text brings one along."""
    override = {"by": "supt-2", "reason": "The feed is down until March"}
    force.approve(force.propose(CEILING, override=override).number)
    with pytest.raises(Refused) as refused:
        force.propose({**CEILING, "value": "240h"})
    assert refused.value.rule == "ceiling"
    table = tomllib.loads(readings_revisions.exported(force.app, PACK))
    table["steps"]["ukmpu_notification"]["due"]["low"] = "240h"
    with pytest.raises(Refused) as brought:
        force.propose(text=tomli_w.dumps(table))
    assert brought.value.rule == "ceiling"
    same = force.propose()
    assert same.override is None, "what stands overridden stays so beside another edit"


def test_cover_counts_while_it_lasts(force: Force) -> None:
    """Somebody who was a superintendent for an hour approves in that hour, and not after it."""
    made = force.propose()
    until = (START + timedelta(hours=1)).isoformat()
    grant = {"person": "ci-1", "role": "on_call_superintendent", "area": "*", "reason": "Sick"}
    door_acting.act_up(force.app, {**grant, "from": START.isoformat(), "to": until}, "supt-1", Route.API)
    force.forward(90)
    with pytest.raises(Refused):
        force.approve(made.number, "ci-1")


def test_whoever_is_named_where_nobody_signs_in_is_told(force: Force) -> None:
    """Prefect's form takes any collar number: the person of that number hears of it."""
    door_revisions.propose(force.app, PACK, force.body(), "supt-2", Route.PREFECT)
    force.sim.settle()
    told = [a.payload for a in force.sim.phones.arrivals if a.payload["to"]["person"] == "supt-2"]
    with force.app.sessions.reading() as s:
        inbox = [m.asks for m in messages.inbox(s, "supt-2")]
    assert told or any("proposed in your name" in str(asks) for asks in inbox)
