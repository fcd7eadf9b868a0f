"""A recorded case replayed with one thing changed, beside the same case replayed as it was.

Nothing is stored, sent or rung. What people wrote in their own words stays on the case's page.
"""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from policy.errors import Refused
from policy.play import Said, Story
from runtime import against_number, readings
from runtime.against_story import Replay, always, timeline_of
from runtime.against_what import (
    ANSWERS,
    Kind,
    What,
    find_pack,
    in_words,
    read_file,
    read_rows,
    read_what,
    span_words,
    with_areas_of,
    wrong,
)
from runtime.app import App
from runtime.past import NotReplayable, rosters_of, story_of
from runtime.rehearse_against import AS_IT_IS, Comparison, laid
from runtime.shelf import raw_of

AFTER = timedelta(days=2)  # of a case that nobody touches the ladder says the same for ever
CUT = f"Both are played until {span_words(AFTER)} after the last thing that was recorded."
OF_A_CASE = (Kind.TOLD, Kind.PACK, Kind.ROSTER, Kind.NUMBER)


def read_change(text: str) -> What:
    """Read one thing to change of a recorded case; raise Invalid, with the list of what there is, otherwise."""
    return read_what(text, OF_A_CASE)


def compare_case(app: App, ref: str, what: What, roster: bytes | None = None) -> Comparison:
    """Replay a case as it was and with one thing changed; `roster` is the other one's text, where it is no file's.

    Raises Unknown for a case that is not there, Refused for one that cannot be replayed, Invalid for the change.
    """
    story = story_of(app, ref)
    if isinstance(story, NotReplayable):
        raise Refused(f"{ref} cannot be replayed: {story.reason}", rule="not_replayable")
    pack = app.pack_of(readings.stored(app, ref).case)
    here = Replay(story, pack, rosters_of(app))
    there = _changed(app, here, what, roster)
    last = max(said.at for side in (here, there) for said in (Said(side.story.opened_at, ()), *side.story.said))
    until = min(max(here.story.until, there.story.until), last + AFTER)
    title = in_words(what, lambda word: _title(word, here, there))
    left = timeline_of(f"{AS_IT_IS}: {pack.title}", replace(here, story=replace(story, until=until)))
    right = timeline_of(title, replace(there, story=replace(there.story, until=until)))
    found = laid(ref, "", left, right)
    return replace(found, left_out=f"{found.left_out} {CUT}".strip()) if until < story.until else found


def _title(word: str, here: Replay, there: Replay) -> str:
    rule = here.pack.steps.get(word)
    return rule.title if rule else there.pack.title


def _changed(app: App, here: Replay, what: What, roster: bytes | None) -> Replay:
    if what.kind is Kind.TOLD:
        return replace(here, story=_answered_later(here.story, what))
    if what.kind is Kind.PACK:
        packs = app.packs
        return replace(here, pack=with_areas_of(packs[find_pack(what.value, packs)], here.pack))
    if what.kind is Kind.ROSTER:
        text = read_file(Path(what.value)) if roster is None else roster
        return replace(here, rosters=always(read_rows(text, what.value, here.pack)))
    with app.sessions.reading() as s:
        raw = raw_of(s, here.pack.name, here.pack.revision)
    return replace(here, pack=against_number.changed(here.pack, raw, what))


def _answered_later(story: Story, what: What) -> Story:
    """Move each answer, and leave all else where it was; what came in with an answer stays behind it."""
    said = []
    for one in story.said:
        answers = tuple(fact for fact in one.facts if fact.kind in ANSWERS)
        others = tuple(fact for fact in one.facts if fact.kind not in ANSWERS)
        said += [Said(one.at + what.later, answers)] if answers else []
        said += [Said(one.at, others)] if others else []
    said.sort(key=lambda one: one.at)
    if not any(fact.kind in ANSWERS for one in said for fact in one.facts):
        raise wrong("nobody has answered in this case yet", "change something else")
    if said[0].at < story.opened_at:
        raise wrong(f"told={what.value} lets somebody answer before the record came", "write a shorter time")
    return replace(story, said=tuple(said), until=max(story.until, said[-1].at))
