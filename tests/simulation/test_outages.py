"""A day without the engine: the watchdog tells people in its place; where nobody does, all is made good afterwards.

Asserted is what the telephones received, when, and in which order.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest

from policy.terms import AlarmKey, Channel
from runtime.rehearse_app import Arrival
from store import alarms, journal, messages
from tests.simulation.aftermath import judge
from tests.simulation.crash import Crash, CrashNight, one_after_another
from tests.simulation.stories import INSPECTOR, SERGEANT, fact, report

A_DAY, AN_HOUR = timedelta(hours=24), timedelta(hours=1)
IN_TIME = timedelta(seconds=30)
MINUTES_A_DAY = 24 * 60


@contextmanager
def a_night(how: str) -> Iterator[CrashNight]:
    """Give a night with one case that is owned, one that nobody has answered, and one of high risk."""
    with one_after_another():
        night = CrashNight(Crash("silence", (), how))
        try:
            night.in_trouble = True
            report(1)(night)
            report(2, person={"name": "Another", "date_of_birth": "1981-05-01"})(night)
            night.until(1)
            report(3, risk="high", person={"name": "A third", "date_of_birth": "1982-05-01"})(night)
            night.until(2)
            fact("accepted", INSPECTOR)(night)
            fact("acknowledged", INSPECTOR, 2)(night)
            fact("accepted", INSPECTOR, 2)(night)
            yield night
        finally:
            night.close()


def the_engine_dies(night: CrashNight, away: timedelta) -> datetime:
    """Let the engine die, and come again when it has been away for so long; give the instant of its death.

    A watchdog goes on looking when the engine is back: who rings must also hear that it is over.
    """
    night.works.beside = night.works.beside or night.crash.how == "watchdog"
    night.works.goes_away(away, watched=night.crash.how == "watchdog")
    return night.now


def pushes(night: CrashNight, since: datetime) -> list[Arrival]:
    """Give what the telephones have received since."""
    return [a for a in night.world.sim.phones.arrivals if a.channel is not Channel.INBOX and a.at > since]


def lateness(night: CrashNight, arrivals: list[Arrival]) -> dict[str, timedelta]:
    """Give by how much each message came after its instant."""
    with night.world.sim.app.sessions.reading() as s:
        return {a.attempt_key: a.at - messages.get(s, a.attempt_key).due_at for a in arrivals}


def alarm_pushes(night: CrashNight, since: datetime) -> list[Arrival]:
    """Give the alarms that were pushed about the home itself."""
    return [a for a in pushes(night, since) if a.attempt_key.startswith("home/")]


def told_once_each(night: CrashNight) -> None:
    """Fail when a key arrived twice."""
    keys = Counter(a.attempt_key for a in night.world.sim.phones.arrivals)
    assert {key for key, times in keys.items() if times > 1} == set()


@pytest.mark.parametrize(
    "away", [pytest.param(AN_HOUR, id="an hour"), pytest.param(A_DAY, id="a day", marks=pytest.mark.long)]
)
@pytest.mark.timeout(600)
def test_the_watchdog_alone_tells_everybody_in_time(away: timedelta) -> None:
    """Every act at the most 30 s late, marked as the watchdog's; the control room hears of the outage once."""
    with a_night("watchdog") as night:
        died_at = the_engine_dies(night, away)
        night.wait(50)
        fact("acknowledged", SERGEANT, 1)(night)  # while the engine is away
        night.wait(away.total_seconds() / 60 - 51)
        told = [a for a in pushes(night, died_at) if not a.attempt_key.startswith("home/")]
        late = lateness(night, told)
        assert len(told) > 20
        assert max(late.values()) <= IN_TIME, max(late.items(), key=lambda one: one[1])
        with night.world.sim.app.sessions.reading() as s:
            assert {messages.get(s, a.attempt_key).by for a in told} == {"watchdog"}
        outage = alarm_pushes(night, died_at)
        assert len(outage) == 1, [(a.at, a.payload["ask"]) for a in outage]
        assert outage[0].at - died_at <= timedelta(seconds=60)
        night.wait(5)
        night.recover()
        judge(night)
        told_once_each(night)
        assert len(alarm_pushes(night, died_at)) == 1
        with night.world.sim.app.sessions.reading() as s:
            standing = {rung.key for rung in alarms.listing(s, standing=True)}
        assert not standing & {AlarmKey.ENGINE_DEAD}, "the engine is back"


@pytest.mark.timeout(600)
def test_what_a_day_without_anybody_missed_is_made_good_at_once() -> None:
    """Each missed act once, high risk first, marked late; what fell overdue is a breach of its own instant."""
    with a_night("late") as night:
        died_at = the_engine_dies(night, A_DAY)
        night.wait(MINUTES_A_DAY - 1)
        assert pushes(night, died_at) == []
        night.wait(1.1)
        told = pushes(night, died_at)
        assert told, "what was missed is told when the engine is back"
        order = [a.attempt_key.split("/")[0] for a in told if not a.attempt_key.startswith("home/")]
        assert order[0] == night.cases[2], "high risk first"
        first = [order.index(ref) for ref in dict.fromkeys(order)]
        assert first == sorted(first)
        assert max(lateness(night, told).values()) > timedelta(hours=20), "late is said to be late"
        with night.world.sim.app.sessions.reading() as s:
            for ref in night.cases:
                breaches = [line for line in journal.read(s, ref, 0, 100_000) if line.kind == "overdue"]
                assert any(died_at < line.at < died_at + AN_HOUR * 20 for line in breaches), f"no breach of {ref}"
        night.end()
        told_once_each(night)


@pytest.mark.timeout(300)
def test_engine_and_watchdog_side_by_side_tell_nobody_twice() -> None:
    """While the engine acts in time the watchdog is silent; when it comes back in the middle, nothing is told twice."""
    with a_night("freed") as night:
        night.works.watched = night.works.beside = True
        since = night.now
        night.wait(8)
        told = pushes(night, since)
        assert told
        with night.world.sim.app.sessions.reading() as s:
            assert {messages.get(s, a.attempt_key).by for a in told} == {"engine"}
        for minutes in (1.4, 0.9, 2.05):  # it goes and comes, in the middle of what is due
            the_engine_dies(night, timedelta(minutes=minutes))
            night.wait(minutes + 1)
        fact("acknowledged", SERGEANT, 1)(night)
        night.wait(2)
        night.recover()
        night.check()
        judge(night)
        told_once_each(night)
