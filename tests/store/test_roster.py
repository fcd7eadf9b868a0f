"""The roster as it stands: replaced whole, looked at as of an instant."""

from dataclasses import replace
from datetime import timedelta

from policy.case import Owner
from policy.roster import Contact
from policy.terms import CaseStatus, Channel, Rank, Role
from store import cases, roster
from store.engine import Sessions
from store.roster_file import read_csv
from tests.store.samples import AT, a_case, stored

HEADER = "person,name,rank,role,area,from,to,email,webhook,phone,sms"
DAY = "2026-01-10T14:00:00Z,2026-01-10T22:00:00Z"
FIRST = f"""{HEADER}
insp-a,Ann,,duty_inspector,stoke,{DAY},a@force.example,http://127.0.0.1/a,07,http://127.0.0.1/text/a
fim-1,Fay,,force_incident_manager,*,{DAY},,,
old,Olga,,duty_inspector,stoke,2026-01-08T14:00:00Z,2026-01-09T19:00:00Z,,,
next,Nia,,duty_inspector,stoke,2026-01-11T19:00:00Z,2026-01-12T14:00:00Z,,,
"""


def _import(sessions: Sessions, text: str) -> None:
    with sessions() as s:
        roster.replace(s, read_csv(text, AT, areas=["stoke"]))


def test_a_snapshot_is_who_is_there(sessions: Sessions) -> None:
    """Duties within a day of now; everybody known, on duty or not; contacts in the order webhook, text, e-mail."""
    _import(sessions, FIRST)
    with sessions.reading() as s:
        seen = roster.snapshot(s, AT)
        assert [duty.person for duty in seen.duties] == ["insp-a", "fim-1"]
        near = roster.snapshot(s, AT - timedelta(seconds=1))
        assert [duty.person for duty in near.duties] == ["insp-a", "fim-1", "old"]
        assert len(roster.duties(s)) == 4
    assert set(seen.known) == {"insp-a", "fim-1", "old", "next"}
    assert seen.rank_of("fim-1") is Rank.INSPECTOR
    assert seen.duties[0].contacts == (
        Contact(Channel.WEBHOOK, "http://127.0.0.1/a"),
        Contact(Channel.SMS, "http://127.0.0.1/text/a"),
        Contact(Channel.EMAIL, "a@force.example"),
    )
    assert seen.duties[1].contacts == ()
    chosen = seen.choose(Role.DUTY_INSPECTOR, ["stoke"], AT).chosen
    assert chosen is not None
    assert chosen.from_at == AT - timedelta(hours=5)


def test_a_new_roster_takes_the_place_of_the_old(sessions: Sessions) -> None:
    """Who is left out is known no more, but the past keeps their name."""
    _import(sessions, FIRST)
    _import(sessions, f"{HEADER}\ninsp-a,Anna,,duty_chief_inspector,*,{DAY},,,\n")
    with sessions() as s:
        seen = roster.snapshot(s, AT)
        assert seen.known == {"insp-a": Rank.CHIEF_INSPECTOR}
        assert [duty.role for duty in seen.duties] == [Role.DUTY_CHIEF_INSPECTOR]
        assert roster.names_of(s, ["insp-a", "fim-1", "ghost"]) == {
            "insp-a": "Anna",
            "fim-1": "Fay",
            "ghost": "ghost",
        }
        assert roster.name_of(s, "old") == "Olga"
        assert roster.phone_of(s, "insp-a") is None
    _import(sessions, HEADER)
    with sessions() as s:
        assert roster.snapshot(s, AT).duties == ()


def test_load_is_open_cases_owned(sessions: Sessions) -> None:
    """Closed cases weigh nothing, and an offer is not ownership."""
    with sessions() as s:
        for number, status in enumerate((CaseStatus.OPEN, CaseStatus.LOCATED, CaseStatus.CLOSED), start=1):
            cases.create(s, stored(replace(a_case(f"MP-2026-{number:06d}"), status=status)))
        other = Owner("insp-b", Role.DUTY_INSPECTOR, AT, AT)
        cases.create(s, stored(replace(a_case("MP-2026-000004"), owner=other)))
        cases.create(s, stored(replace(a_case("MP-2026-000005"), owner=None)))
        assert roster.snapshot(s, AT).load == {"insp-a": 2, "insp-b": 1}


def test_a_phone_is_the_latest_duties(sessions: Sessions) -> None:
    """Somebody who must be spoken to can be rung."""
    _import(sessions, FIRST)
    with sessions() as s:
        assert roster.phone_of(s, "insp-a") == "07"
