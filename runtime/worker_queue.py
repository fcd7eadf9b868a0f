"""In what order a worker takes runs: as the store says, with one slot in four kept for high risk.

Runs that carry no case, such as those of a form, come after all cases and leave a slot for the next.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from prefect.client.schemas.objects import FlowRun

from policy.terms import Risk

HIGH_TAG = f"risk:{Risk.HIGH}"


@dataclass(frozen=True)
class Offer:
    """A run that Prefect offers, and whether its next act is one for a high-risk case."""

    run: FlowRun
    high: bool

    @classmethod
    def of(cls, run: FlowRun) -> Self:
        """Read the offer from the run alone: its tags, which the store's word overrides."""
        return cls(run, HIGH_TAG in run.tags and bool(run.parameters.get("case")))

    @property
    def case(self) -> str:
        """Reference of the case."""
        return str(self.run.parameters.get("case", ""))


class Queue:
    """What the last look found and nobody has taken yet."""

    def __init__(self, slots: int) -> None:
        """Keep one slot in four for high risk; with fewer than four, none."""
        self._for_ordinary = slots - slots // 4
        self._high: deque[Offer] = deque()
        self._ordinary: deque[Offer] = deque()
        self._forms: deque[Offer] = deque()

    @property
    def empty(self) -> bool:
        """Tell whether nothing is left of the last look."""
        return not (self._high or self._ordinary or self._forms)

    def renew(self, offers: Iterable[Offer]) -> None:
        """Forget the last look; the offers come in the order in which they are to be taken."""
        for kept in (self._high, self._ordinary, self._forms):
            kept.clear()
        for offer in offers:
            (self._high if offer.high else self._ordinary if offer.case else self._forms).append(offer)

    def take(self, taken_by_ordinary: int, free: int) -> Offer | None:
        """Take the next: high risk first, the rest while they leave the slots kept for high, and forms one more."""
        if free <= 0:
            return None
        if self._high:
            return self._high.popleft()
        if self._ordinary and taken_by_ordinary < self._for_ordinary:
            return self._ordinary.popleft()
        if self._forms and taken_by_ordinary < max(self._for_ordinary - 1, 1):
            return self._forms.popleft()
        return None
