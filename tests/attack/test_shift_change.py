"""Nobody acknowledged before the shift ended: whoever comes on hears of it with the next reminder (F1, F6)."""

from policy.terms import MessageType
from tests.policy.night import NOTIFY, Night, at, on, roster, staff


def _relief() -> Night:
    """The inspector who was told goes off duty at 19:05; another one comes on at the same minute."""
    others = [duty for duty in staff().duties if duty.person != "insp-a"]
    going = on("insp-a", "duty_inspector", "stoke", until=at("19:05"))
    coming = on("insp-b", "duty_inspector", "stoke", since=at("19:05"))
    return Night(roster(going, coming, *others)).report()


def test_the_relief_is_told_with_the_next_reminder() -> None:
    """Told at 19:06, the step is theirs, and the one who went home is left in peace."""
    night = _relief().until("19:05").forget().until("19:12")
    assert [t.due_at for t in night.tells if t.person == "insp-b" and t.step == NOTIFY] == [
        at("19:06"),
        at("19:09"),
        at("19:12"),
    ]
    assert not [t for t in night.tells if t.person == "insp-a" and t.type is MessageType.REMIND]
    assert night.step(NOTIFY).holder == "insp-b"
    assert night.says("insp-b", "acknowledged").step(NOTIFY).done_by == "insp-b"


def test_without_relief_the_one_who_went_is_reminded() -> None:
    """Rather a phone at home than none; the ladder climbs beside it."""
    others = [duty for duty in staff().duties if duty.person != "insp-a"]
    going = on("insp-a", "duty_inspector", "stoke", until=at("19:05"))
    night = Night(roster(going, *others)).report().until("19:05").forget().until("19:20")
    assert [t for t in night.tells if t.person == "insp-a" and t.type is MessageType.REMIND]
    assert [t for t in night.tells if t.person == "fim-1" and t.type is MessageType.ESCALATE]
