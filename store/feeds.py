"""What is known of each source that Vigil reads: how far it has come, and when the source last answered.

It stands in `meta`, under the source's name; instants here are real ones, for a source does not hurry with a rehearsal.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from store import meta


@dataclass(frozen=True)
class Feed:
    """When a source was first asked and last answered, and how it failed if it did not answer the last time."""

    name: str
    since_at: datetime
    answered_at: datetime | None = None
    fault: str | None = None

    def age_s(self, wall: datetime) -> float:
        """Give the real seconds since the last answer, or since it was first asked."""
        return max((wall - (self.answered_at or self.since_at)).total_seconds(), 0.0)


def get(s: Session, name: str) -> Feed | None:
    """Give what is known of one source; None when it was never asked."""
    kept = meta.get(s, f"feed/{name}")
    if kept is None:
        return None
    said = json.loads(kept)
    answered = said["answered_at"]
    since_at, answered_at = (
        datetime.fromisoformat(said["since_at"]),
        datetime.fromisoformat(answered) if answered else None,
    )
    return Feed(name, since_at, answered_at, said["fault"])


def known(s: Session, names: Sequence[str]) -> list[Feed]:
    """Give those of these sources that have been asked at least once."""
    found = (get(s, name) for name in names)
    return [feed for feed in found if feed is not None]


def put(s: Session, feed: Feed) -> None:
    """Write down how a source stands."""
    answered = feed.answered_at.isoformat() if feed.answered_at else None
    said = {"since_at": feed.since_at.isoformat(), "answered_at": answered, "fault": feed.fault}
    meta.put(s, f"feed/{feed.name}", json.dumps(said))


def progress(s: Session, name: str) -> Mapping[str, object]:
    """Give how far the reading of a source has come; empty at first."""
    kept: Mapping[str, object] = json.loads(meta.get(s, f"progress/{name}") or "{}")
    return kept


def put_progress(s: Session, name: str, progress: Mapping[str, object]) -> None:
    """Write down how far the reading of a source has come."""
    meta.put(s, f"progress/{name}", json.dumps(progress))
