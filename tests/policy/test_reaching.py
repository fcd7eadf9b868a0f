"""Which channels count as telling somebody (issue: e-mail goes beside the push)."""

from itertools import product

import pytest

from policy.reaching import counting, told, unreachable
from policy.terms import Channel, MessageState, Risk

HOOK, TEXT, MAIL, INBOX = Channel.WEBHOOK, Channel.SMS, Channel.EMAIL, Channel.INBOX


@pytest.mark.parametrize(
    ("channels", "risk", "count"),
    [
        ({HOOK, MAIL, INBOX}, Risk.HIGH, {HOOK}),
        ({HOOK, MAIL, INBOX}, Risk.MEDIUM, {HOOK}),
        ({HOOK, MAIL, INBOX}, Risk.LOW, {HOOK, MAIL}),
        ({HOOK, MAIL, INBOX}, Risk.VERY_LOW, {HOOK, MAIL}),
        ({MAIL, INBOX}, Risk.HIGH, {MAIL}),
        ({HOOK, INBOX}, Risk.LOW, {HOOK}),
        ({INBOX}, Risk.HIGH, {INBOX}),
        ({HOOK, TEXT, MAIL, INBOX}, Risk.HIGH, {HOOK, TEXT}),
        ({HOOK, TEXT, MAIL, INBOX}, Risk.LOW, {HOOK, TEXT, MAIL}),
        ({TEXT, MAIL, INBOX}, Risk.MEDIUM, {TEXT}),
        ({TEXT, INBOX}, Risk.VERY_LOW, {TEXT}),
    ],
)
def test_email_counts_alone_only_where_little_hangs_on_it(
    channels: set[Channel], risk: Risk, count: set[Channel]
) -> None:
    """For medium and high only where there is no other address; the inbox only where there is none at all."""
    assert counting(channels, risk) == count


@pytest.mark.parametrize("risk", list(Risk))
def test_nobody_is_told_and_unreachable_at_once(risk: Risk) -> None:
    """However the channels fare; while one that counts is still under way, a person is neither."""
    for ways in ((INBOX,), (HOOK, INBOX), (MAIL, INBOX), (TEXT, INBOX), (HOOK, MAIL, INBOX), (HOOK, TEXT, MAIL, INBOX)):
        for states in product(list(MessageState), repeat=len(ways)):
            fared = dict(zip(ways, states, strict=True))
            assert not (told(fared, risk) and unreachable(fared, risk))
            if MessageState.RECEIVED in (fared.get(HOOK), fared.get(TEXT)):
                assert told(fared, risk)
