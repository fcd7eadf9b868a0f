"""Links: one person, one attempt, one time; anything else is refused with the reason."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from policy.errors import Forbidden, UsedLink
from runtime.links import Link, Links

NOW = datetime(2026, 1, 10, 19, tzinfo=UTC)
KEY = "MP-2026-000001/notify_local_supervisor/1/0/0/insp-a/webhook"


@dataclass
class Still:
    """A clock that stands where it is put."""

    at: datetime = NOW
    speed: float = 1.0

    def now(self) -> datetime:
        return self.at

    def wall(self) -> datetime:
        return self.at


def test_a_link_gives_back_what_it_was_made_for() -> None:
    """Attempt and person come back; the token fits into an address as it is."""
    links = Links("secret", Still())
    token = links.make(KEY, "insp-a", NOW + timedelta(hours=1))
    assert links.read(token) == Link(KEY, "insp-a")
    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")


def test_a_link_ends_at_its_instant_of_the_procedures_clock() -> None:
    """In a rehearsal a link ages as fast as the case does."""
    clock = Still()
    links = Links("secret", clock)
    token = links.make(KEY, "insp-a", NOW + timedelta(hours=1))
    clock.at = NOW + timedelta(minutes=59, seconds=59)
    assert links.read(token).person == "insp-a"
    clock.at = NOW + timedelta(hours=1)
    with pytest.raises(UsedLink, match="ended at 2026-01-10T20:00Z; sign in"):
        links.read(token)


@pytest.mark.parametrize("spoil", [lambda t: t[:-1], lambda t: "x" + t, lambda t: "", lambda t: "ü"])
def test_a_link_that_was_changed_is_forged(spoil: object) -> None:
    """Cut, lengthened, empty or not even ASCII: forged, never an error."""
    links = Links("secret", Still())
    token = links.make(KEY, "insp-a", NOW + timedelta(hours=1))
    assert callable(spoil)
    with pytest.raises(Forbidden, match="not one of ours"):
        links.read(spoil(token))


def test_a_link_of_another_home_is_forged() -> None:
    """Each home signs with its own secret."""
    token = Links("theirs", Still()).make(KEY, "insp-a", NOW + timedelta(hours=1))
    with pytest.raises(Forbidden):
        Links("ours", Still()).read(token)
