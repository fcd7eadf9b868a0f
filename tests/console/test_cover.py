"""Acting up and temporary cover: granted by another of that rank, seen by choice and permission, journalled."""

import json
from collections.abc import Mapping
from datetime import timedelta

import httpx
import pytest

from console.cli.commands import run
from policy.terms import Rank
from store import journal
from tests.console.hands import at_console, plain
from tests.console.world import START, World, roster

COVER = {
    "person": "sgt-s",
    "role": "duty_inspector",
    "area": "stoke",
    "from": START.isoformat(),
    "to": (START + timedelta(hours=6)).isoformat(),
    "reason": "The inspector is at court",
}


def grant(world: World, by: str = "dci-1", **fields: object) -> httpx.Response:
    """Grant cover as a system that speaks for somebody."""
    body = {**COVER, "by": by, **fields}
    return world.web.post("/api/v1/roster/acting", json=body, headers=world.machine)


def rank_of(world: World, person: str) -> Rank | None:
    """Give a person's rank at this minute."""
    with world.app.sessions.reading() as s:
        return world.app.roster(s, world.clock.now()).rank_of(person)


def test_whoever_acts_is_told_accepts_and_lowers_as_that_rank(world: World) -> None:
    """An acting inspector counts among the inspectors, by the channels of their own duty, until it is over."""
    ref = world.report(1, risk="high", person={"name": "Somebody", "date_of_birth": "1990-05-01"})
    lower = {"kind": "risk_set", "by": "sgt-s", "evidence": {"level": "medium", "rationale": "phone found"}}
    refused = world.web.post(f"/api/v1/cases/{ref}/facts", json=lower, headers=world.machine)
    assert (refused.status_code, "sgt-s" in refused.json()["who_may"]) == (409, False)
    made = grant(world)
    assert made.status_code == 201, made.text
    assert (made.json()["rank"], made.json()["granted_by"]) == ("inspector", "dci-1"), "the rank follows the role"
    duties = world.web.get("/api/v1/roster", headers=world.machine).json()["duties"]
    acting = [d for d in duties if (d["person"], d["role"]) == ("sgt-s", "duty_inspector")]
    assert [(d["rank"], d["channels"], d["on_duty"]) for d in acting] == [("inspector", ["webhook"], True)]
    accept = {"kind": "accepted", "by": "sgt-s"}
    assert world.web.post(f"/api/v1/cases/{ref}/facts", json=accept, headers=world.machine).status_code == 200
    assert world.web.post(f"/api/v1/cases/{ref}/facts", json=lower, headers=world.machine).status_code == 200
    world.clock.at += timedelta(hours=6)
    assert rank_of(world, "sgt-s") is Rank.SERGEANT


def test_it_outlives_an_import_and_is_journalled(world: World) -> None:
    """A new roster keeps it; it can be ended by the person, once; both stand in the journal with who and why."""
    number = grant(world).json()["id"]
    assert grant(world).json()["id"] == number, "the same again is the same"
    assert world.web.put("/api/v1/roster", content=roster(), headers=world.machine).status_code == 200
    assert rank_of(world, "sgt-s") is Rank.INSPECTOR
    end = f"/api/v1/roster/acting/{number}/end"
    refused = world.web.post(end, json={"by": "op-1"}, headers=world.machine)
    assert (refused.status_code, refused.json()["rule"]) == (409, "rank")
    assert world.web.post(end, json={"by": "sgt-s"}, headers=world.machine).json()["ended_by"] == "sgt-s"
    assert world.web.post(end, json={"by": "dci-1"}, headers=world.machine).json()["ended_by"] == "sgt-s"
    assert rank_of(world, "sgt-s") is Rank.SERGEANT
    assert world.web.get("/api/v1/roster/acting", headers=world.machine).json()["acting"] == []
    with world.app.sessions.reading() as s:
        said = [line for line in journal.read(s) if line.kind.startswith("acting_")]
    assert [(line.kind, line.by) for line in said] == [("acting_granted", "dci-1"), ("acting_ended", "sgt-s")]
    assert said[0].body["reason"] == COVER["reason"]


@pytest.mark.parametrize(
    ("by", "fields", "rule"),
    [
        ("sgt-s", {}, "second_person"),
        ("op-1", {}, "rank"),
        ("insp-a", {"role": "duty_chief_inspector"}, "rank"),
        ("insp-a", {"rank": "superintendent"}, "rank"),
        ("nobody", {}, "rank"),
    ],
)
def test_who_may_not_grant_it(world: World, by: str, fields: Mapping[str, object], rule: str) -> None:
    """Never oneself, never below inspector, never above the own rank; the refusal names who may."""
    refused = grant(world, by, **fields)
    assert (refused.status_code, refused.json()["rule"]) == (409, rule)
    assert refused.json()["who_may"]
    assert rank_of(world, "sgt-s") is Rank.SERGEANT


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("person", "not-there"),
        ("person", None),
        ("role", "auditor"),
        ("rank", "colonel"),
        ("area", "narnia"),
        ("from", "tonight"),
        ("to", (START - timedelta(hours=1)).isoformat()),
        ("to", (START + timedelta(days=200)).isoformat()),
        ("reason", "  "),
        ("reason", "x" * 501),
    ],
)
def test_a_faulty_grant(world: World, field: str, value: object) -> None:
    """Every fault is named with its field and a remedy; nothing is written."""
    body = {**COVER, "by": "dci-1", field: value}
    refused = world.web.post("/api/v1/roster/acting", json=body, headers=world.machine)
    assert refused.status_code == 422, refused.text
    faults = {fault["field"]: fault["remedy"] for fault in refused.json()["errors"]}
    assert faults.get(field)
    assert world.web.get("/api/v1/roster/acting", headers=world.machine).json()["acting"] == []


def test_the_page(world: World) -> None:
    """An inspector grants it and ends it there; faults come back with what was typed; a sergeant only reads."""
    typed = {**COVER, "from": "2026-01-10T19:00", "to": "2026-01-10T23:00", "rank": ""}
    with at_console(world, "insp-a") as insp, at_console(world, "sgt-s") as sgt:
        assert "<form" not in sgt.client.get("/cover").text.partition("<main")[2]
        faulty = insp.client.post("/cover", data={**typed, "csrf": insp.csrf, "to": ""})
        assert (faulty.status_code, 'href="#to"' in faulty.text, COVER["reason"] in faulty.text) == (422, True, True)
        oneself = insp.client.post("/cover", data={**typed, "csrf": insp.csrf, "person": "insp-a"})
        assert (oneself.status_code, "insp-a may not grant it to insp-a" in plain(oneself.text)) == (409, True)
        assert insp.client.post("/cover", data=typed).status_code == 403, "not from a page of ours"
        assert insp.client.post("/cover", data={**typed, "csrf": insp.csrf}).status_code == 303
        assert rank_of(world, "sgt-s") is Rank.INSPECTOR
        page = plain(insp.client.get("/cover").text)
        assert "sgt-s Duty inspector, inspector" in page
        assert COVER["reason"] in page
        number = world.web.get("/api/v1/roster/acting", headers=world.machine).json()["acting"][0]["id"]
        assert insp.client.post("/cover", data={"csrf": insp.csrf, "end": str(number)}).status_code == 303
    assert world.web.get("/cover").status_code == 303, "nobody who is not signed in"
    assert rank_of(world, "sgt-s") is Rank.SERGEANT


def test_the_command(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """`vigil roster act-up` grants it; what is refused is said with who may, exit 1."""
    given = {name: value for name, value in COVER.items() if name != "person"}
    given |= {"from": "2098-01-01T08:00:00Z", "to": "2098-01-02T08:00:00Z"}  # the command goes by the wall clock
    flags = [part for name, value in given.items() for part in (f"--{name}", value)]
    home = ["--home", str(world.app.settings.home), "--json"]
    assert run(["roster", "act-up", "sgt-s", *flags, "--by", "op-1", *home]) == 1
    assert json.loads(capsys.readouterr().err)["rule"] == "rank"
    assert run(["roster", "act-up", "sgt-s", *flags, "--by", "dci-1", *home]) == 0
    assert json.loads(capsys.readouterr().out)["granted_by"] == "dci-1"
