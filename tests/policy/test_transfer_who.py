"""Who may offer a case to another force, accept it and send it back, and who may not."""

from dataclasses import replace

import pytest

from policy.errors import Invalid
from policy.facts import read_fact
from policy.looking import Sight, sight
from policy.pack_parse import PackInvalid
from policy.terms import Rank, Risk
from tests.policy.night import Night, at, on, pack, roster, staff
from tests.policy.two_forces import (
    THEIR_FIM,
    TRANSFER,
    VOICE,
    accepted,
    both,
    offered,
    owned,
    owner,
    refused,
)


@pytest.mark.parametrize("name", ["west_midlands", "West Midlands", "West Midlands Police", "WEST-MIDLANDS police"])
def test_a_force_by_its_name(name: str) -> None:
    """People write a force's name, not its key."""
    assert owned().says("insp-a", "transfer_offered", force=name).case.force == "west_midlands"


def test_a_force_that_nobody_knows() -> None:
    """The refusal lists those that there are; our own is handed over to, not transferred to."""
    refusal = refused(owned(), "insp-a", "transfer_offered", force="Atlantis")
    assert refusal.rule == TRANSFER
    assert refusal.missing[0].what == "force"
    assert "cheshire, city_of_london" in refusal.missing[0].why
    assert "staffordshire" not in refusal.missing[0].why
    assert (
        str(refused(owned(), "insp-a", "transfer_offered", force="Staffordshire"))
        == "Staffordshire Police is this force"
    )
    assert (
        "none yet"
        in refused(
            Night(both(), replace(pack(), forces={}, own_force=None)).report(), "insp-a", "transfer_offered", force="x"
        )
        .missing[0]
        .why
    )


@pytest.mark.parametrize(
    "said",
    [{"how": "By e-mail"}, {"method": "email"}, {"channel": "their mailbox"}, {"by_email": True}, {"how": "mail"}],
)
def test_an_email_is_no_acceptance(said: dict[str, object]) -> None:
    """It was not read from 01:53 to 06:05, and the person died (W41)."""
    refusal = refused(offered(), "fim-1", "transfer_accepted", person="PS Jones", **said)
    assert (refusal.rule, str(refusal)) == (TRANSFER, "e-mail is never acceptance")
    assert "named person" in refusal.missing[0].why


def test_a_voice_with_an_email_is() -> None:
    """Who has spoken to a named person may send the brief as they like."""
    assert owner(offered().says("fim-1", "transfer_accepted", person="PS Jones", how=VOICE)) == "PS Jones"


def test_nobody_accepts_what_was_not_offered() -> None:
    """Without an offer, a second time, or for another force, an acceptance is refused."""
    assert "is not offered" in str(refused(owned(), "fim-1", "transfer_accepted", person="PS Jones"))
    assert str(refused(accepted(), "fim-1", "transfer_accepted", person="PS Jones")).startswith(
        "wm-fim of West Midlands"
    )
    assert "not of West Midlands" in str(refused(offered(), "fim-1", "transfer_accepted", person="ch-fim"))


@pytest.mark.parametrize("person", ["insp-a", "fim-1", "insp-n"])
def test_nobody_accepts_from_themselves(person: str) -> None:
    """One of ours is no named person there, whatever they say."""
    refusal = refused(offered(), "fim-1", "transfer_accepted", person=person)
    assert str(refusal) == f"{person} is not of West Midlands Police"
    assert refused(owned(), "insp-a", "transfer_offered", force="west_midlands", to=person).rule == TRANSFER


def test_a_liaison_officer() -> None:
    """Who is on duty force-wide, and has nothing to do with the case here, may be the other force's person."""
    night = offered(staff(extra=[on("liaison", "duty_inspector")]))
    assert owner(night.says("liaison", "transfer_accepted", person="liaison")) == "liaison"


def test_who_may_say_so() -> None:
    """Somebody unknown, and who may not approve a transfer, is refused; an acceptance without a person is no fact."""
    assert refused(offered(), "somebody", "transfer_accepted", person="PS Jones").rule == "known_person"
    assert refused(offered(), "crs-1", "transfer_accepted", person="PS Jones").rule == "permission"
    with pytest.raises(Invalid):
        read_fact({"kind": "transfer_accepted", "by": "fim-1", "evidence": {}})
    with pytest.raises(Invalid, match="has 65 letters"):
        offered().says("fim-1", "transfer_accepted", person="x" * 65)


def test_the_other_force_acts_only_on_what_it_is_asked_about() -> None:
    """Its people answer an offer to them; other acts are theirs once it is theirs, information always."""
    why = "is of another force"
    assert why in str(refused(owned(), "wm-fim", "transfer_accepted", person="wm-fim"))
    assert why in str(refused(offered(), "ch-fim", "transfer_accepted", person="ch-fim"))
    lower = {"level": "low", "rationale": "Nothing points to harm"}
    assert why in str(refused(offered(person={"name": "An Adult", "age": 40}), "wm-fim", "risk_set", **lower))
    assert offered().says("wm-fim", "risk_set", level="high", rationale="Threats").case.risk is Risk.HIGH
    night = accepted(person={"name": "An Adult", "age": 40}).says("wm-fim", "risk_set", **lower)
    assert night.case.risk is Risk.LOW
    assert (
        accepted().says("wm-fim", "handover_offered", to="wm-di").says("wm-di", "accepted").case.transfer == "accepted"
    )


def test_nobody_owns_it_past_the_transfer() -> None:
    """What another force has accepted is handed to nobody here, and nothing is handed over to another force."""
    assert "has accepted" in str(refused(accepted(), "fim-1", "handover_offered", to="insp-n"))
    assert "has accepted" in str(refused(accepted(), "insp-a", "accepted"))
    assert "is of another force" in str(refused(owned(), "insp-a", "handover_offered", to="wm-di"))
    assert owned().says("insp-a", "handover_offered", to="insp-n").case.offered_to == "insp-n"


def test_nothing_is_sent_back_that_was_not_offered() -> None:
    """There is nobody who could."""
    assert "no other force is asked" in str(refused(owned(), "fim-1", "transfer_bounced", reason="Not ours"))


def test_the_risk_is_not_lowered_on_the_way() -> None:
    """High became medium while the case went to and fro (W41): it takes an inspector, whatever the pack says."""
    rules = pack(more='downgrade_rank = "staff"')
    lower = {"level": "low", "rationale": "Often late"}
    adult = {"name": "An Adult", "age": 40}
    acting = replace(on("sgt-f", "duty_inspector", "stoke"), rank=Rank.SERGEANT)
    people = roster(*both().duties, acting)
    night = Night(people, rules).report(person=adult).says("insp-a", "accepted").until("19:30")
    assert night.says("sgt-f", "risk_set", **lower).case.risk is Risk.LOW
    night.says("insp-a", "risk_set", level="medium", rationale="Not seen since")
    night.says("insp-a", "transfer_offered", force="west_midlands")
    refusal = refused(night, "sgt-f", "risk_set", **lower)
    assert (refusal.rule, refusal.missing[0].what) == ("downgrade_rank", "a person of rank inspector or above")
    assert night.says("insp-a", "risk_set", **lower).case.risk is Risk.LOW


def test_people_of_another_force_are_none_of_ours() -> None:
    """They hear no alarm of ours, stand in no refusal as those who may, and hold no role in our areas."""
    superintendent = on("wm-supt", "on_call_superintendent", "west_midlands")
    alone = roster(superintendent, on("sgt-s", "response_sergeant", "stoke"))
    apart = alone.apart(pack().forces)
    assert [duty.person for duty in apart.on_duty(at("19:00"))] == ["sgt-s"]
    highest = apart.highest(at("19:00"))
    assert highest is not None
    assert highest.person == "sgt-s"
    assert apart.who_may(Rank.INSPECTOR, at("19:00")) == "nobody of rank inspector or above is on duty"
    assert (apart.of_other_force("wm-supt"), apart.of_other_force("sgt-s"), apart.of_other_force("x")) == (
        True,
        False,
        False,
    )
    assert alone.apart(pack().forces) is apart
    assert apart.apart(pack().forces) is apart
    assert staff().apart(pack().forces).elsewhere == frozenset()
    night = Night(roster(superintendent, THEIR_FIM, on("sgt-s", "response_sergeant", "stoke"))).report()
    assert {alarm.to for alarm in night.alarms} == {"sgt-s"}


def test_what_another_force_sees() -> None:
    """Its people see the case that they were asked to take; no reason opens another one to them."""
    rules, night = pack(), offered()
    known = night.roster.apart(rules.forces)
    for person, seen in (("wm-fim", Sight(own=True)), ("ch-fim", Sight(own=False, never=True))):
        assert sight(night.case, person, None, known, night.now, practice=False) == seen


def test_whose_force_a_pack_is() -> None:
    """A pack is of the force that bears its name or that it names; a name that no force has is a fault."""
    own = pack().own_force
    assert own is not None
    assert own.key == "staffordshire"
    assert "staffordshire" not in pack().forces
    assert pack(more='force = "kent"').own_force == pack().forces["kent"]
    with pytest.raises(PackInvalid) as fault:
        pack(more='force = "kennt"')
    assert [(f.field, f.remedy) for f in fault.value.faults] == [("trial.toml: force", "did you mean kent?")]
    with pytest.raises(PackInvalid) as fault:
        pack(more='force = "qqqq"')
    assert fault.value.faults[0].remedy == "name the key of a [forces.<key>] table"
    assert (pack().force_title("kent"), pack().force_title("old_force"), pack().force_title(None)) == (
        *("Kent Police", "old force"), "another force",
    )  # fmt: skip
