"""The door `open_card`: who opens the card of a role is written down, once for each person, pack and role."""

from datetime import datetime

from policy.terms import Role
from runtime.app import App
from store import cards


def open_card(app: App, pack: str, role: Role, person: str) -> datetime:
    """Write down a person's first sight of a card, and give when that was."""
    now = app.clock.now()
    with app.sessions.reading() as s:
        before = cards.opened_at(s, person, pack, role)
    if before is None:
        with app.sessions() as s:
            cards.open_first(s, person, pack, role, now)
    return before or now
