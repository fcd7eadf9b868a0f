"""What became of a file of the watched folder: each row with its case, or with its faults and what to do."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from policy.errors import Fault
from runtime.door_intake import Reported


@dataclass
class Outcomes:
    """Collects a file's outcomes; `id` is a digest of its content, for logs and the journal never tell its name."""

    file: str
    taken_at: datetime
    id: str = ""
    encoding: str = ""
    opened: int = 0
    known: int = 0
    refused: int = 0
    faults: tuple[Fault, ...] = ()
    rows: list[dict[str, object]] = field(default_factory=list)

    @property
    def taken(self) -> int:
        """Give the number of rows that are a case."""
        return self.opened + self.known

    @property
    def total(self) -> int:
        """Give the number of rows seen."""
        return len(self.rows)

    def take(self, row: int, reported: Reported) -> None:
        """Note a row that is a case, new or known, with what could not be taken as given."""
        outcome = "opened" if reported.created else "unchanged" if reported.unchanged else "changed"
        self.opened += reported.created
        self.known += not reported.created
        self.rows.append({"row": row, "outcome": outcome, "case": reported.case, "defects": list(reported.defects)})

    def refuse(self, row: int, faults: Sequence[Fault]) -> None:
        """Note a row that was refused."""
        self.refused += 1
        self.rows.append({"row": row, "outcome": "refused", "errors": [fault.as_dict() for fault in faults]})

    def unreadable(self, faults: Sequence[Fault]) -> None:
        """Note that the file, or what is left of it, is no list of records."""
        self.refused += 1
        self.faults = tuple(faults)

    def in_words(self) -> str:
        """Say how much was refused, without a word of what the file says."""
        what = "; ".join(f"{fault.field} {fault.message}" for fault in self.faults)
        name = f"file {self.id}" if self.id else "a file"
        return f"{name}: {what}" if what else f"{name}: {self.refused} of {self.total} rows refused"

    def as_dict(self) -> dict[str, object]:
        """Give the report that is written beside the file."""
        return {
            "file": self.file,
            "id": self.id,
            "taken_at": self.taken_at.isoformat().replace("+00:00", "Z"),
            "encoding": self.encoding,
            "rows": self.total,
            "opened": self.opened,
            "known": self.known,
            "refused": self.refused,
            "errors": [fault.as_dict() for fault in self.faults],
            "outcomes": sorted(self.rows, key=lambda outcome: str(outcome["row"]).zfill(9)),
        }
