"""Revisions by the API (contract section 8): previewed, proposed, approved by another person, withdrawn, exported."""

from collections.abc import Mapping
from datetime import timedelta

import httpx
import pytest

from policy.signing_in import Scope
from policy.terms import Role
from runtime import doors
from tests.console.drafting import PACK, UKMPU, drafter
from tests.console.world import STEP, World

AT = f"/api/v1/packs/{PACK}/revisions"
CHANGE = {"step": STEP, "field": "due", "risk": "medium", "value": "7m"}


@pytest.fixture
def people(world: World) -> World:
    """A force with an admin who drafts policy beside those on duty."""
    with drafter(world, "adm-1", recorded=False):
        return world


def post(world: World, path: str, body: object) -> httpx.Response:
    """Send a body as a system's token does."""
    return world.web.post(path, json=body, headers=world.machine)


def get(world: World, path: str) -> httpx.Response:
    """Read as a system's token does."""
    return world.web.get(path, headers=world.machine)


def body(*changes: Mapping[str, object], **more: object) -> dict[str, object]:
    """Give a proposal by the admin."""
    return {"base": 1, "changes": list(changes or (CHANGE,)), "reason": "Trial", "by": "adm-1", **more}


def test_proposed_approved_and_in_force(people: World) -> None:
    """201 with its number; nothing changes until another person approves; then new cases follow it."""
    answer = post(people, AT, body())
    assert answer.status_code == 201
    assert answer.headers["location"] == f"{AT}/2"
    assert {name: answer.json()[name] for name in ("revision", "status")} == {"revision": 2, "status": "proposed"}
    shown = get(people, f"/api/v1/packs/{PACK}/steps/{STEP}").json()
    assert (shown["revision"], shown["due"]["medium"]) == (1, "10m")
    assert [one["revision"] for one in shown["pending"]] == [2]
    approved = post(people, f"{AT}/2/approve", {"by": "sup-1"})
    assert (approved.status_code, approved.json()["status"]) == (200, "approved")
    shown = get(people, f"/api/v1/packs/{PACK}/steps/{STEP}").json()
    assert (shown["revision"], shown["due"]["medium"], shown["pending"]) == (2, "7m", [])
    assert get(people, f"/api/v1/packs/{PACK}?revision=1").json()["revision"] == 1
    history = get(people, AT).json()
    assert (history["in_force"], history["latest"]) == (2, 2)
    assert [one["revision"] for one in history["revisions"]] == [2, 1]
    assert get(people, f"{AT}/2").json()["diff"]["changes"] == [{**CHANGE, "before": "10m"}]


def test_a_preview_has_its_three_parts_and_stores_nothing(people: World) -> None:
    """Exactly live, history and lint, at both addresses; the history of the fifteen deadlines is of recorded cases."""
    ref = people.report()
    asked = body(applies_to="live_and_new")
    answers = [post(people, path, asked) for path in (f"{AT}/preview", f"/api/v1/packs/{PACK}/preview")]
    assert [answer.status_code for answer in answers] == [200, 200]
    found = answers[0].json()
    assert found == answers[1].json()
    assert set(found) == {"live", "history", "lint"}
    moved = next(move for move in found["live"] if move["step"] == STEP)
    assert (moved["case"], moved["from"], moved["to"]) == (ref, "2026-01-10T19:10:00Z", "2026-01-10T19:07:00Z")
    assert moved["due_now"] is False
    assert found["history"]["cases"] == 1
    assert not found["history"]["simulated"]
    for group in ("escalations", "breaches", "messages"):
        assert {"old", "new"} <= set(found["history"][group])
    assert get(people, AT).json()["latest"] == 1


def test_where_no_case_was_recorded_a_year_is_simulated(people: World) -> None:
    """The history says so, of as many cases as are asked for."""
    found = post(people, f"{AT}/preview?cases=7", body()).json()["history"]
    assert found["simulated"] is True
    assert found["cases"] > 0


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("0m", "is not a span"),
        ("-5m", "lies before its beginning"),
        ("9999999m", "is not a span"),
        ("500000h", "longer than ten years"),
        ("soon", "is not a span"),
        ("5w", "is not a span"),
        ("10", "has no unit"),
        ("1.5h", "is not a span"),
        (None, "is not a span"),
    ],
)
def test_what_is_no_time_is_refused_with_its_field(people: World, value: object, says: str) -> None:
    """422 that names the field, the fault and the remedy."""
    answer = post(people, AT, body({**CHANGE, "value": value}))
    assert answer.status_code == 422
    fault = answer.json()["errors"][0]
    assert fault["field"] == "changes.0.value"
    assert says in fault["message"]
    assert fault["remedy"]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        (body({**CHANGE, "step": "no_such_step"}), "changes.0.step"),
        (body({**CHANGE, "field": "dew"}), "changes.0.field"),
        (body({**CHANGE, "risk": "grave"}), "changes.0.risk"),
        (body({**CHANGE, "value": "10m"}), "changes"),
        (body(effective_from="2026-01-09T08:00:00Z"), "effective_from"),
        (body(effective_from="tomorrow"), "effective_from"),
        (body(applies_to="all"), "applies_to"),
        (body(reason=""), "reason"),
        (body(changes=None), "changes"),
        (body(text="pack = 'other'", changes=None), "text.pack"),
        (body(text="no toml at all", changes=None), "text"),
        ({"base": 1, "changes": [CHANGE], "reason": "Trial"}, "by"),
    ],
)
def test_each_fault_names_its_field(people: World, asked: dict[str, object], field: str) -> None:
    """422, and nothing of it is kept."""
    answer = post(people, AT, asked)
    assert answer.status_code == 422, answer.text
    assert field in [fault["field"] for fault in answer.json()["errors"]]
    assert len(get(people, AT).json()["revisions"]) == 1


def test_an_edit_of_what_stood_before_is_stale(people: World) -> None:
    """409 with the number that stands, for proposal and preview alike."""
    post(people, AT, body())
    post(people, f"{AT}/2/approve", {"by": "sup-1"})
    for path in (AT, f"{AT}/preview"):
        answer = post(people, path, body({**CHANGE, "value": "6m"}))
        assert (answer.status_code, answer.json()["type"], answer.json()["current"]) == (409, "/problems/stale", 2)


def test_who_may_approve(people: World) -> None:
    """Never the proposer, never too low a rank; and not once something else stands."""
    post(people, AT, body())
    post(people, AT, body({**CHANGE, "risk": "high", "value": "4m"}))
    rules = [post(people, f"{AT}/{n}/approve", {"by": by}) for n, by in ((2, "adm-1"), (2, "sgt-s"))]
    assert [(one.status_code, one.json()["rule"]) for one in rules] == [(409, "second_person"), (409, "rank")]
    assert post(people, f"{AT}/2/approve", {"by": "sup-1"}).status_code == 200
    late = post(people, f"{AT}/3/approve", {"by": "sup-1"})
    assert (late.status_code, late.json()["rule"]) == (409, "stale_base")
    assert late.json()["missing"]


def test_a_ceiling_takes_a_superintendent_by_name_and_is_shown(people: World) -> None:
    """96 hours for UKMPU: refused, refused in a sergeant's name, taken in a superintendent's, shown in the pack."""
    over = {"step": UKMPU, "field": "due", "risk": "medium", "value": "96h"}
    plain = post(people, AT, body(over))
    assert (plain.status_code, plain.json()["rule"]) == (409, "ceiling")
    assert "superintendent" in plain.json()["who_may"]
    low = post(people, AT, body(over, override={"by": "sgt-s", "reason": "It is quiet"}))
    assert (low.status_code, low.json()["rule"]) == (409, "ceiling")
    named = {"by": "sup-1", "reason": "Agreed with the unit"}
    assert post(people, AT, body(over, override=named)).status_code == 201
    assert post(people, f"{AT}/2/approve", {"by": "dci-1"}).json()["rule"] == "ceiling"
    assert post(people, f"{AT}/2/approve", {"by": "sup-1"}).status_code == 200
    assert get(people, f"/api/v1/packs/{PACK}").json()["overrides"] == {UKMPU: named}
    assert get(people, f"/api/v1/packs/{PACK}/steps/{UKMPU}").json()["override"] == named


def test_a_withdrawn_revision_is_used_no_more(people: World) -> None:
    """Its form is refused with the number in its place, and whoever answers for it hears of the use."""
    post(people, AT, body())
    post(people, f"{AT}/2/approve", {"by": "sup-1"})
    assert post(people, f"{AT}/2/withdraw", {"by": "sup-1"}).status_code == 422
    done = post(people, f"{AT}/2/withdraw", {"by": "sup-1", "reason": "It told people twice"})
    assert (done.status_code, done.json()["status"]) == (200, "withdrawn")
    form = get(people, f"/api/v1/packs/{PACK}/steps/{STEP}?revision=2")
    assert (form.status_code, form.json()["rule"]) == (409, "withdrawn_version")
    assert "revision 1 is in its place" in form.json()["detail"]
    assert "withdrawn_version_used" in [alarm["key"] for alarm in get(people, "/api/v1/alarms").json()["alarms"]]


def test_a_whole_pack_goes_out_and_comes_back(people: World) -> None:
    """TOML as plain text; proposed back with one number edited it is that one change, in the diff as well."""
    text = get(people, f"{AT}/1/export")
    assert text.headers["content-type"] == "text/plain; charset=utf-8"
    edited = text.text.replace(
        'guidance_link = "https://www.policeconduct', 'guidance_link = "https://policeconduct', 1
    )
    assert edited != text.text
    made = post(people, AT, body(changes=None, text=edited)).json()
    assert made["kind"] == "pack"
    diff = get(people, f"/api/v1/packs/{PACK}/diff?from=1&to=2").json()
    assert diff["changes"] == []
    assert [one["where"] for one in diff["others"]] == [f"steps.{STEP}.guidance_link"]
    assert post(people, f"{AT}/2/approve", {"by": "sup-1"}).json()["rule"] == "rank"


def test_a_session_speaks_for_itself_and_a_token_within_its_scopes(world: World) -> None:
    """A signed-in person may leave `by` out and name nobody else; a token without `packs` proposes nothing."""
    with drafter(world, "adm-1") as admin:
        page = admin.get("/timings")
        token = page.partition('name="csrf" value="')[2].partition('"')[0]
        send = {"x-csrf-token": token}
        assert admin.client.post(AT, json=body(by="sup-1"), headers=send).status_code == 403
        made = admin.client.post(AT, json=body(by=None), headers=send)
        assert (made.status_code, made.json()["proposed_by"]) == (201, "adm-1")
        assert admin.client.post(AT, json=body()).status_code == 403
    for scope, status in ((Scope.READ, 403), (Scope.PACKS, 201)):
        secret = doors.make_token(world.app, f"t-{scope}", (scope,), timedelta(days=1), None)
        header = {"Authorization": f"Bearer {secret}"}
        assert world.web.post(AT, json=body(), headers=header).status_code == status


def test_strange_numbers_and_packs(people: World) -> None:
    """404 and 422, never a 500."""
    assert get(people, "/api/v1/packs/nowhere/revisions").status_code == 404
    assert get(people, f"{AT}/77").status_code == 404
    assert get(people, f"{AT}/0").status_code == 422
    assert get(people, f"/api/v1/packs/{PACK}?revision=x").status_code == 422
    assert get(people, f"/api/v1/packs/{PACK}?revision=99").status_code == 404
    assert get(people, f"/api/v1/packs/{PACK}/diff?from=x").status_code == 422
    assert post(people, f"{AT}/77/approve", {"by": "sup-1"}).status_code == 404


def test_who_drafts(world: World) -> None:
    """A sergeant proposes nothing; the refusal names who may."""
    with drafter(world, "sgt-s", Role.RESPONSE_SERGEANT):
        answer = post(world, AT, body(by="sgt-s"))
    assert (answer.status_code, answer.json()["rule"]) == (409, "rank")
    assert "policy admin" in answer.json()["who_may"]
