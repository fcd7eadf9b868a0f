"""Whether a person was told: which of their channels count, and when none of these can reach them."""

from collections.abc import Collection, Mapping

from policy.terms import Channel, MessageState, Risk

LESSER = frozenset({Risk.VERY_LOW, Risk.LOW})
RINGS = frozenset({Channel.WEBHOOK, Channel.SMS})  # what makes a telephone ring


def counting(channels: Collection[Channel], risk: Risk) -> frozenset[Channel]:
    """Give those of a person's channels that count as telling them, at the level that the timers run as.

    1. The inbox never counts beside an address: a list that must be refreshed is not a notification.
    2. For medium and high (and while risk is not set, which runs as one of them) an e-mail lies unread too long: it
       goes beside the push or the text and does not count, unless the person has no other address.
    3. Push and text count alike: the text goes out where the push did not come through.
    4. For low and very low either is enough: nobody's life hangs on the next quarter of an hour.
    """
    pushed = frozenset(channels) - {Channel.INBOX}
    if not pushed:
        return frozenset(channels)
    rings = pushed & RINGS
    return rings if rings and risk not in LESSER else pushed


def told(states: Mapping[Channel, MessageState], risk: Risk) -> bool:
    """Tell whether a person was told, by how each of their channels fared."""
    return any(states[channel] is MessageState.RECEIVED for channel in counting(states, risk))


def unreachable(states: Mapping[Channel, MessageState], risk: Risk) -> bool:
    """Tell whether every channel that counts has failed for good; a person with only an inbox never is."""
    return all(states[channel] is MessageState.FAILED for channel in counting(states, risk))
