"""The door of those who come by the force's own sign-in service: whose account it is, made at the first time."""

from collections.abc import Sequence
from dataclasses import replace

from sqlmodel import Session

from policy.errors import Refused, Unknown
from policy.intents import Entry
from policy.terms import Route
from runtime.app import App
from store import accounts, journal, roster, sign_ins
from store.accounts import Account

NO_PASSWORD = ""  # no password fits it
NO_ROLE = ""  # what they may do follows from their duties alone
_KEEPERS = "whoever keeps the force's roster, or an administrator of Vigil (vigil user add)"
_ADMINS = "an administrator of Vigil"


def force_account(app: App, subject: str, person: str, role: str | None) -> Account:
    """Give the account of whom the service calls `subject`; raise Refused, with who may help, when there can be none.

    It is found by its subject, for ever: a claim that changes later never leads to another's account. The first time
    it is found by the roster id `person`, or made when the roster knows them. `role` is what a claim gives, None when
    claims give no roles.
    """
    with app.sessions() as s:
        account = accounts.of_subject(s, subject) or _bound(app, s, subject, person)
        if account.disabled_at is not None:
            raise Refused(
                "your account in Vigil is switched off",
                rule="account_disabled",
                who_may=f"{_ADMINS} (vigil user unlock)",
            )
        if role is not None and role != account.role:
            accounts.change(s, account.user, role=role)
            _note(app, s, "account_role_changed", {"user": account.user, "role": role, "before": account.role})
            account = replace(account, role=role)
    return account


def unbind_account(app: App, user: str, route: Route) -> int:
    """Let another force account be bound to a user's account at its next sign-in; every session of it ends.

    Gives how many ended; raises Unknown when there is no such user, or nothing is bound to it.
    """
    with app.sessions() as s:
        account = accounts.get(s, user)
        if account is None or account.subject is None:
            raise Unknown(f"no force account is bound to {user!r}; look with: vigil user list")
        accounts.change(s, user, subject=None)
        ended = sign_ins.end_all(s, user, app.clock.wall())
        _note(app, s, "account_unbound", {"user": user, "person": account.person}, route)
    return ended


def _bound(app: App, s: Session, subject: str, person: str) -> Account:
    """Bind the account of a roster id to its subject, once; make one for somebody on the roster."""
    every = accounts.every(s)
    mine = [a for a in every if a.person == person and not a.break_glass and a.user != app.keys.first_login.user]
    if any(a.subject for a in mine):
        detail = f"another force account is known here as {person} already"
        raise Refused(detail, rule="account_of_another", who_may=f"{_ADMINS} (vigil user unbind)")
    if mine:
        accounts.change(s, mine[0].user, subject=subject)
        account = replace(mine[0], subject=subject)
    elif roster.snapshot(s, app.clock.now()).rank_of(person) is not None:
        user = _free(person, [a.user for a in every])
        account = Account(user, NO_PASSWORD, person, NO_ROLE, subject=subject, created_at=app.clock.wall())
        accounts.add(s, account)
    else:
        raise Refused("you are not on the force's roster in Vigil", rule="not_on_roster", who_may=_KEEPERS)
    _note(app, s, "account_bound", {"user": account.user, "person": person})
    return account


def _free(person: str, taken: Sequence[str]) -> str:
    return next(name for n in range(len(taken) + 1) if (name := f"{person}.{n}" if n else person) not in taken)


def _note(app: App, s: Session, kind: str, body: dict[str, object], route: Route = Route.CONSOLE) -> None:
    now = app.clock.now()
    journal.append(s, [Entry(kind, now, body)], case=None, route=route, written_at=now)
