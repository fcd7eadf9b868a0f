"""What the task run of an act says in the end: told, put off, or that it reached nobody."""

import pytest

from channels import NotNow
from policy.terms import Channel
from runtime import app
from tasks.acts import deliver
from tests.runtime.alarm_world import World


def _ended(world: World) -> set[str]:
    """Give how the task runs ended that tell the inspector of a report."""
    theirs = [act for act in world.acts(world.unseen()) if any("/insp-a/" in key for key in act.messages)]
    with app.use(world.app):
        ends = [deliver(act) for act in theirs]
    return {str(end.name) if end else "Completed" for end in ends}


def test_whoever_was_told_by_one_of_push_and_text_is_told() -> None:
    """The push is down and the text came through."""
    world = World({"insp-a": "webhook sms"})
    world.fails["insp-a", Channel.WEBHOOK] = NotNow("http_503", 503, down=True)
    assert _ended(world) == {"Completed"}


@pytest.mark.parametrize("text_is_down", [True, False])
def test_nobody_reads_that_somebody_was_told_who_was_not(text_is_down: bool) -> None:
    """The provider of the pushes is down and the text was tried and failed too: it is put off, and says so."""
    world = World({"insp-a": "webhook sms"})
    world.fails["insp-a", Channel.WEBHOOK] = NotNow("http_503", 503, down=True)
    world.fails["insp-a", Channel.SMS] = NotNow("http_503", 503, down=text_is_down)
    assert _ended(world) == {"Put off"}


def test_an_address_that_is_wrong_for_good_reached_nobody() -> None:
    """The next rung is told; that this one was must stand nowhere."""
    world = World()
    world.break_for_good("insp-a", Channel.WEBHOOK)
    assert _ended(world) == {"Not received"}


def test_a_letter_that_failed_beside_a_push_changes_nothing() -> None:
    """The telephone rang."""
    world = World({"insp-a": "webhook email"})
    world.break_for_good("insp-a", Channel.EMAIL)
    assert _ended(world) == {"Completed"}
