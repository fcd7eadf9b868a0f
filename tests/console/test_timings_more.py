"""The pages of timings beside the straight way: plots and their cases, whole packs, lost sessions, strangers."""

import re
from collections.abc import Mapping
from html.parser import HTMLParser

import pytest

from console.plots import Bar, bars
from policy.terms import Role
from tests.console.drafting import PACK, drafter, fields
from tests.console.hands import plain
from tests.console.world import STEP, World


class Attributes(HTMLParser):
    """Collects every tag of a page with its attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, Mapping[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep one."""
        self.found.append((tag, dict(attrs)))


def test_a_figure_leads_to_its_cases(world: World) -> None:
    """Each bar and each number of the table below it leads to the list of the cases that it counts."""
    ref = world.report()
    world.forward(9)
    with drafter(world, "adm-1") as admin:
        where = admin.previewed(due_medium="7", said={"applies_to": "live_and_new"}, wait=True)
        page = admin.get(where)
        links = re.findall(r'href="(/timings/preview/[^"]+/cases\?figure=breaches/[^"]+side=new)"', page)
        assert len(links) >= 2  # in the plot, and in the table
        listed = plain(admin.get(links[0].replace("&amp;", "&")))
        assert ref in listed
        assert "There is no such figure" in plain(admin.get(f"{where}/cases?figure=breaches/nothing"))
        assert admin.client.get(f"{where}/progress").json() == {"state": "done", "share": 1.0, "shown": 2}


def test_the_pages_hold_nothing_that_the_policy_of_content_blocks(world: World) -> None:
    """No inline style, script or handler: what a strict CSP blocks is not there, in plots either."""
    world.report()
    with drafter(world, "adm-1") as admin:
        where = admin.previewed(due_medium="7", wait=True)
        for path in (
            where,
            f"{where}/why",
            f"{where}/check",
            "/timings",
            f"/timings/{PACK}",
            f"/timings/{PACK}/{STEP}",
        ):
            read = Attributes()
            read.feed(admin.get(path))
            tags = [tag for tag, _ in read.found]
            assert "style" not in tags
            assert [given.get("src") for tag, given in read.found if tag == "script" and not given.get("src")] == []
            assert [name for _, given in read.found for name in given if name == "style" or name.startswith("on")] == []


def test_a_plot_says_what_it_shows() -> None:
    """A title and a description that a reader hears; words are escaped; the numbers stand at the bars."""
    drawn = bars("k", "Escalations", [Bar("Tell <LOI> & all", 3, 5, "/a?b=1&c=2", "/d"), Bar("Review", 2, 2)])
    assert '<title id="k-title">Escalations</title>' in drawn
    assert "Tell &lt;LOI&gt; &amp; all: 3 now, 5 with the change." in drawn
    assert 'href="/a?b=1&amp;c=2"' in drawn
    assert drawn.count("<a ") == 2
    assert ">5</text>" in drawn
    assert "<style" not in drawn
    assert " style=" not in drawn
    assert "Nothing differs" in bars("k", "Escalations", [Bar("Review", 2, 2)])


def test_a_whole_pack_out_and_in(world: World) -> None:
    """Taken out as TOML, edited and chosen as a file: what differs is shown in words; the draft goes the usual way."""
    with drafter(world, "adm-1") as admin:
        out = admin.client.get(f"/timings/{PACK}/export")
        assert out.headers["content-disposition"] == f'attachment; filename="{PACK}.toml"'
        edited = out.text.replace('send = "60s"', 'send = "90s"', 1)
        assert edited != out.text
        form = {name: text for name, text in fields(admin.get(f"/timings/{PACK}/import")).items() if name != "file"}
        answer = admin.client.post(f"/timings/{PACK}/import", data=form, files={"file": ("p.toml", edited.encode())})
        assert answer.status_code == 303, plain(answer.text)
        why = plain(admin.get(answer.headers["location"]))
        assert "First message within 1 minute 90 seconds" in why


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "holds nothing"),
        ("this is = no = toml", "is not TOML"),
        ('pack = "derbyshire_mpt"', "says it is"),
        ('pack = "staffordshire"\n[steps]', "leaves out"),
    ],
)
def test_a_pack_that_is_not_what_it_says_is_refused_whole(world: World, text: str, says: str) -> None:
    """What was given stays in the field."""
    with drafter(world, "adm-1") as admin:
        answer = admin.send(f"/timings/{PACK}/import", text=text)
    assert answer.status_code == 422
    assert says in plain(answer.text)
    assert fields(answer.text.replace("&#34;", '"'))["text"].strip() == text.strip()


def test_a_session_that_ran_out_loses_nothing(world: World) -> None:
    """The numbers that were typed come back once their sender has signed in again."""
    with drafter(world, "adm-1") as admin:
        page = admin.get(f"/timings/{PACK}/{STEP}")
        typed = {**fields(page), "due.medium": "7"}
        admin.client.cookies.clear()
        answer = admin.client.post(f"/timings/{PACK}/{STEP}", data=typed)
    assert answer.status_code == 401
    assert 'name="kept"' in answer.text


def test_who_is_not_signed_in_is_led_there_and_back(world: World) -> None:
    """Every page leads to the sign-in page, which leads back."""
    for path in ("/timings", f"/timings/{PACK}", f"/timings/{PACK}/{STEP}", "/timings/preview/x"):
        answer = world.web.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/sign-in?next={path}")


def test_who_does_not_draft_may_look(world: World) -> None:
    """An inspector reads the numbers and has no form; a strange step or pack is unknown."""
    with drafter(world, "insp-a", Role.DUTY_INSPECTOR) as inspector:
        page = inspector.get(f"/timings/{PACK}/{STEP}")
        assert "You may look" in plain(page)
        assert 'name="due.medium"' not in page
        for path in (
            f"/timings/{PACK}/nothing",
            "/timings/nowhere",
            f"/timings/{PACK}/revisions/9",
            "/timings/preview/x",
        ):
            assert inspector.client.get(path).status_code == 404


def test_a_change_is_its_makers(world: World) -> None:
    """Somebody else sees what it would do and neither edits nor proposes it."""
    with drafter(world, "adm-1") as admin, drafter(world, "adm-2") as other:
        where = admin.previewed(due_medium="7")
        assert "What it would do" in plain(other.get(where))
        assert other.client.get(f"{where}/check").status_code == 403
        sent = {"csrf": fields(other.get(f"/timings/{PACK}/{STEP}"))["csrf"]}
        assert other.client.post(f"{where}/propose", data=sent).status_code == 403
        assert other.client.post(f"{where}/propose", data={"csrf": "x"}).status_code == 403
