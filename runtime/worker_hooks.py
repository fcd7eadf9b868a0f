"""What the worker asks of the rest of Vigil: who goes first, whom to tell that it lives, or that a pass failed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from policy.errors import VigilError
from runtime.engine import Engine
from runtime.engine_pass import Pass
from runtime.worker_queue import Offer

log = structlog.get_logger()


@dataclass(frozen=True, order=True)
class Turn:
    """When a case's act comes: the least place goes first. `high` may use the slot that is kept for it."""

    place: int
    high: bool = field(compare=False, default=False)


def _nothing() -> None:
    return None


def _no_turns(cases: Sequence[str]) -> Mapping[str, Turn]:
    del cases
    return {}


def _unheard(this: Pass, error: BaseException) -> bool:
    del this, error
    return True


def _quiet(this: Pass) -> None:
    del this


@dataclass(frozen=True)
class Hooks:
    """What is given to a worker; each has a default that does without the store."""

    turns: Callable[[Sequence[str]], Mapping[str, Turn]] = _no_turns
    heartbeat: Callable[[], None] = _nothing
    # Frees the lease and rings the alarm; False when the run carries no case, and so is not put back.
    failed: Callable[[Pass, BaseException], bool] = _unheard
    recovered: Callable[[Pass], None] = _quiet  # after a failure a pass of the run went well
    engine: Engine | None = None
    wall: Callable[[], datetime] | None = None

    def in_order(self, offers: Sequence[Offer]) -> list[Offer]:
        """Put offers into the order of the store; a case that it does not know comes last.

        When the store does not answer, the tags of the runs must do: high first, then as offered.
        """
        try:
            turns = self.turns([offer.case for offer in offers])
        except (VigilError, OSError) as error:
            log.warning("order_unknown", error=type(error).__name__)
            turns = {}
        known = sorted((turns[offer.case], index) for index, offer in enumerate(offers) if offer.case in turns)
        rest = sorted((not offer.high, index) for index, offer in enumerate(offers) if offer.case not in turns)
        return [Offer(offers[index].run, turn.high) for turn, index in known] + [offers[index] for _, index in rest]
