"""The tables: one class is both row and schema. Only store/ opens sessions on them.

Importing this package declares every table, so that `metadata` is the whole schema.
"""

from models.account import AccountRow, LookedRow, SignInRow, TokenRow
from models.alarm import AlarmRow
from models.case import CaseRow, StepRow
from models.columns import Table
from models.evidence import CardOpenedRow, TextPrintRow
from models.fact import FactSeenRow
from models.journal import JournalRow
from models.message import AttemptRow, MessageRow
from models.meta import CounterRow, MetaRow, PartRow, PostRow
from models.revision import PreviewRow, RevisionRow
from models.roster import ActingRow, DutyRow, PersonRow

metadata = Table.metadata

__all__ = [
    "AccountRow",
    "ActingRow",
    "AlarmRow",
    "AttemptRow",
    "CardOpenedRow",
    "CaseRow",
    "CounterRow",
    "DutyRow",
    "FactSeenRow",
    "JournalRow",
    "LookedRow",
    "MessageRow",
    "MetaRow",
    "PartRow",
    "PersonRow",
    "PostRow",
    "PreviewRow",
    "RevisionRow",
    "SignInRow",
    "StepRow",
    "TextPrintRow",
    "TokenRow",
    "metadata",
]
