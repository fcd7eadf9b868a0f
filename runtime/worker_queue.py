"""In what order a worker takes runs: as the store says, with one slot in four kept for high risk."""

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
        return cls(run, HIGH_TAG in run.tags)

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

    @property
    def empty(self) -> bool:
        """Tell whether nothing is left of the last look."""
        return not self._high and not self._ordinary

    def renew(self, offers: Iterable[Offer]) -> None:
        """Forget the last look; the offers come in the order in which they are to be taken."""
        self._high.clear()
        self._ordinary.clear()
        for offer in offers:
            (self._high if offer.high else self._ordinary).append(offer)

    def take(self, taken_by_ordinary: int, free: int) -> Offer | None:
        """Take the next: high risk first, the rest while they leave the slots kept for high."""
        if free <= 0:
            return None
        if self._high:
            return self._high.popleft()
        if self._ordinary and taken_by_ordinary < self._for_ordinary:
            return self._ordinary.popleft()
        return None
