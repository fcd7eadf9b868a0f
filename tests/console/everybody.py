"""Everybody of the table of permissions: one person of each role on duty in one area, signed in as themselves."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from pathlib import Path

import httpx

from console.access import COOKIE, Access
from policy.terms import Role
from store import accounts
from store.accounts import Account
from tests.console.world import START, World, open_world, roster

ADULT = {"date_of_birth": "1990-05-01"}
CHECKS = ("researched_by", "national_computer", "local_systems", "previous_episodes", "travel")
PACK = """
pack = "staffordshire_transfers"
inherits = "staffordshire"
title = "Staffordshire, with a transfer"
"""
CONTROL = {"call_handler", "control_room_operator", "control_room_sergeant", "force_incident_manager"}


class Force:
    """Everybody of the grid on duty in one area, each signed in on an account of their role."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.numbers = count(1)
        rows = [f"p-{role},,,{role},{'*' if role in CONTROL else 'stoke'},{{on}},{{off}},,," for role in Role]
        on, off = (START - timedelta(hours=4)).isoformat(), (START + timedelta(hours=8)).isoformat()
        text = roster() + "".join(row.format(on=on, off=off) + "\n" for row in rows)
        answer = world.web.put("/api/v1/roster", content=text, headers=world.machine)
        assert (answer.status_code, answer.json()["refused"]) == (200, [])
        self.signed = {role: self._sign_in(role) for role in Role}

    def _sign_in(self, role: Role) -> tuple[dict[str, str], str]:
        account = Account(f"p-{role}", "no password", f"p-{role}", role)
        with self.world.app.sessions() as s:
            accounts.put(s, account)
        access = Access(self.world.app)
        secret = access.begin(account)
        caller = access.person_of(secret)
        assert caller is not None
        return {COOKIE: secret}, caller.csrf

    def ask(self, role: str, method: str, path: str, body: object = None, **headers: str) -> httpx.Response:
        """Ask by the session of a role."""
        cookies, csrf = self.signed[Role(role)]
        sent = {"X-CSRF-Token": csrf, "Cookie": "; ".join(f"{k}={v}" for k, v in cookies.items()), **headers}
        return self.world.web.request(method, f"/api/v1{path}", json=body, headers=sent)

    def case(self, **fields: object) -> str:
        """Take a report of another adult in, and tell whoever is told."""
        number = next(self.numbers)
        return self.world.report(number, person={"name": f"Person {number}", **ADULT}, **fields)

    def says(self, role: str, ref: str, kind: str, step: str | None = None, **evidence: object) -> httpx.Response:
        """Say a fact as the person of a role."""
        raw = {"kind": kind, "by": f"p-{role}", "evidence": evidence} | ({"step": step} if step else {})
        return self.ask(role, "POST", f"/cases/{ref}/facts", raw)

    def knows(self, ref: str, kind: str, by: str, step: str | None = None, **evidence: object) -> None:
        """Let somebody of the world's own roster say what is taken."""
        self.world.fact(ref, kind, by, evidence=evidence, **({"step": step} if step else {}))

    def told(self, ref: str) -> list[tuple[str, str]]:
        """Give who was told of a case, and as what."""
        answer = self.world.web.get(f"/api/v1/cases/{ref}/messages", headers=self.world.machine)
        return [(one["to"], one["role"]) for one in answer.json()["messages"]]

    def first_told(self, ref: str) -> str:
        """Give the inspector who was told."""
        return next(person for person, role in self.told(ref) if role == "duty_inspector")

    def closable(self) -> str:
        """Give a case of which only the closure is open: the person was found dead, so that nobody is interviewed."""
        ref = self.case()
        self.knows(ref, "accepted", self.first_told(ref))
        self.knows(ref, "serial_entry", "fim-1", recipient="insp-a", text="told")
        self.knows(ref, "risk_set", "fim-1", level="medium", rationale="confirmed")
        self.knows(ref, "step_completed", "fim-1", "system_research", **dict.fromkeys(CHECKS, "fim-1"))
        self.knows(ref, "step_completed", "fim-1", "set_review_time", review_at="2026-01-10T23:00:00Z")
        self.knows(ref, "verified_seen", "sgt-s", seen_by="sgt-s", where="in the woods", wellbeing="deceased")
        self.knows(ref, "contact_made", "sgt-s", **{"with": "mother"})
        self.knows(ref, "step_completed", "fim-1", "cancel_circulation", reference="none made")
        return ref


@contextmanager
def everybody(home: Path) -> Iterator[Force]:
    """Open such a force on a fresh home, under a pack of its own."""
    (home / "packs").mkdir()
    (home / "packs" / "staffordshire_transfers.toml").write_text(PACK, encoding="utf-8")
    (home / "vigil.toml").write_text('pack = "staffordshire_transfers"\n', encoding="utf-8")
    with open_world(home) as world:
        yield Force(world)
