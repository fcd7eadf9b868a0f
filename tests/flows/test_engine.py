"""The engine when Prefect is not well: what is tried again, what is left to the timer."""

import json
from collections.abc import Callable

import httpx
import pytest

from policy.errors import Transient
from runtime.engine import PATIENCE_S, Engine

RUN = "4a2c2e0e-0000-4000-8000-000000000001"
Handler = Callable[[httpx.Request], httpx.Response]


def _engine(handler: Handler) -> Engine:
    return Engine("http://127.0.0.1:1/api", transport=httpx.MockTransport(handler))


def _deployed(then: Handler) -> Handler:
    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api/deployments/name/missing-person/case":
            return httpx.Response(200, json={"id": "d"})
        return then(request)

    return handler


def test_a_busy_server_is_asked_again() -> None:
    """SQLite under load answers 503; the second answer counts."""
    answers = [httpx.Response(503), httpx.Response(201, json={"id": RUN})]
    engine = _engine(_deployed(lambda _request: answers.pop(0)))
    assert engine.start("MP-2026-000001", 1, ()) == RUN


def test_a_server_that_stays_busy_is_left_to_the_timer() -> None:
    """After a second and a half it is Transient; the case is safe in the store."""
    asked: list[str] = []

    def busy(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(503)

    with pytest.raises(Transient):
        _engine(_deployed(busy)).start("MP-2026-000001", 1, ())
    assert len(asked) == len(PATIENCE_S) + 1


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ReadTimeout])
def test_a_server_that_is_down_or_hangs_is_asked_once(error: type[httpx.TransportError]) -> None:
    """A report must be answered though Prefect does not: nobody waits twice."""
    asked: list[str] = []

    def down(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        raise error("no")

    engine = _engine(down)
    with pytest.raises(Transient):
        engine.state(RUN)
    assert len(asked) == 1
    assert not engine.ready()


def test_a_lost_connection_is_made_again() -> None:
    """The server closes what was idle for long; the call goes out once more."""
    failures: list[httpx.TransportError] = [httpx.RemoteProtocolError("closed")]

    def handler(_request: httpx.Request) -> httpx.Response:
        if failures:
            raise failures.pop()
        return httpx.Response(404)

    assert _engine(handler).state(RUN) is None


def test_a_deployment_made_anew_is_found() -> None:
    """Somebody deployed again while we ran: the id is asked for once more."""
    ids = ["new", "old"]
    paths: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        paths.append(request.url.path)
        if "/name/" in request.url.path:
            return httpx.Response(200, json={"id": ids.pop()})
        return httpx.Response(404 if "/old/" in request.url.path else 201, json={"id": RUN})

    assert _engine(handler).start("MP-2026-000001", 1, ()) == RUN
    assert paths[-1] == "/api/deployments/new/create_flow_run"


def test_a_repeated_pause_counts_as_done() -> None:
    """When the first answer was lost Prefect refuses the second request, and shows the state that the first set."""

    def handler(request: httpx.Request) -> httpx.Response:
        state = json.loads(request.content)["state"]
        return httpx.Response(200, json={"status": "REJECT", "state": state})

    assert _engine(handler).pause(RUN, "Awaiting LOI acknowledgement by 19:10", "")


def test_a_run_that_is_gone_has_no_state() -> None:
    """Somebody deleted it in Prefect: the timer starts the next."""
    assert _engine(lambda _request: httpx.Response(404)).state(RUN) is None


def test_what_is_not_an_answer_is_thrown_away() -> None:
    """A wrong answer is taken out of Prefect, or it would be read for ever."""
    kept = [{"key": "answer-1", "value": '{"decision": "shout"}'}]
    deleted: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        if request.method == "DELETE":
            deleted.append(request.url.path.rpartition("/")[2])
            return httpx.Response(204)
        return httpx.Response(200, json=kept)

    assert _engine(handler).answer(RUN) is None
    assert deleted == ["answer-1"]
