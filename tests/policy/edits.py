"""Packs edited for the tests: a shipped pack, some of its numbers changed, read by the grammar as any other."""

from functools import cache

from hypothesis import assume
from hypothesis import strategies as st

from policy.errors import Invalid
from policy.pack import Pack
from policy.pack_parse import Raw, build, read_raw
from policy.revise import Change, apply
from policy.terms import Risk
from tests.policy.night import texts

TIMES = ("1m", "4m", "7m", "20m", "45m", "90m", "5h", "26h")
FIELDS = ("due", "every", "retry", "rung_every", "first")


@cache
def raw(name: str = "staffordshire") -> Raw:
    """Give a shipped pack as one table."""
    return read_raw(name, texts())


def edited(*changes: Change, name: str = "staffordshire", revision: int = 2) -> Pack:
    """Give a shipped pack with some numbers changed."""
    return build(name, apply(raw(name), changes), revision)


def change(name: str, value: str) -> Change:
    """Write a change as people say it: `notify_local_supervisor.due.medium`."""
    step, field, *risk = name.split(".")
    return Change(step, field, Risk(risk[0]) if risk else None, value)


@st.composite
def edits(draw: st.DrawFn, name: str = "staffordshire") -> Pack:
    """Draw a sound edit of up to five numbers that the pack has."""
    steps = dict(sorted(raw(name)["steps"].items()))  # type: ignore[attr-defined]  # mypy knows no tables
    chosen: dict[str, Change] = {}
    for _ in range(draw(st.integers(1, 5))):
        key = draw(st.sampled_from(list(steps)))
        has = [field for field in FIELDS if field in steps[key]]
        if has:
            field, value = draw(st.sampled_from(has)), draw(st.sampled_from(TIMES))
            levels = [None] if field == "first" else draw(st.sampled_from(([*Risk], [Risk.MEDIUM], [Risk.HIGH])))
            chosen |= {one.name: one for one in (Change(key, field, risk, value) for risk in levels)}
    try:
        return edited(*chosen.values(), name=name)
    except Invalid:
        assume(False)  # hypothesis draws another
        raise
