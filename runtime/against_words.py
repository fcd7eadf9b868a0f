"""What differs between two timelines, in words first: who was told when, what fell overdue, what was refused."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta

from policy.terms import MessageType
from runtime.against_timeline import Timeline
from runtime.against_what import NO_TIME, span_words
from runtime.rehearse_seen import Line, Telling, listed, plural
from runtime.rehearse_words import title

HEARD = frozenset(MessageType) - {MessageType.CANCEL, MessageType.REMIND}
MOST = 6  # steps of which it is said who hears of them when; the rest is counted
Firsts = Mapping[tuple[str, str], timedelta]


def differences(left: Timeline, right: Timeline) -> list[str]:
    """Say what the right one has other than the left, one sentence each; one sentence too when nothing differs."""
    found = [*_told(left, right), *_breaches(left, right), *_alarms(left, right), *_refused(left, right)]
    found += [*_messages(left, right), *_ends(left, right)]
    return found or ["Nothing differs: the same people are told the same things at the same times."]


def kept_back(*sides: Timeline) -> str:
    """Say how many reminders the timelines do not tell."""
    left_out = [str(side.reminders) for side in sides if side.entries and side.seen.story]
    if not any(side.reminders for side in sides):
        return ""
    places = " on the left and " if len(left_out) > 1 else ""
    return f"Left out: further reminders of the same, {places.join(left_out)}{' on the right' if places else ''}."


def as_played(timeline: Timeline) -> list[str]:
    """Say in words what came of one night as it was played: who was told, who had it, what was refused or passed."""
    told = [item for item in timeline.seen.tellings if item.type in HEARD]
    if not told:
        return ["Nobody is told anything."]
    first = next((item for item in told if item.type is MessageType.NOTIFY), told[0])
    after = first.at - timeline.start
    soon = f"after {span_words(after)}" if after > NO_TIME else "in the minute in which the record arrives"
    said = [f"{first.label} {first.person} is told by name {soon}."]
    said += [*_owned(timeline), *_refusals(timeline)]
    if breaches := timeline.seen.breaches:
        titles = listed(dict.fromkeys(title(timeline.pack, b.step) for b in breaches))
        said.append(f"{plural(len(breaches), 'deadline')} not kept, each on the register with a name: {titles}.")
    higher = list(dict.fromkeys(f"{i.label} {i.person}" for i in told if i.rung > 0))
    return [*said, f"Told beyond those asked first: {listed(higher)}."] if higher else said


def _owned(timeline: Timeline) -> Iterator[str]:
    owners = [(look.at, view.get("owner"), view.get("responsible")) for look in timeline.seen.looks
              for view in look.cases.values()]  # fmt: skip
    took = next(((at, owner) for at, owner, _ in owners if owner), None)
    before = next((who for _, owner, who in owners if not owner and who), None)
    until = f"; until then {before} answers for it" if before else ""
    if took:
        yield f"{took[1]} owns the case from {timeline.clock.at(took[0])}{until}."
    elif before:
        yield f"Nobody owns the case; {before} answers for it."


def _refusals(timeline: Timeline) -> Iterator[str]:
    lines = [item for item in timeline.seen.story if isinstance(item, Line) and item.kind == "refused"]
    lines.sort(key=lambda line: line.at)
    for line, refusal in zip(lines, timeline.seen.refusals, strict=False):
        act = line.text.partition(": REFUSED")[0]
        yield _refusal(f"{act}: refused at {timeline.clock.at(line.at)}", refusal.missing, timeline)


def _refusal(what: str, missing: Iterable[str], timeline: Timeline) -> str:
    steps = timeline.pack.steps
    names = (name.removeprefix("evidence.") for name in missing)
    words = (steps[name].title if name in steps else name.replace("_", " ") for name in names)
    wants = listed(dict.fromkeys(words))
    return f"{what}, for want of: {wants}." if wants else f"{what}."


# --- who was told ---------------------------------------------------------------------------------


def _firsts(timeline: Timeline) -> Firsts:
    """Give when each person first heard of each step."""
    found: dict[tuple[str, str], timedelta] = {}
    for item in timeline.seen.tellings:
        if item.type in HEARD:
            for step in item.about or (item.step,):
                found.setdefault((step, item.person), item.at - timeline.start)
    return found


def _told(left: Timeline, right: Timeline) -> Iterator[str]:
    before, after = _firsts(left), _firsts(right)
    steps: dict[str, dict[str, list[str]]] = {}
    for key in sorted({*before, *after}, key=lambda k: min(t for t in (before.get(k), after.get(k)) if t is not None)):
        if before.get(key) != after.get(key):
            how = _how(before.get(key), after.get(key))
            steps.setdefault(key[0], {}).setdefault(how, []).append(key[1])
    for step, people in list(steps.items())[:MOST]:
        name = title(left.pack if step in left.pack.steps else right.pack, step)
        said = (f"{listed(who)} {'is' if len(who) == 1 else 'are'} {how}" for how, who in people.items())
        yield f"{name}: {listed(said)}."
    if len(steps) > MOST:
        yield f"People hear of {plural(len(steps) - MOST, 'more step')} at another time, too."


def _how(before: timedelta | None, after: timedelta | None) -> str:
    if after is None:
        return "not told at all"
    if before is None:
        return "told as well"
    return f"told {span_words(after - before)} {'later' if after > before else 'earlier'}"


# --- what fell overdue, rang, was refused ---------------------------------------------------------


def _breaches(left: Timeline, right: Timeline) -> Iterator[str]:
    before = [(b.step, b.occurrence, b.case) for b in left.seen.breaches]
    after = [(b.step, b.occurrence, b.case) for b in right.seen.breaches]
    packs = {**right.pack.steps, **left.pack.steps}
    names = {key: packs[key].title for key in packs}
    yield from _fewer_and_more(
        "breach", [names.get(b[0], b[0]) for b in before], [names.get(b[0], b[0]) for b in after]
    )
    times_before = {(b.step, b.occurrence, b.case): b.at - left.start for b in left.seen.breaches}
    times_after = {(b.step, b.occurrence, b.case): b.at - right.start for b in right.seen.breaches}
    moved = [key for key in times_before if key in times_after and times_before[key] != times_after[key]]
    for key in moved[:MOST]:
        by = times_after[key] - times_before[key]
        yield f"{names.get(key[0], key[0])} falls overdue {span_words(by)} {'later' if by > NO_TIME else 'earlier'}."


def _alarms(left: Timeline, right: Timeline) -> Iterator[str]:
    before = [rang.key.replace("_", " ") for rang in left.seen.alarms]
    yield from _fewer_and_more("alarm", before, [rang.key.replace("_", " ") for rang in right.seen.alarms])


def _fewer_and_more(thing: str, before: Iterable[str], after: Iterable[str]) -> Iterator[str]:
    was, now = Counter(before), Counter(after)
    for word, gone in (("fewer", was - now), ("more", now - was)):
        if number := sum(gone.values()):
            said = listed(f"{name}, {times} times" if times > 1 else name for name, times in gone.items())
            count = "One" if number == 1 else str(number)
            yield f"{count} {plural(number, thing).partition(' ')[2]} {word}: {said}."


def _refused(left: Timeline, right: Timeline) -> Iterator[str]:
    before = {(r.act, r.kind): r for r in left.seen.refusals}
    after = {(r.act, r.kind): r for r in right.seen.refusals}
    for key in [key for key in before if key not in after]:
        yield f"{_act(key[1])} is no longer refused."
    for key in [key for key in after if key not in before]:
        yield _refusal(f"{_act(key[1])} is refused now", after[key].missing, right)


def _act(kind: str) -> str:
    return kind.replace("_", " ").capitalize()


# --- in all ---------------------------------------------------------------------------------------


def _messages(left: Timeline, right: Timeline) -> Iterator[str]:
    before, after = len(left.seen.tellings), len(right.seen.tellings)
    if before != after:
        word = "fewer" if after < before else "more"
        yield f"{plural(abs(after - before), 'message')} {word} in all ({after}, not {before})."
    heard = [{item.person for item in side.seen.tellings if _wakes(item)} for side in (left, right)]
    for people, said in ((heard[0] - heard[1], "hears nothing any more"), (heard[1] - heard[0], "hears of it now")):
        if people:
            yield f"{listed(sorted(people))} {said if len(people) == 1 else said.replace('hears', 'hear')}."


def _wakes(item: Telling) -> bool:
    return item.type is not MessageType.CANCEL


def _ends(left: Timeline, right: Timeline) -> Iterator[str]:
    if left.end is None or right.end is None:
        return
    for name, said in (("status", "The case ends {}, not {}"), ("risk", "The risk ends {}, not {}")):
        before, after = left.end.get(name), right.end.get(name)
        if before != after:
            yield f"{said.format(_word(after), _word(before))}."
    before, after = left.end.get("owner"), right.end.get("owner")
    if before != after:
        yield f"In the end {after or 'nobody'} owns the case, not {before or 'nobody'}."


def _word(value: object) -> str:
    return str(value or "not set").replace("_", " ")
