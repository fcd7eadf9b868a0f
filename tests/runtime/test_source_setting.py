"""What [sources.<name>] may say: faults are named with their section, secrets are not repeated."""

from pathlib import Path

import pytest

from policy.errors import Invalid
from runtime.settings import Settings, load

SOUND = """
[sources.compact]
url = "postgresql://reader:secret@db.force.example/compact"
query = "SELECT * FROM vigil_export"
mark = "changed_at"
map = { name = "person.name" }
[sources.niche]
url = "https://niche.force.example/missing"
since = "updated_since"
every = "15s"
"""


def settings(home: Path, text: str) -> Settings:
    """The settings of a home whose file says this."""
    (home / "vigil.toml").write_text(text)
    return load({"home": home})


def test_a_source_has_the_contracts_periods_unless_told(tmp_path: Path) -> None:
    """30 s, 5 minutes, 2 minutes; and what one part was told, every part is."""
    chosen = settings(tmp_path, SOUND)
    compact, niche = chosen.sources["compact"], chosen.sources["niche"]
    assert [compact.seconds(name) for name in ("every", "missed_every", "old_after")] == [30.0, 300.0, 120.0]
    assert (niche.is_http, niche.seconds("every"), compact.map) == (True, 15.0, {"name": "person.name"})
    assert "secret" not in repr(chosen)


def test_a_child_is_told_of_the_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its environment, as of everything else."""
    chosen = settings(tmp_path, SOUND)
    (tmp_path / "vigil.toml").unlink()
    for name, value in chosen.as_env().items():
        monkeypatch.setenv(name, value)
    assert load().sources == chosen.sources


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[sources.a]\nurl = "sqlite:///x.db"', "a database needs a query"),
        ('[sources.a]\nurl = "nonsense"\nquery = "SELECT 1"', "neither http(s):// nor the address of a database"),
        ('[sources.a]\nurl = "http://x/"\nquery = "SELECT 1"', "takes no query"),
        ('[sources.a]\nurl = "http://x/"\nevery = "soon"', "not a span"),
        ('[sources.a]\nurl = "http://x/"\nevery = "2h"', "between 1s and 1h"),
        ('[sources.a]\nurl = "http://x/"\nzone = "Stoke"', "is no time zone"),
        ('[sources.a]\nurl = "http://x/"\nmarks = "x"', "marks"),
        ('[sources."A B"]\nurl = "http://x/"', "is no name for a source"),
        ("[sources.a]\n", "url"),
    ],
)
def test_faults_are_said_with_their_remedy(tmp_path: Path, text: str, says: str) -> None:
    """Which section, what is wrong, where to read how it is written."""
    with pytest.raises(Invalid) as refused:
        settings(tmp_path, text)
    (fault,) = refused.value.faults
    assert fault.field.startswith("sources")
    assert says in f"{fault.field} {fault.message}"
    assert "docs/connecting.md" in fault.remedy


def test_an_environment_that_is_no_json_is_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The setting is named."""
    monkeypatch.setenv("VIGIL_SOURCES", "{")
    with pytest.raises(Invalid) as refused:
        load({"home": tmp_path})
    assert [fault.field for fault in refused.value.faults] == ["sources"]
