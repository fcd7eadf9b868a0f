"""`[areas.<key>]` of the settings: an area or a pack that there is not is said at the start."""

from pathlib import Path

import pytest

from policy.errors import Invalid
from runtime.app import build
from runtime.settings import load


@pytest.mark.parametrize(
    ("area", "pack", "field", "message", "remedy"),
    [
        ("stoke", "staffordshyre", "areas.stoke.pack", "there is no pack 'staffordshyre'", "use one of: "),
        ("stok", "staffordshire", "areas.stok", "the pack 'staffordshire' has no area 'stok'", "use one of: cannock, "),
        (
            "stoke",
            "uk_app_baseline",
            "areas.stoke",
            "the pack 'uk_app_baseline' has no area 'stoke'",
            "name a pack that",
        ),
    ],
)
def test_what_is_not_there_is_named(
    tmp_path: Path, area: str, pack: str, field: str, message: str, remedy: str
) -> None:
    """Setting, fault and remedy; nothing is started."""
    with pytest.raises(Invalid) as refusal:
        build(load({"home": tmp_path, "areas": {area: {"pack": pack}}}))
    (fault,) = refusal.value.faults
    assert (fault.field, fault.message) == (field, message)
    assert fault.remedy.startswith(remedy)
