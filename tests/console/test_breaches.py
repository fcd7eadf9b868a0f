"""The register of breaches, the cases that are not compliant, and each change of risk told in words."""

import pytest

from console.cli.commands import run
from tests.console.hands import at_console, plain
from tests.console.test_case_forms import ADULT
from tests.console.world import STEP, World


def test_nothing_removes_a_breach(world: World) -> None:
    """A deadline that passed is on the record with the name of whoever had it, whatever was done afterwards."""
    ref = world.report(1)
    assert world.web.get("/api/v1/breaches", headers=world.machine).json()["breaches"] == []
    world.forward(12)
    (first,) = [b for b in listed(world, f"?case={ref}") if b["step"] == STEP]
    assert (first["due_at"], first["holder"], first["state"]) == ("2026-01-10T19:10:00Z", "insp-a", "open")
    world.fact(ref, "acknowledged", "insp-a", step=STEP)
    (late,) = [b for b in listed(world) if b["step"] == STEP]
    assert (late["state"], late["done_by"], late["late_s"]) == ("done_late", "insp-a", 120.0)
    world.forward(60)
    world.fact(ref, "step_waived", "sup-1", step="system_research", evidence={"reason": "Done by the ward"})
    (waived,) = [b for b in listed(world) if b["step"] == "system_research"]
    assert (waived["state"], waived["reason"], waived["late_s"]) == ("waived", "Done by the ward", None)
    with at_console(world, "fim-1") as fim:
        page = plain(fim.client.get(f"/breaches?case={ref}").text)
        for shown in ("Done late 19:12 by insp-a", "Waived 20:12 by sup-1: Done by the ward", "Still open"):
            assert shown in page
        assert "No breach." in plain(fim.client.get("/breaches?from=2026-02-01").text)
        assert "No breach." in plain(fim.client.get("/breaches?to=2026-01-09").text)
        assert STEP_TITLE in plain(fim.client.get("/breaches?from=2026-01-10&to=2026-01-10").text)
        assert fim.client.get("/breaches?from=soon").status_code == 422
        assert fim.client.get("/breaches?case=MP-2026-999999").status_code == 422
    assert world.web.get("/breaches").status_code == 303


STEP_TITLE = "FIM tells the LOI and the sergeant"


def test_the_register_is_read_by_time_and_page_by_page(world: World) -> None:
    """From and to are instants of the deadline; the cursor goes on where a page ended."""
    world.report(1)
    world.report(2, area="newcastle")
    world.forward(300)
    everything = listed(world)
    assert len(everything) > 4
    found, cursor = [], ""
    while True:
        page = world.web.get(f"/api/v1/breaches?limit=3{cursor}", headers=world.machine).json()
        found += page["breaches"]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert found == everything
    some = listed(world, "?from=2026-01-10T19:10:00Z&to=2026-01-10T19:15:01Z")
    assert some
    assert {b["due_at"] for b in some} <= {"2026-01-10T19:10:00Z", "2026-01-10T19:15:00Z"}
    for query in ("from=soon", "limit=0", "cursor=x"):
        assert world.web.get(f"/api/v1/breaches?{query}", headers=world.machine).status_code == 422
    assert world.web.get("/api/v1/breaches?case=MP-2026-999999", headers=world.machine).status_code == 404
    assert world.web.get("/api/v1/breaches").status_code == 401


def test_a_case_whose_serial_names_nobody_is_listed(world: World) -> None:
    """Scenario 3: closed without an entry it stands on the list, the board and the case's page until there is one."""
    ref = world.report(1, risk="very_low", person=ADULT)
    world.fact(ref, "acknowledged", "insp-a", step=STEP)
    world.fact(ref, "serial_closed", "op-1")
    board = world.web.get("/api/v1/board", headers=world.machine).json()
    assert board["non_compliant"] == [ref]
    with at_console(world, "fim-1") as fim:
        assert "Not compliant: the serial was closed and does not say who was told: " + ref in plain(
            fim.client.get("/").text
        )
        assert ref in plain(fim.client.get("/breaches").text)
        assert "The serial was closed and does not say who was told" in fim.page(ref)
        fim.did(ref, "do-log_notification_in_c_and_c-1-serial_entry", recipient="insp-a", text="Handed to insp-a")
        assert "Not compliant" not in plain(fim.client.get("/").text)
    assert world.web.get("/api/v1/breaches", headers=world.machine).json()["non_compliant"] == []


def test_each_change_of_risk_is_told_in_words(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Who, with what rank, when and why; what moved, what opens, what is no longer asked for: page, API, terminal."""
    ref = world.report(1, risk="medium", person=ADULT)
    world.forward(5)
    world.fact(ref, "risk_set", "fim-1", evidence={"level": "high", "rationale": "No medication since noon"})
    world.fact(ref, "risk_set", "fim-1", evidence={"level": "high", "rationale": "Still so"})
    world.forward(1)
    world.fact(ref, "risk_set", "dci-1", evidence={"level": "very_low", "rationale": "Rang from the ward."})
    changes = world.web.get(f"/api/v1/cases/{ref}", headers=world.machine).json()["risk_changes"]
    lowered, confirmed, raised = (change["text"] for change in changes)
    assert raised.startswith(
        "Risk raised from medium to high by fim-1 (inspector) at 19:05: No medication since noon. "
    )
    assert "Moved earlier: " in raised
    assert confirmed.startswith("Risk confirmed as high by fim-1 (inspector) at 19:05: Still so.")
    assert lowered.startswith(
        "Risk lowered from high to very low by dci-1 (chief inspector) at 19:06: Rang from the ward. "
    )
    assert "No longer asked for: " in lowered
    assert run(["case", "show", ref, "--home", str(world.app.settings.home)]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "Risk raised from medium to high by fim-1 (inspector) at 19:05" in shown
    with at_console(world, "fim-1") as fim:
        assert raised in plain(fim.page(ref))


def test_a_risk_that_was_not_set_is_told_as_set(world: World) -> None:
    """From unset there is nothing to raise or lower from."""
    ref = world.report(1, risk=None)
    world.fact(ref, "risk_set", "op-1", evidence={"level": "low", "rationale": "Has done so before"})
    (change,) = world.web.get(f"/api/v1/cases/{ref}", headers=world.machine).json()["risk_changes"]
    assert change["text"].startswith("Risk set to low by op-1 (staff) at 19:00: Has done so before.")
    assert (change["before"], change["after"]) == (None, "low")


def listed(world: World, query: str = "") -> list[dict[str, object]]:
    """The breaches that the API gives."""
    found: list[dict[str, object]] = world.web.get(f"/api/v1/breaches{query}", headers=world.machine).json()["breaches"]
    return found
