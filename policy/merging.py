"""One message of all that one decision asks of one person: nobody gets two in one minute about one case."""

from collections.abc import Iterable

from policy.intents import Tell
from policy.pack import Pack
from policy.terms import Kind, MessageType
from policy.values import replace


def merged(tells: Iterable[Tell], pack: Pack) -> list[Tell]:
    """Make one message of all that one decision asks of one person (one person, one case, one minute).

    The message goes under the most pressing of them: a notice first, then the highest rung, then a case that is handed
    over, then the order told.
    A stand-down is never mixed with something asked.
    """
    groups: dict[tuple[str, bool], list[Tell]] = {}
    for tell in tells:
        groups.setdefault((tell.person, tell.type is MessageType.CANCEL), []).append(tell)
    return [_one(group, pack) for group in groups.values()]


def _one(group: list[Tell], pack: Pack) -> Tell:
    if len(group) == 1 and len(group[0].asks) == 1:
        return group[0]

    def pressing(tell: Tell) -> tuple[bool, bool, int, bool, int]:
        rule = pack.steps.get(tell.step)
        notice = rule is not None and rule.kind is Kind.NOTIFY
        other = tell.type is not MessageType.HANDOVER
        return (tell.type is MessageType.ALARM, not notice, -tell.rung, other, tell.reminder)

    first = min(group, key=pressing)
    asks = [ask for tell in (first, *group) for ask in tell.asks]
    return replace(first, asks=tuple(dict.fromkeys(asks)))
