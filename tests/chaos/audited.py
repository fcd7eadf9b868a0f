"""When the fire is over: the watchdog finds nothing, its heart beats again, and Vigil says that it is ready."""

import json
from datetime import datetime
from pathlib import Path

from policy.errors import VigilError
from runtime.clock import WallClock
from runtime.watchdog_part import AUDIT
from store import meta
from tests.chaos.driver import Driver

REST_S = 120.0  # mere waiting: what the last kill left behind is seen to, and an audit follows


def comes_to_rest(driver: Driver, home: Path) -> None:
    """Wait until an audit that was made from now on is clean, the heartbeat is as young, and /readyz answers 200."""
    since = WallClock().wall()
    driver.wait_until(driver.ready, REST_S, "/readyz to answer 200")
    driver.wait_until(lambda: _clean_since(driver, since), REST_S, f"a clean audit; the last: {_last(driver)}")
    beat = datetime.fromisoformat((home / "run" / "heartbeat").read_text(encoding="ascii").strip())
    assert beat >= since, f"the heartbeat is of {beat}"


def _clean_since(driver: Driver, since: datetime) -> bool:
    noted = _last(driver)
    return bool(noted.get("clean")) and datetime.fromisoformat(str(noted["at"])) >= since


def _last(driver: Driver) -> dict[str, object]:
    try:
        with driver.sessions.reading() as s:
            last: dict[str, object] = json.loads(meta.get(s, AUDIT) or "{}")
    except VigilError:
        return {}
    return last
