"""What the machine has found, each as a plain story."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from policy.terms import Channel
from tests.simulation.night import Night

INSPECTOR, SERGEANT = "duty-inspector-stoke-2", "response-sergeant-stoke-1"


@pytest.fixture
def night() -> Iterator[Night]:
    """A night in Staffordshire."""
    here = Night("staffordshire")
    yield here
    here.close()


def test_what_one_message_asks_for_is_not_lost_with_a_notice_that_is_over(night: Night) -> None:
    """The sergeant's phone is dead while the inspector accepts: the notice is over, *send officers* is not."""
    phones = night.world.sim.phones
    phones.out_of_order.add(Channel.WEBHOOK)
    stamp = night.now.isoformat()
    person = {"name": "Somebody", "date_of_birth": "1980-05-01"}
    record = {"source": "s", "source_id": "1", "reported_at": stamp, "recorded_at": stamp, "area": "stoke"}
    case = night.report({**record, "risk": "medium", "person": person})
    night.cases.append(case)
    assert night.say(case, {"kind": "accepted", "by": INSPECTOR})
    phones.out_of_order.clear()
    night.wait(2)
    night.check()
    asked = [heard.ask for heard in night.heard if heard.person == SERGEANT]
    assert any("Send officers" in ask for ask in asked)
    assert not any("Acknowledge" in ask for ask in asked)
    step = night.case(case).step("deploy_and_attend")
    assert step is not None
    assert step.due_at == night.now - timedelta(minutes=2) + timedelta(hours=1)
