"""What no pack may leave out, however sound it reads: a force hears of it at the start, not when somebody is missing.

A pack holds words and numbers of the force's own; that people are told, that a case has an owner, that it is never
closed on a belief and never rests unseen is what this system exists for (S0, S4, W33, W34).
"""

from collections.abc import Iterator
from datetime import timedelta

from policy.errors import Fault
from policy.pack import Pack, StepRule
from policy.spans import Span
from policy.terms import Anchor, FactKind, Gate, Kind, Risk

ALWAYS = (Gate.LOCATED, Gate.WELLBEING_CONFIRMED, Gate.SIGNER_NOT_INTERVIEWER, Gate.SIGNER_NOT_REQUESTER)
FROM_THE_FIRST = (Anchor.CALL_RECEIVED, Anchor.CMS_CREATED)
SHORTEST = timedelta(minutes=5)  # between two occurrences of a series: faster is a flood
A_DAY = Span.parse("1d")  # so far behind its deadline a ladder may lie, where the deadline itself is shorter
NEEDED = {
    Kind.NOTIFY: "nobody would be told of a case",
    Kind.ACCEPT: "no case would ever have an owner",
    Kind.SIGN_OFF: "no case could be closed",
}


def faults(pack: Pack) -> list[Fault]:
    """Give all that a pack lacks of what none may leave out, each with the step and what to write."""
    found = [*_missing_kinds(pack), *_rests(pack)]
    for rule in pack.steps.values():
        found += [Fault(f"{pack.name}.toml: steps.{rule.key}", what, remedy) for what, remedy in _of_step(rule)]
    return found


def _missing_kinds(pack: Pack) -> Iterator[Fault]:
    kinds = {rule.kind for rule in pack.steps.values() if rule.kind is not Kind.ACCEPT or _offers_a_new_case(rule)}
    for kind, why in NEEDED.items():
        if kind not in kinds:
            yield Fault(f"{pack.name}.toml: steps", f"has no step of kind {kind}: {why}", "inherit it, or write one")


def _offers_a_new_case(rule: StepRule) -> bool:
    """Tell whether a step asks for an owner from the first, at every level: a later change of hands finds none."""
    return rule.anchor in FROM_THE_FIRST and all(rule.applies(risk) for risk in Risk)


def _rests(pack: Pack) -> Iterator[Fault]:
    if set(pack.inactive.within) != set(Risk):
        what = "does not say for every level within what the next review of an inactive case lies"
        yield Fault(f"{pack.name}.toml: inactive.within", what, "give all four levels a span")
    if not any(rule.at_anchor and rule.anchor is Anchor.NEXT_REVIEW for rule in pack.steps.values()):
        what = "has no step that is due at next_review: a case would rest and nobody be asked to look at it again"
        yield Fault(f"{pack.name}.toml: steps", what, "inherit review_at_set_time, or write a step of its kind")


def _of_step(rule: StepRule) -> Iterator[tuple[str, str]]:
    if rule.at_local is not None and rule.kind is not Kind.PERIODIC:
        yield "has at_local, which a case does not follow yet: it would never be asked for", "use due or every"
    if any(span.nominal < SHORTEST for span in rule.every.values()):
        yield "comes again faster than every five minutes", "write a longer every"
    if not rule.ladder and not rule.done_by_record and rule.kind is not Kind.PERIODIC:
        yield "has no ladder: where its holder is silent nobody else hears of it", "name a ladder"
    if rule.kind is Kind.SIGN_OFF:
        lacking = [gate for gate in ALWAYS if gate not in rule.gate]
        if lacking:
            yield f"leaves out {', '.join(lacking)}", "add them: a case is never closed on a belief or by one hand"
    if rule.kind is Kind.NOTIFY:
        yield from _of_notice(rule)
    if rule.kind is Kind.ACCEPT and rule.anchor is Anchor.SHIFT_END:
        yield from _of_handover(rule)
    for risk in Risk:
        yield from _of_times(rule, risk)


def _of_handover(rule: StepRule) -> Iterator[tuple[str, str]]:
    latest = max((span.nominal for span in rule.due.values()), default=timedelta(0))
    if rule.opens_before is None or rule.opens_before.nominal <= latest:
        what = "offers the case when the duty has ended: whoever goes home would leave it to nobody"
        yield what, "write an opens_before longer than due: 60m and 30m offer it half an hour before the end"


def _of_times(rule: StepRule, risk: Risk) -> Iterator[tuple[str, str]]:
    """Report times of one level that contradict each other: each is sound by itself, together they are not."""
    due, every, retry, rung = (spans.get(risk) for spans in (rule.due, rule.every, rule.retry, rule.rung_every))
    level = f"at {risk.replace('_', ' ')} risk"
    if every and due and every < due:
        yield f"comes again every {every} {level}, before the first is due ({due})", "write a longer every"
    if every and rule.opens_before and every < rule.opens_before:
        yield f"opens {rule.opens_before} before it is due, and comes every {every} {level}", "open it later"
    if due and retry and due <= retry:
        yield (
            f"reminds every {retry} {level}, and is due after {due}",
            "remind before the deadline",
        )
    longest = max((span for span in (due, every) if span), default=None)
    if rung and longest and rung > max(longest, A_DAY):
        yield f"climbs its ladder {rung} after a deadline of {longest} {level}", f"write {max(longest, A_DAY)} or less"


def _of_notice(rule: StepRule) -> Iterator[tuple[str, str]]:
    silent = [risk for risk in Risk if not rule.applies(risk)]
    if silent:
        yield f"is not asked for at {', '.join(silent)}", "give every level a due: the rule covers all missing persons"
    ends = [risk for risk in Risk if risk not in silent and not rule.rungs(risk)]
    if ends:
        yield f"has no rung at {', '.join(ends)}", "let at least one rung hold at every level"
    if rule.done_by != (FactKind.ACKNOWLEDGED,):
        yield "is done by something else than acknowledged", "take done_by out: only the person told acknowledges"
    if rule.anchor not in FROM_THE_FIRST:
        yield f"counts from {rule.anchor}, which is not there from the first", "use call_received or cms_created"
