"""What stands behind an action beside its own words: whether they are copied, and who has read their role's card."""

from datetime import datetime

from sqlmodel import Field

from models.columns import Table, UtcDateTime, Words


class TextPrintRow(Table, table=True):
    """The print of one long text of one case: the same print on another case is a copied text (F3). No text itself."""

    __tablename__ = "text_print"

    print: str = Field(primary_key=True)
    case_ref: str = Field(primary_key=True, foreign_key="case_record.ref", ondelete="CASCADE")
    step: str
    at: datetime = Field(sa_type=UtcDateTime)


class CardOpenedRow(Table, table=True):
    """The first time that a person opened the card of a role in a pack (S2 recommendation 1)."""

    __tablename__ = "card_opened"

    person: str = Field(primary_key=True, sa_type=Words)
    pack: str = Field(primary_key=True)
    role: str = Field(primary_key=True)
    opened_at: datetime = Field(sa_type=UtcDateTime)
