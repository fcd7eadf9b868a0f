"""Ready is what has been asked and has answered: nothing is assumed, and no wait is for ever."""

import io
import threading
from dataclasses import dataclass, field

from rich.console import Console

from runtime import up_ready
from runtime.up_ready import Step, await_all
from runtime.up_show import Show


@dataclass
class Asked:
    """Something that is ready when it has been asked so many times; None is never."""

    name: str
    after: int | None = 1
    needs: tuple[str, ...] = ()
    times: int = field(default=0)

    def step(self) -> Step:
        return Step(self.name, self.ready, self.needs)

    def ready(self) -> bool:
        self.times += 1
        return self.after is not None and self.times >= self.after


class Never(threading.Event):
    """A stop that nobody asks for; it does not wait, so that no test does."""

    def wait(self, timeout: float | None = None) -> bool:
        return self.is_set()


def wait(steps: list[Asked], tend: object = lambda: True, stop: threading.Event | None = None) -> tuple[list[str], str]:
    """Wait for the steps; give what is not ready, and what was said."""
    said = io.StringIO()
    show = Show(as_json=False, out=Console(file=said, highlight=False))
    assert callable(tend)
    missing = await_all([step.step() for step in steps], stop or Never(), tend, show)
    return missing, said.getvalue()


def test_each_step_is_said_when_it_is_ready() -> None:
    """In the order in which they become ready, with the seconds."""
    missing, said = wait([Asked("Prefect server", 3), Asked("console", 1)])
    assert missing == []
    first, second = said.splitlines()
    assert first.startswith("  console ... ready in ")
    assert second.startswith("  Prefect server ... ready in ")


def test_a_step_is_not_asked_before_what_it_needs_is_ready() -> None:
    """No deployment is made on a server that does not answer yet."""
    server, worker = Asked("server", 5), Asked("worker", 1, ("server",))
    assert wait([worker, server])[0] == []
    assert worker.times == 1


def test_a_part_that_died_for_good_ends_the_wait() -> None:
    """What is missing is named instead of waited for."""
    missing, _ = wait([Asked("server", None), Asked("console")], tend=lambda: False)
    assert missing == ["server"]


def test_asked_to_stop_is_not_asked_to_wait() -> None:
    """Ctrl-C during the start stops the start."""
    stop = Never()
    stop.set()
    assert wait([Asked("server", None)], stop=stop)[0] == ["server"]


def test_no_wait_is_for_ever() -> None:
    """After three minutes what is not ready is named."""
    before, up_ready.PATIENCE_S = up_ready.PATIENCE_S, 0.0
    try:
        assert wait([Asked("server", None)])[0] == ["server"]
    finally:
        up_ready.PATIENCE_S = before
