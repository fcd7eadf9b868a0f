"""Whether the sources that Vigil reads still answer: a silent feed looks like a quiet night."""

from datetime import datetime, timedelta

import structlog
from sqlmodel import Session

from policy.intents import Entry
from policy.terms import AlarmKey, Route
from runtime.app import App
from runtime.door_alarm import ring
from store import alarms, feeds, journal

log = structlog.get_logger()


def oldest_age_s(app: App, s: Session) -> float | None:
    """Give the real seconds since the last answer of the feed that has been silent for longest; None: no feed."""
    wall = app.clock.wall()
    found = [feed.age_s(wall) for feed in feeds.known(s, list(app.settings.sources))]
    return round(max(found), 1) if found else None


class FeedCheck:
    """Rings `feed_old` for each source that has not answered for its time, and clears it when it answers again.

    A source cannot have answered while Vigil stood still, so nothing is counted from before `started_at`.
    """

    def __init__(self, app: App, started_at: datetime) -> None:
        self._app = app
        self._started_at = started_at

    def look(self) -> None:
        """Look once at every source; an alarm of one that is no longer in the settings is cleared."""
        app, wall = self._app, self._app.clock.wall()
        with app.sessions.reading() as s:
            known = {feed.name: feed for feed in feeds.known(s, list(app.settings.sources))}
            standing = [a.detail for a in alarms.listing(s, standing=True) if a.key is AlarmKey.FEED_OLD]
        old = set()
        for name, setting in app.settings.sources.items():
            feed, limit = known.get(name), timedelta(seconds=setting.seconds("old_after"))
            since = max(feed.answered_at or feed.since_at, self._started_at) if feed else self._started_at
            if wall - since > limit:
                old.add(f"{name}: no answer for {setting.old_after}")
            elif feed is None or feed.answered_at is None or feed.answered_at < self._started_at:
                old |= {detail for detail in standing if detail.startswith(f"{name}: ")}  # not heard of since the start
        for detail in sorted(old - set(standing)):
            log.warning("feed_old", source=detail.partition(":")[0])
            ring(app, AlarmKey.FEED_OLD, detail)
        for detail in sorted(set(standing) - old):
            self._clear(detail)

    def _clear(self, detail: str) -> None:
        now = self._app.clock.now()
        with self._app.sessions() as s:
            if alarms.clear(s, AlarmKey.FEED_OLD, None, now, detail):
                said = [Entry("alarm_cleared", now, {"key": AlarmKey.FEED_OLD, "detail": detail})]
                journal.append(s, said, case=None, route=Route.SYSTEM, written_at=now)
