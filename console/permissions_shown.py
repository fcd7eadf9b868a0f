"""The table of permissions as it is printed: for the page, the command, the API and docs/permissions.md."""

from policy.permissions import MEANINGS, NO_ROLE, RANKED, TABLE, Deed, Word
from runtime.readings import Json

HEADINGS = {
    Deed.CREATE: "Create",
    Deed.SET_FIRST_RISK: "Set first risk",
    Deed.RAISE_RISK: "Raise",
    Deed.LOWER_RISK: "Lower",
    Deed.OWN: "Own",
    Deed.REVIEW: "Review",
    Deed.TRANSFER: "Transfer",
    Deed.CLOSE: "Close",
    Deed.EDIT_POLICY: "Edit policy",
    Deed.APPROVE_POLICY: "Approve policy",
    Deed.APPROVE_OVERRIDE: "Approve override",
    Deed.APPROVE_PACK: "Approve pack",
    Deed.READ_CASE: "Read a case",
    Deed.READ_ALL: "Read all",
}
PARTS = (list(Deed)[:8], list(Deed)[8:])  # two tables, so that each fits a page
INTRO = (
    "The table says what each role may do.",
    "A person has the roles of all the duties that they are on at that minute; the most permissive counts.",
    "For policy and reading, the role of their account counts too.",
    "Where the pack asks for a rank, that rank is needed as well.",
    "Information, and a raise of the risk, is never refused to anybody whom the force knows.",
)


def said(word: str) -> str:
    """Say a word of the table as people read it."""
    return word.replace("_", " ")


def by_rank() -> list[str]:
    """Say what a rank gives, whatever its holder is on duty as."""
    return [
        f"{HEADINGS[deed]}: {said(word)} for {said(rank)} and above"
        for deed, ranks in RANKED.items()
        for rank, word in ranks
    ]


def as_json() -> Json:
    """Give the whole table as data."""
    return {
        "roles": [{"role": row.role, "of": row.of, **{deed: row[deed] for deed in Deed}} for row in TABLE.values()],
        "by_rank": {deed: {str(rank): str(word) for rank, word in ranks} for deed, ranks in RANKED.items()},
        "words": {word: MEANINGS[word] for word in Word},
        "without_role": dict(NO_ROLE),
    }


def plain() -> str:
    """Give the table for a terminal: a line a role, then what a rank gives, the words and the sources."""
    lines: list[str] = []
    for part in PARTS:
        rows = [["role", *(HEADINGS[deed].lower() for deed in part)]]
        rows += [[said(row.role), *(said(row[deed]) for deed in part)] for row in TABLE.values()]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines += ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
        lines.append("")
    lines += [*INTRO, "", "By rank, of the police:", *(f"  {line}" for line in by_rank())]
    lines += ["", "What the words mean:", *(f"  {said(word)}: {MEANINGS[word]}" for word in Word)]
    lines += ["", "Where each row comes from:", *(f"  {said(row.role)}: {row.of}" for row in TABLE.values())]
    return "\n".join(lines)


def markdown() -> str:
    """Give docs/permissions.md; a test holds the file to it."""
    lines = ["# Who may do what", "", "Made by `vigil permissions --markdown`: do not edit it by hand.", "", *INTRO]
    for part in PARTS:
        lines += ["", f"| Role | {' | '.join(HEADINGS[deed] for deed in part)} |", f"|---|{'---|' * len(part)}"]
        for row in TABLE.values():
            lines.append(f"| {said(row.role)} | {' | '.join(said(row[deed]) for deed in part)} |")
    lines += ["", "## By rank", "", "Of the police, whatever they are on duty as:", ""]
    lines += [f"- {line}." for line in by_rank()]
    lines += ["", "## What the words mean", ""]
    lines += [f"- **{said(word)}**: {MEANINGS[word]}." for word in Word]
    lines += ["", "## Where each row comes from", "", "`The grid` is the procedure's own, of roles and ranks.", ""]
    lines += [f"- **{said(row.role)}**: {row.of.replace('11.2', 'the grid')}." for row in TABLE.values()]
    lines += [f"- **{name}** has no role here: {why}." for name, why in NO_ROLE.items()]
    return "\n".join(lines) + "\n"
