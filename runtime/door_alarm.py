"""The door `ring`: an alarm that no case's decision brings about reaches whoever hears alarms at this minute."""

from collections.abc import Sequence

from policy.book import Book
from policy.intents import Entry
from policy.terms import AlarmKey, Route
from runtime.app import App
from store import alarms, journal, outbox


def ring(
    app: App,
    key: AlarmKey,
    detail: str,
    *,
    case: str | None = None,
    route: Route = Route.SYSTEM,
    said: Sequence[Entry] = (),
) -> bool:
    """Ring an alarm of the home, or about a case whose own pass cannot speak; False when it stands already.

    It is pushed by the timer, which needs no pass for it; `detail` holds ids and words of ours, never a name.
    `said` is journalled with it, also when the alarm stands.
    """
    now = app.clock.now()
    with app.sessions() as s:
        book = Book.of_home(app.packs[app.settings.pack], app.roster(s, now), now)
        book.alarm(key, f"{case}: {detail}" if case else detail, now)
        outcome = book.outcome()
        (alarm,) = outcome.alarms
        rings = alarms.ring(s, alarm, alarm.to, case, now)
        if rings:
            outbox.put(s, None, outcome.tells, queued_at=now)
        entries = [*(outcome.entries if rings else ()), *said]
        journal.append(s, entries, case=case, route=route, written_at=now)
    app.knock("timer")
    return rings
