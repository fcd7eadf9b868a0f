"""Who is missing, as a digest: two records of one person have the same, and nobody can read the person from it.

The digests are keyed with a secret of the home: a name and a date of birth have so few values that a plain digest
could be guessed back. Two records are of one person when

- both carry the same `person_ref`, or
- one of them carries none, and both have the same name and the same date of birth. The name counts without its
  case, accents, punctuation and the order of its words (`SMITH, John` is `John Smith`).

A name with an age and no date of birth is not enough, nor is a name that stands for nobody (*unknown male*), nor a
reference that a form puts there when there is none (`N/A`, `0`): one acknowledgement serves both cases, and silencing
the notice of another child would be worse than a notice too many.
"""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

_NOBODY = frozenset({"unknown", "unidentified", "not", "known", "nk", "na", "tbc", "male", "female", "name", "no"})
_NO_REFERENCE = _NOBODY | frozenset({"n", "a", "k", "none", "null", "nil", "nt", "tba", "new", "ref", "test", "x"})


@dataclass(frozen=True)
class PersonKeys:
    """The digests of a person: by the force's own reference, by name and date of birth, that date; None: not said."""

    by_ref: str | None = None
    by_name: str | None = None
    born: str | None = None

    @property
    def main(self) -> str | None:
        """Give the one that the case keeps."""
        return self.by_ref or self.by_name

    def surely(self, other: "PersonKeys") -> bool:
        """Tell whether one answer may serve both: a reference that stands on two dates of birth is a mistake on one."""
        if self.by_ref is None or other.by_ref is None:
            return self.by_name is not None and self.by_name == other.by_name
        return self.by_ref == other.by_ref and (None in (self.born, other.born) or self.born == other.born)


def keys_of(record: Mapping[str, object], secret: str) -> PersonKeys:
    """Give the digests of the person of a record."""
    person = record.get("person")
    if not isinstance(person, Mapping):
        return PersonKeys()
    reference = _reference(_text(person.get("person_ref")))
    name, born = _name(_text(person.get("name"))), _born(_text(person.get("date_of_birth")))
    return PersonKeys(
        _digest(secret, "ref", reference) if reference else None,
        _digest(secret, "name", f"{name}/{born}") if name and born else None,
        _digest(secret, "born", born) if born else None,
    )


def _digest(secret: str, kind: str, said: str) -> str:
    return hmac.new(secret.encode(), f"person/{kind}/{said}".encode(), hashlib.sha256).hexdigest()[:32]


def _reference(text: str) -> str:
    """Give a reference without its blanks, empty where it stands for none: a word such as `N/A`, zeros, dashes."""
    words = set(re.findall(r"[^\W_]+", text.casefold()))
    says_nothing = all(word in _NO_REFERENCE or not word.strip("0") for word in words)
    return "" if says_nothing else "".join(text.casefold().split())


def _name(text: str) -> str:
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    words = re.sub(r"[^\w]+", " ", re.sub(r"['\u2019`.]", "", bare)).split()
    return "" if set(words) <= _NOBODY else " ".join(sorted(words))


def _born(text: str) -> str:
    try:
        return date.fromisoformat(text[:10]).isoformat()
    except ValueError:
        return ""


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else str(value) if isinstance(value, int) else ""
