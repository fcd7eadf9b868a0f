"""Packs by revision: a case's own is given, whatever the file says by now; what there is not is said."""

from pathlib import Path

import pytest

from policy.errors import Unknown
from runtime import app as runtime_app
from runtime.settings import load
from store import journal, revisions
from store.packs import load_packs
from tests.runtime.revision_world import NOTIFY, PACK, a_force


def test_what_was_read_once_is_kept() -> None:
    """Reading it again asks no store."""
    with a_force() as force:
        ref = force.report()
        case = force.case(ref)
        assert force.app.pack_of(case) is force.app.pack_of(case)
        assert force.app.shelf.kept(PACK, 1) is force.app.pack_of(case)
        assert force.app.shelf.kept(PACK, 2) is None


def test_an_unknown_pack_or_revision_is_unknown() -> None:
    """With the names of those that there are."""
    with a_force() as force, force.app.sessions.reading() as s:
        with pytest.raises(Unknown, match="there is no pack metropole; there are derbyshire_mpt, "):
            force.app.shelf.current(s, "metropole", force.app.clock.now())
        with pytest.raises(Unknown, match="no revision 7 of the pack staffordshire"):
            force.app.shelf.get(s, PACK, 7)


def test_a_home_begins_with_its_files_as_first_revisions(tmp_path: Path) -> None:
    """Whole, as text, in force for any clock; started again, nothing is added; an edited file is the next revision."""
    own = tmp_path / "packs" / "ours.toml"
    own.parent.mkdir()
    text = 'pack = "ours"\ninherits = "staffordshire"\ntitle = "Ours"\n'
    own.write_text(text, encoding="utf-8")
    numbers, titles, said = [], [], 0
    for changed in (text, text, text + f'[steps.{NOTIFY}]\ntitle = "Tell the inspector and the sergeant"\n'):
        own.write_text(changed, encoding="utf-8")
        app = runtime_app.build(load({"home": tmp_path, "pack": "ours"}))
        with app.sessions.reading() as s:
            numbers.append({one.pack: one.number for one in revisions.history(s)})
            titles.append((app.rules(s).revision, app.rules(s).steps[NOTIFY].title))
            said = sum(line.kind == "revision_registered" for line in journal.read(s))
        app.close()
    first = {"ours": 1} | dict.fromkeys(load_packs(None), 1)
    assert numbers == [first, first, {**first, "ours": 2}]
    assert titles[-1] == (2, "Tell the inspector and the sergeant")
    assert said == len(first) + 1
