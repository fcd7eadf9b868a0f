"""Accounts, sessions and tokens as the store keeps them, on every database."""

from dataclasses import replace

from store import accounts, sign_ins
from store.accounts import Account, Token
from store.engine import Sessions
from store.sign_ins import SignIn
from tests.store.samples import WALL, minutes

ANN = Account("ann", "hash-1", "insp-a", "duty_inspector")


def sign_in(digest: str, user: str = "ann") -> SignIn:
    """A session that began just now."""
    return SignIn(
        digest=digest,
        user=user,
        person="insp-a",
        csrf=f"{digest[:16]}.of-{user}",
        how="password",
        begun_at=WALL,
        seen_at=WALL,
        until_at=WALL + minutes(60),
    )


def test_an_account_is_added_once_and_changed_by_columns(sessions: Sessions) -> None:
    """A second one of the name changes nothing; what is not named stays."""
    with sessions() as s:
        assert accounts.add(s, ANN)
        assert not accounts.add(s, replace(ANN, person="sgt-s"))
        assert [accounts.count_wrong(s, "ann") for _ in range(3)] == [1, 2, 3]
        assert accounts.change(s, "ann", locked_until=WALL)
        assert not accounts.change(s, "bob", wrong=0)
        assert accounts.get(s, "ann") == replace(ANN, wrong=3, locked_until=WALL)
        accounts.put(s, replace(ANN, user="bob", subject="https://force|7"))
        assert accounts.of_subject(s, "https://force|7") == replace(ANN, user="bob", subject="https://force|7")
        assert accounts.of_subject(s, "https://force|8") is None
        assert [one.user for one in accounts.every(s)] == ["ann", "bob"]


def test_a_session_is_found_by_its_digest_and_by_its_forms(sessions: Sessions) -> None:
    """Whole digest, whole token; part of one, or that of another session, is none."""
    one, other = sign_in("a" * 64), sign_in("b" * 64, "bob")
    with sessions() as s:
        sign_ins.put(s, one)
        sign_ins.put(s, other)
        assert sign_ins.get(s, one.digest) == one
        assert sign_ins.get(s, one.short) is None
        assert sign_ins.of_csrf(s, other.csrf) == other
        for wrong in ("", "a", one.short, one.csrf[:-1], f"{one.short}.of-bob", "\N{SNOWMAN}" * 20):
            assert sign_ins.of_csrf(s, wrong) is None, wrong


def test_a_session_is_ended_once_and_all_of_a_user_together(sessions: Sessions) -> None:
    """When stays; those of others go on."""
    with sessions() as s:
        for digest, user in (("a", "ann"), ("b", "ann"), ("c", "bob")):
            sign_ins.put(s, sign_in(digest * 64, user))
        sign_ins.seen(s, "a" * 64, WALL + minutes(1))
        assert sign_ins.end(s, "a" * 64, WALL + minutes(2))
        assert not sign_ins.end(s, "a" * 64, WALL + minutes(3))
        assert sign_ins.end_all(s, "ann", WALL + minutes(4)) == 1
        kept = {one.digest[0]: (one.seen_at, one.ended_at) for one in sign_ins.of_user(s, "ann")}
        assert kept == {"a": (WALL + minutes(1), WALL + minutes(2)), "b": (WALL, WALL + minutes(4))}
        assert [one.ended_at for one in sign_ins.of_user(s, "bob")] == [None]


def test_a_token_keeps_its_scopes(sessions: Sessions) -> None:
    """None for one from before there were any; the last use is written beside it."""
    old = Token("d" * 64, "old", "system", WALL)
    new = Token("e" * 64, "new", "system", WALL + minutes(1), scopes=("read", "fact"), expires_at=WALL, person="p")
    with sessions() as s:
        accounts.put_token(s, old)
        accounts.put_token(s, new)
        accounts.token_used(s, new.digest, WALL + minutes(2))
        used = replace(new, last_used_at=WALL + minutes(2))
        assert accounts.tokens(s) == [old, used]
        assert accounts.token(s, new.digest) == used
        assert accounts.revoke_tokens(s, "new", WALL) == 1
        assert accounts.token(s, new.digest) is None
        assert [one.revoked_at for one in accounts.tokens(s)] == [None, WALL]
