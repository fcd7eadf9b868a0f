"""What was wrong with a form that was sent: the summary at the top of the page, with all that was typed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from console.evidence.filled import typed
from console.evidence.forms import TITLES, Form, Forms
from console.problems import problem_of
from console.words import roles_named, words
from policy.errors import Fault, Invalid, Missing, Refused, VigilError
from policy.terms import FactKind

EVIDENCE = "evidence."


@dataclass(frozen=True)
class Item:
    """One thing to mend: `field` is the field of the form that it is about, `to` where on the page it is mended."""

    text: str
    field: str = ""
    to: str = ""


@dataclass(frozen=True)
class Trouble:
    """Why a form was not taken, and what was typed into it."""

    detail: str
    status: int = 409
    form: str = ""  # the form's id
    items: tuple[Item, ...] = ()
    who_may: str = ""
    rule: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    at: str = ""
    by: str = ""

    def of(self, name: str) -> tuple[str, ...]:
        """Give what is wrong with a field, thing by thing."""
        return tuple(item.text for item in self.items if item.field == name)


def over(posted: Mapping[str, str]) -> Trouble:
    """Say that the form is for something that was done meanwhile, and give back what was typed."""
    return Trouble("This is over: what the form asked for was done meanwhile", typed=typed(posted))


def trouble_of(error: VigilError, form: Form, posted: Mapping[str, str], forms: Forms) -> Trouble:
    """Say what a form lacks, or which rule refuses it and who may; `forms` are all that the page shows."""
    problem = problem_of(error)
    detail = problem.detail[:1].upper() + problem.detail[1:]
    items: tuple[Item, ...] = ()
    if isinstance(error, Invalid):
        items = tuple(_of_fault(fault, form) for fault in error.faults)
        detail = "There is something to mend"
    if isinstance(error, Refused):
        items = tuple(_of_missing(missing, form, forms) for missing in error.missing)
        if len(items) > 1:  # each stands in the list; the sentence need not say them all again
            detail = detail.partition(": ")[0]
    return Trouble(
        detail=detail,
        status=problem.status if problem.status != 410 else 409,
        form=form.id,
        items=items,
        who_may=roles_named(error.who_may, forms.may.pack) if isinstance(error, Refused) else "",
        rule=error.rule if isinstance(error, Refused) else "",
        typed=typed(posted),
        at=posted.get("at", ""),
        by=posted.get("by", ""),
    )


def _of_fault(fault: Fault, form: Form) -> Item:
    name = fault.field.removeprefix(EVIDENCE)
    title = _title(form, name) or ("When it happened" if name == "at" else name)
    message = fault.message.removeprefix(f"{title}: ")
    remedy = f" - {fault.remedy}" if fault.remedy else ""
    known = name if _title(form, name) or name == "at" else ""
    return Item(f"{title}: {message}{remedy}", known, f"{form.id}-{known}" if known else "")


def _of_missing(missing: Missing, form: Form, forms: Forms) -> Item:
    """A thing that a rule asks for; the summary leads to where it can be said: a field, a step or another form."""
    if title := _title(form, missing.what):
        return Item(f"{title}: {missing.why}", missing.what, f"{form.id}-{missing.what}")
    asking = {kind: one.step.key for one in forms.steps() for kind in one.rule.done_by}
    if missing.what in forms.may.pack.steps:
        live = missing.what in {one.step.key for one in forms.steps()}
        return Item(missing.why, to=f"step-{missing.what}" if live else "")
    if missing.what in list(FactKind):
        kind = FactKind(missing.what)
        said = next((other.id for other in forms.happened() if other.kind is kind), "")
        return Item(f"{TITLES.get(kind, words(kind))}: {missing.why}", to=said or _step(asking.get(kind)))
    return Item(f"{words(missing.what)}: {missing.why}")


def _step(key: str | None) -> str:
    return f"step-{key}" if key else ""


def _title(form: Form, name: str) -> str:
    return next((field.title for field in form.fields if field.name == name), "")
