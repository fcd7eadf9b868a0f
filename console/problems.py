"""Every refusal as one document: which rule, what is missing, who may (contract section 6, RFC 9457)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

from policy.errors import (
    Busy,
    Fault,
    Forbidden,
    Invalid,
    Refused,
    Stale,
    TooLarge,
    Unauthorised,
    Unknown,
    Unreadable,
    UsedLink,
    VigilError,
)

MEDIA_TYPE = "application/problem+json"

# Each slug's title, and what it means to whoever meets it (the page /problems/<slug>).
TITLES: Mapping[str, tuple[str, str]] = {
    "invalid": ("The input has faults", "Each fault is listed with its field and what to do about it."),
    "unreadable": ("The input cannot be read", "The body is not of the format that is asked for."),
    "too-large": ("The input is too large", "Send less at a time; the limit stands in the detail."),
    "unknown": ("There is no such thing", "The address, case, step, person or pack is not known here."),
    "unauthorised": ("Who are you?", "Send a token, or sign in."),
    "forbidden": ("Not yours to do", "You are known, but this is for somebody else."),
    "refused": ("A rule says no", "The rule, what is missing and who may are named. Nothing was written."),
    "used-link": ("This link is over", "It was answered already, or what it asked for is past."),
    "stale": ("Somebody changed it meanwhile", "Read it again and decide on what stands now."),
    "busy": ("Try again in a moment", "Nothing is lost. The header Retry-After says how long to wait."),
}

_KINDS: tuple[tuple[type[VigilError], str, int], ...] = (  # the first that fits: children before parents
    (UsedLink, "used-link", 410),
    (Stale, "stale", 409),
    (Refused, "refused", 409),
    (Invalid, "invalid", 422),
    (Unreadable, "unreadable", 400),
    (TooLarge, "too-large", 413),
    (Unknown, "unknown", 404),
    (Unauthorised, "unauthorised", 401),
    (Forbidden, "forbidden", 403),
    (Busy, "busy", 429),
)


@dataclass(frozen=True)
class Problem:
    """One refusal: status, document and headers."""

    status: int
    body: Mapping[str, object]
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def slug(self) -> str:
        """Give the last part of the type, such as `used-link`."""
        return str(self.body["type"]).rsplit("/", 1)[-1]

    @property
    def detail(self) -> str:
        """Give the sentence that says what was refused."""
        return str(self.body["detail"])


class ProblemError(Exception):
    """A refusal that already is a document: what a server answered, for whoever asked it."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem


def problem(slug: str, status: int, detail: str, faults: Sequence[Fault] = ()) -> Problem:
    """Make the document of one slug."""
    headers = {}
    if slug == "busy":
        headers["Retry-After"] = "1"
    if slug == "unauthorised":
        headers["WWW-Authenticate"] = 'Bearer realm="vigil"'
    body: dict[str, object] = {
        "type": f"/problems/{slug}",
        "title": TITLES[slug][0],
        "status": status,
        "detail": detail,
        "errors": [fault.as_dict() for fault in faults],
    }
    return Problem(status, body, headers)


def document(status: int, content: bytes) -> dict[str, object]:
    """Read what a server of ours answered; raise ProblemError for what it refused, or when it is none of ours."""
    try:
        found = json.loads(content)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ProblemError(problem("unreadable", status, "what answered is no Vigil; check --url"))
    if status >= 400:
        raise ProblemError(Problem(status, found))
    return found


def problem_of(error: VigilError) -> Problem:
    """Say what Vigil raised on purpose as a document; what the world did to us is `busy`."""
    for kind, slug, status in _KINDS:
        if isinstance(error, kind):
            return _with_particulars(error, problem(slug, status, _detail(error), _faults(error)))
    return busy()


def busy() -> Problem:
    """Answer for what nobody foresaw: no trace, try again (503)."""
    detail = "Vigil could not do this just now. Nothing was half-written; try again in a moment."
    return problem("busy", 503, detail)


def of_status(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Problem:
    """Say a bare HTTP status as a document."""
    slugs = {400: "unreadable", 401: "unauthorised", 403: "forbidden", 404: "unknown", 405: "unknown"}
    slugs |= {409: "refused", 410: "used-link", 413: "too-large", 422: "invalid", 429: "busy"}
    slug = slugs.get(status, "unreadable" if status < 500 else "busy")
    plain = detail if detail and detail != HTTPStatus(status).phrase else TITLES[slug][1]
    made = problem(slug, status, plain)
    return Problem(made.status, made.body, {**made.headers, **(headers or {})})


def _detail(error: VigilError) -> str:
    return str(getattr(error, "detail", "")) or str(error) or TITLES["busy"][1]


def _faults(error: VigilError) -> Sequence[Fault]:
    """Every refusal of an input names field, fault and remedy, also of one that could not be read at all."""
    if isinstance(error, Unreadable):
        return (Fault("body", _detail(error), "send it whole, in UTF-8, in the format that /api/docs shows"),)
    if isinstance(error, TooLarge):
        return (Fault("body", _detail(error), "send less at a time; a report holds one record"),)
    return error.faults if isinstance(error, (Invalid, Forbidden)) else ()


def _with_particulars(error: VigilError, made: Problem) -> Problem:
    if isinstance(error, Stale):
        return Problem(made.status, {**made.body, "current": error.current}, made.headers)
    if isinstance(error, Busy):
        return Problem(made.status, made.body, {**made.headers, "Retry-After": str(error.retry_after_s)})
    if isinstance(error, Refused) and not isinstance(error, UsedLink):
        more = {
            "rule": error.rule,
            "missing": [missing.as_dict() for missing in error.missing],
            "who_may": error.who_may,
        }
        return Problem(made.status, {**made.body, **more}, made.headers)
    return made
