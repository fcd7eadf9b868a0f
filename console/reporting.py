"""Who may report a missing person through a session: anybody, but whoever may change nothing at all (the auditor)."""

from console.access import Caller
from policy.errors import Missing, Refused
from policy.permissions import Deed, Post, may
from policy.permitted import posts_of
from runtime.app import App


def refuse_unless_may_report(app: App, caller: Caller) -> None:
    """Refuse a report of a signed-in person all of whose roles say so; without a role they are somebody known."""
    if not caller.sign_in or caller.person is None:
        return
    now = app.clock.now()
    with app.sessions.reading() as s:
        roster = app.roster(s, now)
    posts = [*posts_of(roster.duties_of(caller.person, now)), *([Post(caller.role)] if caller.role else [])]
    if posts and not may(Deed.CREATE, posts):
        fit = (duty for duty in roster.on_duty(now) if may(Deed.CREATE, posts_of((duty,))))
        raise Refused(
            f"{caller.person} may not record a report; whoever knows of a missing person rings the control room",
            rule="permission",
            missing=[Missing("somebody whose role may record a report", "create: see /permissions")],
            who_may=roster.named(fit) or "nobody on duty at this minute",
        )
