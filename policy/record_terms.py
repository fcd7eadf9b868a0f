"""The words of a record: age bands, flags, how the call was typed, who reported (contract section 4)."""

from dataclasses import dataclass
from enum import StrEnum

from policy.terms import Risk

MAX_AGE = 125  # years


class AgeBand(StrEnum):
    """The only thing that a message tells of a person's age; unknown counts as a child."""

    B0_4 = "0-4"
    B5_9 = "5-9"
    B10_12 = "10-12"
    B13_15 = "13-15"
    B16_17 = "16-17"
    B18_24 = "18-24"
    B25_64 = "25-64"
    B65 = "65+"
    UNKNOWN = "unknown"

    @property
    def is_child(self) -> bool:
        """Tell whether timers treat the person as a child: under 18, or of unknown age."""
        return self in CHILD_BANDS

    @classmethod
    def of(cls, years: int) -> "AgeBand":
        """Give the band of an age in whole years, up to `MAX_AGE`."""
        return next(band for top, band in BANDS if years <= top)


BANDS = (
    *((4, AgeBand.B0_4), (9, AgeBand.B5_9), (12, AgeBand.B10_12), (15, AgeBand.B13_15)),
    *((17, AgeBand.B16_17), (24, AgeBand.B18_24), (64, AgeBand.B25_64), (MAX_AGE, AgeBand.B65)),
)
CHILD_BANDS = frozenset({AgeBand.B0_4, AgeBand.B5_9, AgeBand.B10_12, AgeBand.B13_15, AgeBand.B16_17, AgeBand.UNKNOWN})


class Flag(StrEnum):
    """Flags of a record that change what the procedure asks for."""

    CHILD_IN_CARE = "child_in_care"
    CARE_HOME_REPORT = "care_home_report"
    EXPLOITATION_RISK = "exploitation_risk"
    SELF_HARM_RISK = "self_harm_risk"
    DEMENTIA = "dementia"
    MEDICAL_NEED = "medical_need"
    DOMESTIC_ABUSE = "domestic_abuse"
    HOSPITAL = "hospital"
    AWOL = "awol"
    NO_PHONE = "no_phone"
    RISK_WORDS = "risk_words"  # the text speaks of fear, threat or harm: found by Vigil, and asks for a second look


class CallType(StrEnum):
    """How the call was typed before anybody called it missing (W42, W44)."""

    MISSING = "missing"
    CONCERN_FOR_WELFARE = "concern_for_welfare"
    AWOL = "awol"
    WALK_OUT = "walk_out"


class ReporterKind(StrEnum):
    """Who made the report."""

    PARENT = "parent"
    FAMILY = "family"
    CARER = "carer"
    HOME_STAFF = "home_staff"
    HOSPITAL = "hospital"
    PARTNER = "partner"
    SCHOOL = "school"
    FRIEND = "friend"
    PUBLIC = "public"
    POLICE = "police"
    OTHER = "other"


@dataclass(frozen=True)
class Earlier:
    """An earlier case about the same person; `highest` is the highest risk that it ever had, None: never set."""

    ref: str
    highest: Risk | None


# The levels under every name that a source system has for them (domain 2.1: "no apparent risk" became "very low").
RISK_WORDS: dict[str, Risk] = {
    **{risk.value.replace("_", " "): risk for risk in Risk},
    **dict.fromkeys(("vl", "nar", "absent", "no apparent risk"), Risk.VERY_LOW),
    "l": Risk.LOW,
    "m": Risk.MEDIUM,
    "h": Risk.HIGH,
}

# The fields of a record and of its parts; any other is kept with it and listed.
FIELDS: dict[str, frozenset[str]] = {
    "": frozenset(
        {"source", "source_id", "serial", "reported_at", "recorded_at", "area", "risk", "risk_rationale"}
        | {"tagged_to", "person", "circumstances", "last_seen", "reporter", "flags", "call_type", "example"}
    ),
    "person": frozenset({"name", "date_of_birth", "age", "aliases", "person_ref"}),
    "last_seen": frozenset({"at", "place"}),
    "reporter": frozenset({"name", "phone", "kind"}),
}
