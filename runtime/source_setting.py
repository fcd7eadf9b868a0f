"""What `[sources.<name>]` in `vigil.toml` may say: a system of the force that Vigil reads by itself."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from policy.spans import Span

NAME = re.compile(r"^[a-z0-9][a-z0-9_-]{0,39}$")
_SHORTEST_S, _LONGEST_S = 1.0, 3600.0  # of a turn: a source read once an hour is no watch


class SourceSetting(BaseModel):
    """One source: a database (any SQLAlchemy address and query) or a list over HTTP. It is only ever read.

    A column or field is called as the report has it, with dots for nesting, or renamed by `map`. The section's
    name is the record's `source` where the row names none.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(repr=False)  # may hold a password
    query: str | None = None  # of a database: what gives a row a record, without ORDER BY
    mark: str | None = None  # the column that never falls for new or changed rows; without it all is read each turn
    since: str | None = None  # over HTTP: the parameter by which the list takes the mark
    recent: str | None = None  # a query or address of the last 48 hours alone, where reading all would be too much
    records: str | None = None  # over HTTP: where in the document the list is, with dots
    map: Mapping[str, str] = Field(default_factory=dict)  # theirs = ours; "" leaves a column out
    zone: str | None = None  # of instants that carry no offset
    every: str = "30s"
    missed_every: str = "5m"
    old_after: str = "2m"
    timeout: str = "10s"
    token_env: str | None = None  # over HTTP: the environment variable that holds the bearer token
    token_file: Path | None = None  # or the file that does

    @field_validator("every", "missed_every", "old_after", "timeout")
    @classmethod
    def _a_span(cls, text: str) -> str:
        seconds = Span.parse(text).elapsed.total_seconds()
        if not _SHORTEST_S <= seconds <= _LONGEST_S:
            raise ValueError("is not between 1s and 1h")
        return text

    @field_validator("zone")
    @classmethod
    def _a_zone(cls, zone: str | None) -> str | None:
        if zone is not None:
            try:
                ZoneInfo(zone)
            except (OSError, ValueError, KeyError):
                raise ValueError("is no time zone, such as Europe/London or UTC") from None
        return zone

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if self.is_http:
            if self.query is not None:
                raise ValueError("a list over HTTP takes no query; write the parameters into url")
            return self
        if self.query is None:
            raise ValueError("a database needs a query, such as SELECT * FROM vigil_export")
        try:
            make_url(self.url)
        except ArgumentError:
            raise ValueError("url is neither http(s):// nor the address of a database") from None
        return self

    @property
    def is_http(self) -> bool:
        """Tell whether the source is a list over HTTP."""
        return self.url.lower().startswith(("http://", "https://"))

    def seconds(self, name: str) -> float:
        """Give `every`, `missed_every`, `old_after` or `timeout` in real seconds."""
        return Span.parse(getattr(self, name)).elapsed.total_seconds()

    def token(self) -> str | None:
        """Give the bearer token as it is at this moment, so that it may be changed without a restart."""
        if self.token_env is not None:
            return os.environ.get(self.token_env, "").strip()
        if self.token_file is not None:
            return self.token_file.expanduser().read_text(encoding="utf-8").strip()
        return None
