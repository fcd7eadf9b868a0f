"""The API's answers: to the letter of the contract, and refusals that explain."""

import pytest

from console.case_lines import told_lines
from policy.terms import Risk
from store import messages
from tests.console.world import STEP, World

CASE = {
    *("case", "version", "status", "risk", "pack", "revision", "area", "age_band", "owner", "responsible"),
    *("off_duty", "offered_to", "next_due_at", "flow_run_id", "overdue", "non_compliant", "defects", "example"),
    "steps",
}
STEP_KEYS = {
    *("key", "occurrence", "title", "stage", "status", "anchor_at", "due_at", "done_at"),
    *("role", "holder", "rung", "basis"),
}
MESSAGE = {
    *("attempt_key", "to", "role", "channel", "type", "step", "rung", "reminder", "state"),
    *("due_at", "sent_at", "received_at", "late_s", "by"),
}


def test_a_case_holds_what_the_contract_names(world: World) -> None:
    """Every key of section 6 is there; the Force Incident Manager answers until somebody accepts."""
    ref = world.report()
    case = world.web.get(f"/api/v1/cases/{ref}", headers=world.machine).json()
    assert set(case) >= CASE
    assert all(set(step) >= STEP_KEYS for step in case["steps"])
    assert (case["owner"], case["responsible"], case["offered_to"]) == (None, "fim-1", "insp-a")
    assert (case["age_band"], case["next_due_at"], case["overdue"]) == ("13-15", "2026-01-10T19:10:00Z", 0)


def test_acknowledged_is_not_accepted(world: World) -> None:
    """Only accepting makes an owner."""
    ref = world.report()
    facts = f"/api/v1/cases/{ref}/facts"
    said = {"kind": "acknowledged", "by": "insp-a", "step": STEP}
    case = world.web.post(facts, json=said, headers=world.machine).json()
    assert (case["owner"], case["responsible"]) == (None, "fim-1")
    case = world.web.post(facts, json={"kind": "accepted", "by": "insp-a"}, headers=world.machine).json()
    assert (case["owner"], case["responsible"]) == ("insp-a", "insp-a")


def test_the_same_fact_twice_changes_nothing(world: World) -> None:
    """By its content, or by its Idempotency-Key."""
    ref = world.report()
    facts = f"/api/v1/cases/{ref}/facts"
    said = {"kind": "note", "by": "insp-a", "evidence": {"text": "rang the school"}}
    versions = [world.web.post(facts, json=said, headers=world.machine).json()["version"] for _ in range(2)]
    assert versions[0] == versions[1]
    keyed = {**world.machine, "Idempotency-Key": "k-1"}
    first = world.web.post(facts, json={**said, "evidence": {"text": "one"}}, headers=keyed).json()
    other = world.web.post(facts, json={**said, "evidence": {"text": "two"}}, headers=keyed).json()
    assert first["version"] == other["version"]


def test_a_refused_act_says_rule_missing_and_who_may(world: World) -> None:
    """409 with the rule, what is missing, and who may; also where another was faster."""
    ref = world.report()
    facts = f"/api/v1/cases/{ref}/facts"
    answer = world.web.post(facts, json={"kind": "accepted", "by": "nobody-1"}, headers=world.machine)
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (409, "/problems/refused")
    assert problem["rule"]
    assert problem["who_may"]
    assert all({"what", "why"} == set(missing) for missing in problem["missing"])
    world.fact(ref, "acknowledged", "insp-a")
    late = world.web.post(facts, json={"kind": "acknowledged", "by": "sgt-s"}, headers=world.machine)
    assert (late.status_code, late.json()["type"]) == (409, "/problems/refused")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "vanished", "by": "insp-a"}, "kind"),
        ({"kind": "declined", "by": "insp-a"}, "evidence.reason"),
        ({"kind": "note", "by": "insp-a", "evidence": {"text": "x"}, "at": "2031-01-01T00:00:00Z"}, "at"),
        ({"by": "insp-a"}, "kind"),
        ([], ""),
    ],
)
def test_a_faulty_fact_is_named_field_by_field(world: World, body: object, field: str) -> None:
    """422 with field, message and remedy."""
    ref = world.report()
    answer = world.web.post(f"/api/v1/cases/{ref}/facts", json=body, headers=world.machine)
    assert answer.status_code == 422
    assert any(fault["field"].startswith(field) for fault in answer.json()["errors"])


def test_messages_journal_and_owner(world: World) -> None:
    """Each holds what the contract names; the journal goes on from where one was."""
    ref = world.report()
    messages = world.web.get(f"/api/v1/cases/{ref}/messages", headers=world.machine).json()["messages"]
    assert all(set(message) >= MESSAGE for message in messages)
    pushed = {m["to"] for m in messages if m["channel"] == "webhook" and m["state"] == "received"}
    assert pushed == {"insp-a", "sgt-s", "fim-1"}
    entries = world.web.get(f"/api/v1/cases/{ref}/journal", headers=world.machine).json()["entries"]
    assert all({"seq", "at", "by", "route", "kind", "body", "hash"} <= set(entry) for entry in entries)
    seq = entries[3]["seq"]
    later = world.web.get(f"/api/v1/cases/{ref}/journal?after={seq}", headers=world.machine).json()["entries"]
    assert later == entries[4:]
    world.fact(ref, "acknowledged", "insp-a")
    world.clock.at = world.clock.at.replace(minute=5)
    world.fact(ref, "accepted", "insp-a")
    world.clock.at = world.clock.at.replace(minute=9)
    owner = f"/api/v1/cases/{ref}/owner"
    assert world.web.get(owner, headers=world.machine).json() == {
        "person": "insp-a",
        "role": "duty_inspector",
        "how": "accepted",
        "since": "2026-01-10T19:05:00Z",
        "offered_at": "2026-01-10T19:00:00Z",
        "accepted_at": "2026-01-10T19:05:00Z",
    }
    before = world.web.get(owner, params={"at": "2026-01-10T19:04:00+00:00"}, headers=world.machine).json()
    assert (before["person"], before["how"]) == ("fim-1", "fallback")
    step = world.web.get(owner, params={"step": STEP}, headers=world.machine).json()
    assert step["person"] == "insp-a"


def test_lists_are_filtered_and_paged(world: World) -> None:
    """By status, area, risk, overdue and owner; `next` leads on."""
    refs = [world.report(n, area=area) for n, area in ((1, "stoke"), (2, "newcastle"), (3, "stoke"))]
    stoke = world.web.get("/api/v1/cases?area=stoke&status=open", headers=world.machine).json()
    assert {case["case"] for case in stoke["cases"]} == {refs[0], refs[2]}
    assert stoke["as_of"] == "2026-01-10T19:00:00Z"
    first = world.web.get("/api/v1/cases?limit=2", headers=world.machine).json()
    rest = world.web.get(f"/api/v1/cases?limit=2&cursor={first['next']}", headers=world.machine).json()
    assert len(first["cases"]) == 2
    assert (len(rest["cases"]), rest["next"]) == (1, None)
    assert world.web.get("/api/v1/cases?overdue=true", headers=world.machine).json()["cases"] == []
    wrong = world.web.get("/api/v1/cases?risk=huge&overdue=maybe&limit=0", headers=world.machine)
    assert wrong.status_code == 422
    assert [fault["field"] for fault in wrong.json()["errors"]] == ["risk", "overdue", "limit"]


@pytest.mark.parametrize(
    ("method", "path", "status", "slug"),
    [
        ("GET", "/api/v1/cases/MP-2026-999999", 404, "unknown"),
        ("GET", "/api/v1/nothing", 404, "unknown"),
        ("GET", "/api/v1/packs/atlantis", 404, "unknown"),
        ("DELETE", "/api/v1/cases", 405, "unknown"),
        ("GET", "/api/v1/cases/MP-2026-999999/journal?after=x", 422, "invalid"),
        ("GET", "/api/v1/cases/MP-2026-999999/owner?at=x", 422, "invalid"),
        ("POST", "/api/v1/cases/MP-2026-999999/facts", 400, "unreadable"),
    ],
)
def test_every_refusal_is_a_problem_document(world: World, method: str, path: str, status: int, slug: str) -> None:
    """Also those of the framework."""
    answer = world.web.request(method, path, headers=world.machine)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == f"/problems/{slug}"


@pytest.mark.parametrize(
    "path", ["/cases", "/cases/MP-2026-000001", "/alarms", "/packs", "/roster", "/cases/MP-2026-000001/messages"]
)
def test_nobody_unknown_reads(world: World, path: str) -> None:
    """401, whether the thing exists or not."""
    world.report()
    for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": world.app.keys.token}):
        assert world.web.get(f"/api/v1{path}", headers=headers).status_code == 401


def test_a_roster_with_a_bad_row_changes_nothing_unless_partial(world: World) -> None:
    """Rows refused are named; with partial=true the good ones count."""
    good = "insp-z,Zed,,duty_inspector,stoke,2026-01-10T14:00:00Z,2026-01-10T22:00:00Z,,http://127.0.0.1:9/z,\n"
    bad = "x,,,wizard,stoke,2026-01-10T14:00:00Z,2026-01-10T22:00:00Z,,,\n"
    text = "person,name,rank,role,area,from,to,email,webhook,phone\n" + good + bad
    refused = world.web.put("/api/v1/roster", content=text, headers=world.machine)
    body = refused.json()
    assert (refused.status_code, body["accepted"]) == (422, 0)
    assert {"row", "field", "message", "remedy"} == set(body["refused"][0])
    assert body["refused"][0]["row"] == 3
    assert body["type"] == "/problems/invalid"
    people = {duty["person"] for duty in world.web.get("/api/v1/roster", headers=world.machine).json()["duties"]}
    assert "insp-a" in people
    taken = world.web.put("/api/v1/roster?partial=true", content=text, headers=world.machine)
    assert (taken.status_code, taken.json()["accepted"]) == (200, 1)
    assert taken.json()["gaps"]


def test_a_text_that_was_not_needed_is_not_shown_and_one_that_was_is(world: World) -> None:
    """PUT takes the column `sms`; the messages name the channel; a case's page says *text* where one went out."""
    head = "person,name,rank,role,area,from,to,email,webhook,phone,sms\n"
    row = "insp-z,Zed,,duty_inspector,stoke,2026-01-10T14:00:00Z,2026-01-10T22:00:00Z,,{hook},,{text}\n"
    wrong = head + row.format(hook="http://127.0.0.1:9/z", text="07700900123")
    refused = world.web.put("/api/v1/roster", content=wrong, headers=world.machine)
    assert (refused.status_code, refused.json()["refused"][0]["field"]) == (422, "sms")
    for number, (hook, shown) in enumerate((("http://127.0.0.1:9/z", False), ("", True)), 1):
        good = head + row.format(hook=hook, text="http://127.0.0.1:9/text/z")
        assert world.web.put("/api/v1/roster", content=good, headers=world.machine).status_code == 200
        case = world.report(number)
        sent = world.web.get(f"/api/v1/cases/{case}/messages", headers=world.machine).json()["messages"]
        states = {m["state"] for m in sent if m["channel"] == "sms" and m["to"] == "insp-z"}
        assert states == ({"received"} if shown else {"cancelled"})
        with world.app.sessions.reading() as s:
            lines = told_lines(messages.of_case(s, case), world.app.packs["staffordshire"], Risk.MEDIUM)
        words = {way.channel for line in lines for way in line.ways if line.to == "insp-z"}
        assert words == ({"text", "inbox"} if shown else {"webhook", "inbox"})


def test_packs_and_their_forms(world: World) -> None:
    """A pack shows every step's times and ladder; a step its form as JSON Schema."""
    pack = world.web.get("/api/v1/packs/staffordshire", headers=world.machine).json()
    step = next(step for step in pack["steps"] if step["key"] == STEP)
    assert step["due"] == {"very_low": "15m", "low": "15m", "medium": "10m", "high": "5m"}
    assert (step["send"], step["retry"], step["basis"]["rule"]) == ("1m", "3m", "SOURCED(S0)")
    assert step["ladder"][0]["rung"] == 1
    assert step["ladder"][0]["to"][0]["role"] == "force_incident_manager"
    one = world.web.get(f"/api/v1/packs/staffordshire/steps/{STEP}", headers=world.machine).json()
    assert one["schema"]["type"] == "object"


def test_the_measures_are_those_of_the_contract(world: World) -> None:
    """Each name is there, computed from the store."""
    world.report()
    text = world.web.get("/metrics").text
    for name in (
        *("vigil_first_message_seconds", "vigil_act_lateness_seconds", "vigil_open_cases 1.0"),
        *("vigil_overdue_steps 0.0", "vigil_unacknowledged 1.0", 'vigil_messages_total{state="received"}'),
        *("vigil_watchdog_acts_total 0.0", "vigil_feed_age_seconds NaN"),
    ):
        assert name in text


def test_the_documentation_needs_nothing_from_elsewhere(world: World) -> None:
    """The page and the OpenAPI document; no address of another host in the page."""
    page = world.web.get("/api/docs").text
    assert "POST /api/v1/reports" in page
    assert "https://" not in page
    assert world.web.get("/api/docs", headers={"Accept": "application/json"}).json()["openapi"].startswith("3.")


def test_headers_protect_every_answer(world: World) -> None:
    """Pages, refusals and API alike."""
    for path in ("/sign-in", "/a/forged", "/api/v1/cases", "/healthz", "/static/vigil.css"):
        headers = world.web.get(path).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
    assert world.web.get("/sign-in").headers["cache-control"] == "no-store"


def test_the_board_shows_the_overdue_first(world: World) -> None:
    """What each case awaits, by when, and what then; closed ones are left out."""
    late = world.report(1, risk="low")
    world.forward(30)
    now = "2026-01-10T19:30:00Z"
    fresh = world.report(2, risk="high", area="newcastle", reported_at=now, recorded_at=now)
    board = world.web.get("/api/v1/board", headers=world.machine).json()
    assert (board["as_of"], board["feed_age_s"]) == (now, None)
    assert [row["case"] for row in board["rows"]] == [late, fresh]
    assert set(board["rows"][0]) == {
        *("case", "serial", "risk", "age_band", "area", "owner", "offered_to", "responsible"),
        *("awaiting", "since", "due_at", "then", "overdue"),
    }
