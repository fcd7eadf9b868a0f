"""The roads are the timer's jobs: one for the folder, two for each source, one that listens for silence."""

import threading
from datetime import timedelta
from pathlib import Path

from policy.terms import AlarmKey
from runtime.intake import jobs
from tests.runtime.intake_world import Database, open_intake, row


def test_every_source_is_watched_and_counted_in_its_own_time(tmp_path: Path) -> None:
    """What waits for the world has threads of its own; sources are asked at once after a start."""
    database = Database(tmp_path / "force.db")
    database.put(row(1))
    with open_intake(tmp_path) as intake:
        intake.source(url=database.url, query="SELECT * FROM missing", every="15s")
        settings = intake.app.settings.model_copy(update={"home": tmp_path})
        app = type(intake.app)(**{**vars(intake.app), "settings": settings})
        found = {job.name: job for job in jobs(app, threading.Event())}
        shown = {name: (job.every_s, job.soon, job.waits) for name, job in found.items()}
        assert shown == {
            "folder": (1.0, False, True),
            "source_compact": (15.0, True, True),
            "starts_compact": (300.0, True, True),
            "feeds": (5.0, False, False),
        }
        for job in found.values():
            job.do()
        assert intake.ids() == ["CMP-0001"]
        intake.world.sim.clock.advance(timedelta(seconds=121))
        found["feeds"].do()
        assert [a.detail for a in intake.rung(AlarmKey.FEED_OLD)] == ["compact: no answer for 2m"]
