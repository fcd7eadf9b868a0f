"""Break-glass: a sealed account opens with a reason, for an hour, and the Force Incident Manager hears it at once."""

from datetime import timedelta

from policy.terms import AlarmKey, Route
from runtime import doors
from store import journal, sign_ins
from store.journal import Lines
from tests.console.doorway import account, browser, enter, signed_in
from tests.console.hands import plain
from tests.console.test_signing_in_again import hidden
from tests.console.world import World

REASON = "The force's sign-in service is down"


def alarms(world: World) -> list[dict[str, object]]:
    """The alarms of this kind, as the API has them."""
    found = world.web.get("/api/v1/alarms", headers=world.machine).json()["alarms"]
    return [alarm for alarm in found if alarm["key"] == AlarmKey.BREAK_GLASS]


def test_it_asks_why_and_rings_before_it_opens(world: World) -> None:
    """The right password opens nothing yet; no reason, none; with one it opens, rings, and stands in the journal."""
    account(world, "sealed", "desk-1", break_glass=True)
    with browser(world) as client:
        asked = enter(client, "sealed")
        assert (asked.status_code, "set-cookie" in asked.headers) == (200, False)
        assert "The Force Incident Manager is told at once" in asked.text
        assert not signed_in(client)
        form = hidden(asked.text, "/sign-in/break-glass")
        empty = client.post("/sign-in/break-glass", data={**form, "reason": "  "})
        assert empty.status_code == 422
        assert "Enter a reason" in plain(empty.text)
        long = client.post("/sign-in/break-glass", data={**form, "reason": "x" * 501})
        assert long.status_code == 422
        assert "x" * 501 in long.text
        assert alarms(world) == []
        assert client.post("/sign-in/break-glass", data={**form, "reason": REASON}).status_code == 303
        assert signed_in(client)
    (alarm,) = alarms(world)
    assert (alarm["to"], alarm["case"], alarm["cleared_at"]) == ("fim-1", None, None)
    with world.app.sessions.reading() as s:
        (session,) = sign_ins.of_user(s, "sealed")
        (line,) = journal.of_kinds(s, Lines({"break_glass"}))
    assert (session.how, session.reason) == ("break_glass", REASON)
    assert (line.by, line.body["sign_in"], line.body["reason"]) == ("desk-1", session.short, REASON)
    assert session.short in str(alarm["detail"])
    assert REASON not in str(alarm)


def test_it_is_pushed_to_the_force_incident_manager(world: World) -> None:
    """The message goes out without a case's pass; it says which account, and not why."""
    account(world, "sealed", "desk-1", break_glass=True)
    with browser(world) as client:
        form = hidden(enter(client, "sealed").text, "/sign-in/break-glass")
        client.post("/sign-in/break-glass", data={**form, "reason": REASON})
    doors.deliver_home(world.app)
    told = [envelope.payload for envelope in world.received if envelope.payload["type"] == "alarm"]
    assert [payload["to"]["person"] for payload in told] == ["fim-1"]
    assert "sealed" in str(told)
    assert REASON not in str(told)


def test_it_lasts_an_hour_and_rings_each_time(world: World) -> None:
    """However busy; a second opening rings anew although the first alarm stands."""
    account(world, "sealed", "desk-1", break_glass=True)
    with browser(world) as client:
        for times in (1, 2):
            form = hidden(enter(client, "sealed").text, "/sign-in/break-glass")
            client.post("/sign-in/break-glass", data={**form, "reason": REASON})
            assert len(alarms(world)) == times
        for _ in range(5):
            world.clock.at += timedelta(minutes=11)
            assert signed_in(client)
        world.clock.at += timedelta(minutes=5)
        assert not signed_in(client)


def test_the_second_page_opens_nothing_by_itself(world: World) -> None:
    """Forged, of another account, of an old password, of a disabled account: the sign-in page again, and no alarm."""
    account(world, "sealed", "desk-1", break_glass=True)
    account(world, "other", "desk-2", break_glass=True)
    with browser(world) as client:
        form = hidden(enter(client, "sealed").text, "/sign-in/break-glass") | {"reason": REASON}
        for changed in ({"csrf": "x.1.y"}, {"user": "other"}, {"user": "nobody"}):
            assert client.post("/sign-in/break-glass", data=form | changed).status_code == 403
        doors.change_password(world.app, "sealed", "another hash", Route.CLI)
        assert client.post("/sign-in/break-glass", data=form).status_code == 403
        account(world, "sealed", "desk-1", break_glass=True)
        doors.disable_account(world.app, "sealed", Route.CLI)
        assert client.post("/sign-in/break-glass", data=form).status_code == 403
        assert not signed_in(client)
    assert alarms(world) == []
