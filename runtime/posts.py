"""Which posts this process holds: of several timers one acts, and the others stand by until it is silent."""

from typing import Final

from policy.errors import VigilError
from runtime.app import App
from runtime.clock import Stopwatch
from runtime.processes import process_name
from store import posts

HELD_S: Final = 10.0  # of real time: so long a post stands empty when its holder's machine is gone
RENEWED_S: Final = 3.0


class Posts:
    """Takes posts, holds them and gives them back; asks the store every few seconds, not each time."""

    def __init__(self, app: App, held_s: float = HELD_S) -> None:
        """Hold nothing yet."""
        self._app = app
        self._held_s = held_s
        self._asked: dict[str, tuple[Stopwatch, bool]] = {}

    def mine(self, name: str) -> bool:
        """Tell whether this process holds the post, taking it when nobody does.

        While the store does not answer, nothing of the post's could be done either: no.
        """
        asked = self._asked.get(name)
        if asked is not None and not asked[0].over(RENEWED_S if asked[1] else 1.0):
            return asked[1]
        watch = Stopwatch()
        try:
            with self._app.sessions() as s:
                held = posts.hold(s, name, process_name(), self._app.clock.wall(), self._held_s)
        except VigilError:
            return False
        self._asked[name] = (watch, held)
        return held

    def leave(self) -> None:
        """Leave every post, so that another takes it at once."""
        with self._app.sessions() as s:
            posts.leave(s, process_name())
        self._asked.clear()
