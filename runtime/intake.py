"""The roads by which records come in without being sent: the watched folder and the sources, as the timer's jobs."""

import threading

from runtime.app import App
from runtime.feeds import FeedCheck
from runtime.folder import Folder
from runtime.source import Watch
from runtime.timer import Periodic

FOLDER_S = 1.0
FEEDS_S = 5.0


def jobs(app: App, stop: threading.Event) -> list[Periodic]:
    """Give what is to be done every so often; each ends soon after `stop` is set, and goes on at the next start."""
    folder = Folder(app, app.settings.home, stop)
    found = [Periodic("folder", FOLDER_S, folder.look, waits=True, post="")]
    for name, setting in app.settings.sources.items():
        watch = Watch(app, name, stop)
        post = f"source/{name}"  # whichever machine knows the source: the timer's may be another
        found += [
            Periodic(f"source_{name}", setting.seconds("every"), watch.turn, True, True, post),
            Periodic(f"starts_{name}", setting.seconds("missed_every"), watch.count_starts, True, True, post),
        ]
    check = FeedCheck(app, app.clock.wall())
    return [*found, Periodic("feeds", FEEDS_S, check.look)]
