"""Plots of a preview: old beside new as plain SVG, whose colours and letters stand in our own sheet (CSP).

Each bar leads to the cases that it counts. So the drawing is a group and no `img`, whose parts nobody could reach;
whoever does not see it, or finds it too small, has the same numbers in the table below it.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from textwrap import wrap
from types import ModuleType
from typing import Final
from xml.etree.ElementTree import Element, SubElement, tostring

from markupsafe import Markup

SHOWN: Final = 10  # bars of each side; the table has them all
WIDTH: Final = 480
LETTERS: Final = 15  # px, as in the sheet
LABEL: Final = 24  # letters of a line of a label, which has two at the most
LINK: Final = "{http://www.w3.org/1999/xlink}href"
KEPT: Final = frozenset({"class", "x", "y", "rx", "ry", "d", "width", "height", "transform", "text-anchor", "viewBox"})
SPEAKS: Final = frozenset({"title", "desc", "style", "script", "defs"})  # pygal's own, which say nothing to a reader


@dataclass(frozen=True)
class Bar:
    """One figure under the old numbers and the new; `old_cases` and `new_cases` are pages that list its cases."""

    label: str
    old: int
    new: int
    old_cases: str | None = None
    new_cases: str | None = None

    @property
    def change(self) -> str:
        """Say the difference: `+3`, `-2`, `same`."""
        return f"{self.new - self.old:+d}" if self.new != self.old else "same"


def bars(key: str, title: str, given: Sequence[Bar], *, upright: bool = False) -> Markup:
    """Draw bars: lying, those that differ first, or upright in the order in which they are given."""
    shown = list(given) if upright else sorted(given, key=lambda bar: (bar.old == bar.new, -max(bar.old, bar.new)))
    shown = shown if upright else shown[:SHOWN][::-1]
    root = _drawn(shown, upright=upright)
    _tidy(root)
    if not upright:
        _in_lines(root, shown)
    for name in ("xmlns", "xmlns:xlink", "id"):
        root.attrib.pop(name, None)
    root.attrib |= {"role": "group", "aria-labelledby": f"{key}-title {key}-desc", "focusable": "false"}
    says = Element("title", {"id": f"{key}-title"}), Element("desc", {"id": f"{key}-desc"})
    says[0].text, says[1].text = title, _said(given)
    for place, part in enumerate(says):
        root.insert(place, part)
    return Markup(tostring(root, encoding="unicode", method="html"))  # noqa: S704  # ElementTree has escaped it


def _said(given: Sequence[Bar]) -> str:
    differ = [bar for bar in given if bar.old != bar.new]
    if not differ:
        return "Nothing differs. The same numbers stand in the table below."
    said = "; ".join(f"{bar.label}: {bar.old} now, {bar.new} with the change" for bar in differ[:SHOWN])
    return f"{said}. All numbers stand in the table below."


def _drawn(shown: Sequence[Bar], *, upright: bool) -> Element:
    pygal = _pygal()
    kind = pygal.Bar if upright else pygal.HorizontalBar
    most = max((max(bar.old, bar.new) for bar in shown), default=0)
    chart = kind(
        width=WIDTH, height=300 if upright else 50 + 46 * max(len(shown), 1), style=_style(), js=(), css=(),
        no_prefix=True, print_values=not upright, show_legend=False, truncate_label=-1, margin=8,
        y_labels=_ticks(most),
        show_y_guides=upright, show_x_guides=False, x_labels=[max(_lines(bar.label), key=len) for bar in shown],
        x_labels_major_every=3 if upright else None, show_minor_x_labels=not upright, include_x_axis=True,
        print_values_position="top", formatter=lambda value: f"{value:.0f}", spacing=6,
    )  # fmt: skip
    sides = [("Now", [_value(bar.old, bar.old_cases, f"{bar.label}, now") for bar in shown])]
    sides.append(
        ("With the change", [_value(bar.new, bar.new_cases, f"{bar.label}, with the change") for bar in shown])
    )
    for name, values in sides:
        chart.add(name, values)
    root: Element = chart.render_tree()
    return root


def _lines(label: str) -> list[str]:
    return wrap(label, LABEL, max_lines=2, placeholder="\N{HORIZONTAL ELLIPSIS}")


def _in_lines(root: Element, shown: Sequence[Bar]) -> None:
    """Write each label in its lines, one above the other: the library keeps to one line."""
    texts = root.findall(".//*[@class='axis y']/*/text")
    for text, bar in zip(texts, shown, strict=True):
        text.text, lines = None, _lines(bar.label)
        for number, line in enumerate(lines):
            dy = 1.1 if number else 0.55 * (1 - len(lines))
            SubElement(text, "tspan", {"x": text.get("x", "0"), "dy": f"{dy}em"}).text = line


def _ticks(most: int) -> list[int]:
    """Give some whole numbers from 0 to `most` or a little above, for an axis."""
    steps = (size * 10**power for power in range(9) for size in (1, 2, 5))
    step = next(step for step in steps if most <= 4 * step)
    return list(range(0, max(-(-most // step), 1) * step + 1, step))


def _value(number: int, cases: str | None, label: str) -> object:
    said = {"value": number, "label": f"{label}: {number}"}
    return {**said, "xlink": {"href": cases}} if cases and number else said


def _tidy(parent: Element) -> None:
    """Take away what a strict CSP blocks and what says nothing; name each link by what it leads to."""
    for child in list(parent):
        if (
            callable(child.tag) or child.tag in SPEAKS or "tooltip-overlay" in child.get("class", "")
        ):  # comments are calls
            parent.remove(child)
            continue
        if child.tag == "a":
            href = child.attrib.pop(LINK, child.attrib.pop("xlink:href", ""))
            label = next((part.text for part in child.iter("desc") if part.get("class") == "label"), "")
            _tidy(child)
            child.attrib.clear()
            child.attrib |= {"href": href, "aria-label": f"{label}: the cases"}
            SubElement(child, "title").text = label
            continue
        for name in set(child.attrib) - KEPT:
            child.attrib.pop(name)
        _tidy(child)


@cache
def _pygal() -> ModuleType:
    """Import the library where it is first used: it takes a third of a second, and most consoles draw nothing."""
    import pygal  # type: ignore[import-untyped]  # it has no types

    # It leaves a finder for plug-ins behind, of a kind that Python has given up: each later import would warn of it.
    sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__module__ != pygal.__name__]
    return pygal  # type: ignore[no-any-return]  # it has no types


@cache
def _style() -> object:
    from pygal.style import Style  # type: ignore[import-untyped]  # it has no types

    sizes = dict.fromkeys(("label", "major_label", "value", "value_label", "legend"), LETTERS)
    return Style(font_family="Arial", **{f"{name}_font_size": size for name, size in sizes.items()})


def hours(old: Sequence[int], new: Sequence[int]) -> Iterator[Bar]:
    """Give a bar for each hour of the day."""
    yield from (Bar(f"{hour:02}", before, after) for hour, (before, after) in enumerate(zip(old, new, strict=True)))
