"""Two homes on one PostgreSQL, as on two machines: either takes over for the other, and a link of one holds at both."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine, make_url, text

from runtime.keys import LINK_FILE, LOGIN_FILE, TOKEN_FILE, WEBHOOK_FILE
from tests.live.force import Force
from tests.store import postgres
from tests.support.sink import Sink, open_sink
from tests.support.stack import Stack

pytestmark = [pytest.mark.live, pytest.mark.postgres, pytest.mark.long, pytest.mark.timeout(280)]
TAKEN_OVER_S = 30


@pytest.fixture
def server() -> Iterator[URL]:
    """A server with a database for Vigil and one for Prefect."""
    with postgres.server() as address:
        admin = create_engine(make_url(address).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            for name in ("two_vigil", "two_prefect"):
                connection.execute(text(f"CREATE DATABASE {name}"))
        admin.dispose()
        yield make_url(address)


def test_two_homes_share_the_work_and_the_death_of_one_stops_nothing(server: URL, tmp_path: Path) -> None:
    """Reported at one, told, answered at the other; then one is killed with all that it holds, and the rest is told."""
    store, runs = (server.set(database=name).render_as_string(False) for name in ("two_vigil", "two_prefect"))
    first = Stack(tmp_path / "first", ("--database-url", store, "--prefect-database-url", runs))
    second = Stack(tmp_path / "second")  # its arguments are known when the first one runs
    with open_sink() as sink:
        try:
            first.start()
            _copy_secrets(first, second)
            second = Stack(second.home, ("--database-url", store, "--prefect-api-url", first.prefect_api)).start()
            force = Force(first, sink)
            force.man()
            _answered_at_the_other(force, second)
            _one_dies(force, second, sink)
        finally:
            second.stop()
            first.stop()


def _copy_secrets(first: Stack, second: Stack) -> None:
    second.home.mkdir()
    for name in (LINK_FILE, LOGIN_FILE, TOKEN_FILE, WEBHOOK_FILE):
        shutil.copy(first.home / name, second.home / name)


def _answered_at_the_other(force: Force, second: Stack) -> None:
    """The first home's link, opened at the second's console; the second home's token, good at the first's."""
    assert second.up["token"] == force.stack.up["token"]
    case = force.report("stoke")["case"]
    link = force.sink.wait_for("insp-stoke", within_s=15, case=case, type="notify")[0].body["link"]
    path = "/a/" + link.partition("/a/")[2]
    assert force.page("POST", f"{second.console}{path}", {"decision": "acknowledge"}) == 200
    force.sink.wait_for("sgt-stoke", within_s=15, case=case, type="cancel")
    assert force.step(case)["status"].startswith("done")
    force.settled(case, but="LOI acknowledgement")
    force.told_once(case)  # whichever of the two workers took each pass


def _one_dies(force: Force, second: Stack, sink: Sink) -> None:
    """Six cases at once, while their inspectors' phones are slow to answer: both workers are in the middle of some."""
    areas = ("newcastle", "moorlands", "stafford", "cannock", "lichfield", "tamworth")
    for area in areas:
        sink.hold(f"insp-{area}", seconds=2)
    said_s = sink.elapsed_s()
    reported = {area: Force(second, sink).report(area, "high")["case"] for area in areas[:3]}
    reported |= {area: force.report(area, "high")["case"] for area in areas[3:]}
    second.kill_all()
    for area, case in reported.items():
        told = sink.wait_for(f"insp-{area}", within_s=TAKEN_OVER_S, case=case, type="notify")
        assert told[0].at_s - said_s <= TAKEN_OVER_S
        force.fact(case, "acknowledged", f"insp-{area}")
    for area, case in reported.items():
        sink.wait_for(f"sgt-{area}", within_s=TAKEN_OVER_S, case=case, type="cancel")
        force.settled(case, within_s=TAKEN_OVER_S * 2, but="LOI acknowledgement")
