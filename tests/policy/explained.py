"""What every explanation must be, whatever it explains."""

import re

from policy.explain import Explained


def sound(one: Explained) -> None:
    """Two sentences for people: no word of the code, nobody's name, nothing left open."""
    for said in (one.due, one.told):
        assert said[0].isupper(), said
        assert said.endswith("."), said
        assert not re.search(r"_|None|Quillfeather|\s\s|;\s*[.;]|\(\)| ,|::", said), said
