"""Who has opened which role's card, on every database."""

from store import cards
from store.engine import Sessions
from tests.store.samples import WALL, minutes


def test_the_first_opening_of_a_card_is_kept(sessions: Sessions) -> None:
    """By person, pack and role; a second time changes nothing."""
    with sessions() as s:
        assert cards.opened_at(s, "insp-a", "staffordshire", "duty_inspector") is None
        for at in (WALL, WALL + minutes(5)):
            cards.open_first(s, "insp-a", "staffordshire", "duty_inspector", at)
        cards.open_first(s, "sgt-s", "uk_app_baseline", "response_sergeant", WALL)
        assert cards.opened_at(s, "insp-a", "staffordshire", "duty_inspector") == WALL
        assert cards.opened(s, "staffordshire") == {("insp-a", "duty_inspector")}
        assert cards.opened(s, "metropolitan") == frozenset()
