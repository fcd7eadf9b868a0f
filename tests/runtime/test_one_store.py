"""Homes on one PostgreSQL: the same secrets and the same clock, or a refusal that says what to do."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from policy.errors import Refused
from policy.terms import Route
from runtime.app import App, build
from runtime.clock import RehearsalClock, WallClock
from runtime.doctor import Check, examine
from runtime.doors import report
from runtime.one_store import agree_on_time, agree_to_sign
from runtime.settings import load
from store import meta
from tests.store import postgres

pytestmark = pytest.mark.postgres
START = datetime(2026, 1, 10, 19, tzinfo=UTC)
SECRETS = ("link-secret", "admin-token", "first-login", "webhook-secret")
Open = Callable[..., App]
_numbers = count(1)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Address of a server of this file's own."""
    with postgres.server() as url:
        yield url


@pytest.fixture
def opened(server: str, tmp_path: Path) -> Iterator[Open]:
    """Opens homes by name on one new database, and signs for them as `up` does."""
    name = f"shared_{next(_numbers)}"
    admin = create_engine(make_url(server).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    admin.dispose()
    url = make_url(server).set(database=name).render_as_string(hide_password=False)
    apps: list[App] = []

    def make(home: str, **said: object) -> App:
        app = build(load({"home": tmp_path / home, "database_url": url, **said}))
        apps.append(app)
        agree_to_sign(app.settings, app.keys, app.sessions)
        return app

    yield make
    for app in apps:
        app.close()


def copy(tmp_path: Path, *files: str) -> None:
    """Copy secrets of home a to home b, as the refusal asks."""
    (tmp_path / "b").mkdir(exist_ok=True)
    for file in files:
        shutil.copy(tmp_path / "a" / file, tmp_path / "b" / file)


def test_a_second_home_with_other_secrets_is_refused(opened: Open, tmp_path: Path) -> None:
    """It names the files; once they are copied, a link made at one home is read at the other."""
    first = opened("a")
    opened("a")
    with pytest.raises(Refused, match="copy its link-secret, admin-token, first-login, webhook-secret into") as refused:
        opened("b")
    assert refused.value.rule == "other_secrets"
    copy(tmp_path, *SECRETS[:3])
    with pytest.raises(Refused, match=r"copy its webhook-secret into .*VIGIL_WEBHOOK_SECRET"):
        opened("b")
    copy(tmp_path, *SECRETS)
    second = opened("b")
    token = first.links.make("key", "insp-a", first.clock.now().replace(year=2100))
    assert second.links.read(token).person == "insp-a"
    assert second.keys == first.keys


def test_a_home_that_follows_a_lost_one_renews_the_secrets(opened: Open) -> None:
    """The remedy that the refusal names works; from then on the old home is the one that is refused."""
    opened("a")
    opened("b", renew_secrets=True)
    opened("b")
    with pytest.raises(Refused, match="VIGIL_RENEW_SECRETS=true"):
        opened("a")


def test_a_second_home_joins_the_rehearsal_where_it_is(opened: Open, tmp_path: Path) -> None:
    """Both show one instant, though the second was started later; without the flags it is refused."""
    clock = opened("a", start=START, speed=60).clock
    assert isinstance(clock, RehearsalClock)
    copy(tmp_path, *SECRETS)
    with pytest.raises(Refused, match=r"--start 2026-01-10T19:00:00\+00:00 --speed 60"):
        opened("b")
    with pytest.raises(Refused, match="all homes on it run its clock"):
        opened("b", start=START, speed=30)
    assert opened("b", start=START, speed=60).clock == clock
    assert opened("b").clock == clock, "a restart needs no flags"


def test_a_rehearsal_does_not_join_the_real_clock(opened: Open, tmp_path: Path) -> None:
    """Neither from a second home nor from the first."""
    assert isinstance(opened("a").clock, WallClock)
    copy(tmp_path, *SECRETS)
    for home in ("a", "b"):
        with pytest.raises(Refused, match="this database is on the real clock"):
            opened(home, speed=60)
        assert not (tmp_path / home / "clock.json").exists()
    assert isinstance(opened("b").clock, WallClock)


class Wrong(WallClock):
    """A machine's clock that is a minute fast."""

    def wall(self) -> datetime:
        return super().wall() + timedelta(minutes=1)


def test_a_machine_whose_clock_is_wrong_is_refused(opened: Open) -> None:
    """The database's machine is asked; one that is right is let in."""
    first = opened("a")
    agree_on_time(first.clock, first.sessions)
    with pytest.raises(Refused, match=r"this machine's clock is (59|60)\.\d s ahead of the database's"):
        agree_on_time(Wrong(), first.sessions)


def test_the_doctor_of_one_home_sees_the_other_work(opened: Open, tmp_path: Path) -> None:
    """A home that stands still while another works on its database is no fault; once that is silent too, it is."""
    first = opened("a")
    report(first, {"source": "c", "source_id": "1", "person": {"name": "Example Person"}}, route=Route.API)
    assert not parts(first).ok
    with first.sessions() as s:
        for part in ("timer", "watchdog", "worker"):
            meta.beat(s, part, "elsewhere/1", first.clock.wall())
    assert parts(first).ok
    assert parts(first).detail == "all alive, on another home of this database"


def parts(app: App) -> Check:
    """What the doctor says of the parts."""
    return next(check for check in examine(app.settings) if check.name == "parts")
