"""Taking facts into a case, within the transaction of whichever door they came through."""

from collections.abc import Sequence

from policy import record as recording
from policy.facts import Fact
from runtime.app import App
from runtime.writing import Pen, at_once, write
from store.cases import Stored


def take(app: App, pen: Pen, stored: Stored, fact: Fact) -> Stored:
    """Take a fact into a case within a transaction that has locked it; raises Refused with nothing written."""
    return take_all(app, pen, stored, [fact])


def take_all(app: App, pen: Pen, stored: Stored, said: Sequence[Fact]) -> Stored:
    """Take facts that came together, all or none: each person who is asked anything gets one message."""
    pack = app.pack_of(stored.case)
    outcome = recording.record_all(stored.case, said, pack, app.roster(pen.session, pen.now), pen.now)
    return write(pen, stored, outcome, wake_at=at_once(stored, pen.now))
