"""A world without policy and store: each case does what its test has scripted, and every call is kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Condition

from policy.errors import VigilError
from policy.terms import MessageType, Risk, Stage
from runtime.app import App
from runtime.doors import Act, Due, Resting

WHEN = datetime(2026, 1, 10, 19, 0, tzinfo=UTC)
PATIENCE_S = 30.0


def an_act(case: str, stage: Stage = Stage.NOTIFY, title: str = "Notify LOI") -> Act:
    """Give an act whose messages nobody looks at."""
    return Act(case, stage, title, "notify_local_supervisor", 1, 0, 0, MessageType.NOTIFY, WHEN, ("key",))


AWAITS_FIRST = "Awaiting LOI acknowledgement by 19:10"


@dataclass
class Script:
    """What happens to one case: what is due in each round, what goes wrong, how it rests."""

    due: list[Sequence[Act]] = field(default_factory=list)
    deliveries: list[VigilError] = field(default_factory=list)  # errors, one a delivery, then none
    refusals: list[Exception] = field(default_factory=list)  # what `advance` raises, one a call, then none
    changes: list[bool] = field(default_factory=list)  # whether something came, one a rest, then not
    awaits: list[str] = field(default_factory=list)  # what the run is called while it rests, one a rest
    closed: bool = False
    passes: int = 1
    form: bool = True
    during: Callable[[Act], None] = lambda _act: None


class World:
    """Stands where the doors are; thread-safe, for a real worker calls it."""

    def __init__(self) -> None:
        self._said: list[tuple[str, str, str]] = []
        self._scripts: dict[str, Script] = {}
        self._news = Condition()
        self.runs: dict[str, tuple[str | None, int]] = {}  # what carries a case, where a test has said so
        self.renewed: dict[str, Script] = {}  # what happens to a case once it goes on in a fresh run

    def carried(self, case: str) -> tuple[str | None, int]:
        """Give the run that carries a case, and its number, as the store would."""
        return self.runs.get(case, (None, 0))

    def script(self, case: str, script: Script) -> None:
        """Say what happens to a case."""
        self._scripts[case] = script

    def said(self, what: str, case: str) -> list[str]:
        """Give the details of every call of one kind for a case, in order."""
        with self._news:
            return [detail for kind, of, detail in self._said if (kind, of) == (what, case)]

    def order(self, what: str) -> list[str]:
        """Give the cases of every call of one kind, in order."""
        with self._news:
            return [of for kind, of, _ in self._said if kind == what]

    def wait(self, what: str, case: str, times: int = 1) -> list[str]:
        """Wait until a call has come so often, and give what `said` gives."""
        with self._news:
            came = self._news.wait_for(lambda: len(self.said(what, case)) >= times, PATIENCE_S)
        assert came, f"{what} of {case} did not come {times} times: {self._said}"
        return self.said(what, case)

    def hear(self, what: str, case: str, detail: str = "") -> None:
        """Keep a call."""
        with self._news:
            self._said.append((what, case, detail))
            self._news.notify_all()

    def advance(self, _app: App, case: str, holder: str) -> Due | None:
        """Stand for the door `advance`."""
        self.hear("advance", case, holder)
        script = self._scripts[case]
        if script.refusals:
            raise script.refusals.pop(0)
        acts = tuple(script.due.pop(0)) if script.due else ()
        return Due(case, Risk.MEDIUM, acts) if acts else None

    def deliver(self, _app: App, act: Act) -> None:
        """Stand for the door `deliver`."""
        self.hear("deliver", act.case, act.title)
        script = self._scripts[act.case]
        script.during(act)
        if script.deliveries:
            raise script.deliveries.pop(0)

    def called_off(self, _app: App, _act: Act) -> bool:
        """Stand for the door `called_off`: nothing here ever is."""
        return False

    def give_up(self, _app: App, act: Act) -> None:
        """Stand for the door `give_up`."""
        self.hear("give_up", act.case, act.title)

    def resting(self, _app: App, case: str, holder: str) -> Resting:
        """Stand for the door `resting`."""
        self.hear("resting", case, holder)
        script = self._scripts[case]
        return Resting(
            version=1,
            wake_at=None,
            closed=script.closed,
            name=_name(script),
            message="At 19:10 the Force Incident Manager sees it as overdue.",
            run_name=f"{case} · medium risk",
            tags=("risk:medium", "area:stoke"),
            agenda="At 19:10 the Force Incident Manager sees it as overdue.\n\nmore",
            passes=script.passes,
            form=script.form,
            changed=script.changes.pop(0) if script.changes else False,
            run_id=self.carried(case)[0],
            run_number=self.carried(case)[1],
        )

    def release(self, _app: App, case: str, holder: str) -> None:
        """Stand for the door `release`."""
        self.hear("release", case, holder)

    def renew(self, _app: App, case: str, holder: str) -> str:
        """Stand for the door `renew`."""
        self.hear("renew", case, holder)
        self._scripts[case] = self.renewed.pop(case, self._scripts[case])
        self.runs[case] = (None, 1)
        return f"{case}/2"

    def answer(self, _app: App, case: str, collar_number: str, decision: str, reason: str | None) -> str:
        """Stand for the door `answer`."""
        self.hear("answer", case, f"{collar_number} {decision} {reason}")
        return f"{collar_number} {decision}"


def _name(script: Script) -> str:
    """Give the name of the run's next rest."""
    if script.awaits:
        return script.awaits.pop(0)
    return "Closed by duty_inspector insp-a" if script.closed else AWAITS_FIRST
