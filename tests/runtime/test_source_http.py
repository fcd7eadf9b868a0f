"""A list over HTTP: token, mark, pages; whatever is no list is no answer, and our token goes nowhere else."""

import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from runtime.source_read import HttpReader, SourceFailed
from runtime.source_setting import SourceSetting
from tests.runtime.intake_world import record

URL = "https://records.force.example/api/missing"
Answer = Callable[[httpx.Request], httpx.Response]


def reader(answer: Answer, **said: object) -> HttpReader:
    """A reader whose source answers like this."""
    setting = SourceSetting.model_validate({"url": URL, **said})
    return HttpReader(setting, httpx.MockTransport(answer))


def fails(answer: Answer, **said: object) -> str:
    """The code by which reading fails."""
    with pytest.raises(SourceFailed) as failed:
        list(reader(answer, **said).rows(None))
    return failed.value.code


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ([record(1)], {}),
        ({"items": [record(1)]}, {}),
        ({"page": {"rows": [record(1)]}}, {"records": "page.rows"}),
    ],
)
def test_the_list_is_found_in_its_document(document: object, said: dict[str, object]) -> None:
    """Bare, under a usual name, or where the setting says."""
    assert list(reader(lambda _: httpx.Response(200, json=document), **said).rows(None)) == [record(1)]


def test_the_mark_and_the_token_are_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The token from a file, read anew each time, or from the environment; the mark under the list's own name."""
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json=[])

    (tmp_path / "token").write_text("one\n")
    by_file = reader(answer, since="updated_since", mark="updated", token_file=str(tmp_path / "token"))
    list(by_file.rows(None))
    (tmp_path / "token").write_text("two\n")
    list(by_file.rows("2026-01-10T19:00:00Z"))
    list(by_file.rows("2026-01-10T19:00:00Z", recent=True))
    assert [r.headers["authorization"] for r in asked] == ["Bearer one", "Bearer two", "Bearer two"]
    assert [r.url.params.get("updated_since") for r in asked] == [None, "2026-01-10T19:00:00Z", None]
    monkeypatch.setenv("FORCE_TOKEN", "three")
    list(reader(answer, token_env="FORCE_TOKEN").rows(None))
    assert asked[-1].headers["authorization"] == "Bearer three"


def test_pages_are_followed_by_next_and_by_link() -> None:
    """Both ways that lists have."""

    def by_next(request: httpx.Request) -> httpx.Response:
        page = int(request.url.params.get("page", "1"))
        following = f"/api/missing?page={page + 1}" if page < 3 else None
        return httpx.Response(200, json={"records": [record(page)], "next": following})

    def by_link(request: httpx.Request) -> httpx.Response:
        last = request.url.params.get("page") == "2"
        return httpx.Response(200, json=[record(1)], headers={} if last else {"link": f'<{URL}?page=2>; rel="next"'})

    assert len(list(reader(by_next).rows(None))) == 3
    assert len(list(reader(by_link).rows(None))) == 2


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (lambda _: httpx.Response(503), "http_503"),
        (lambda _: httpx.Response(302, headers={"location": "https://elsewhere.example/"}), "http_302"),
        (lambda _: httpx.Response(200, text="<html>sign in</html>"), "no_json"),
        (lambda _: httpx.Response(200, json={"error": "x"}), "no_list"),
        (lambda _: httpx.Response(200, json={"records": [], "next": "https://elsewhere.example/2"}), "next_elsewhere"),
        (lambda r: httpx.Response(200, json={"records": [], "next": str(r.url)}), "pages_without_end"),
    ],
)
def test_whatever_is_no_list_is_no_answer(answer: Answer, code: str) -> None:
    """Each by its code; another server never sees our token."""
    assert fails(answer) == code


def test_a_server_that_is_not_there_and_a_token_that_is_not_there() -> None:
    """Neither breaks the watch."""

    def refuses(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    assert fails(refuses) == "ConnectError"
    assert fails(refuses, token_env="VIGIL_TEST_NO_SUCH_VARIABLE") == "token_missing"
    assert fails(refuses, token_file="no/such/file") == "token_file_unreadable"


def test_what_is_in_a_list_and_no_record_is_still_a_row() -> None:
    """It is refused as a row, and heard of, instead of being dropped."""
    found = list(reader(lambda _: httpx.Response(200, text=json.dumps([record(1), "odd"]))).rows(None))
    assert found == [record(1), {"given": "odd"}]
