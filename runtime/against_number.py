"""One number of a pack changed, in the same words and by the same code as a revision of it."""

from policy.errors import Fault, Invalid
from policy.pack import Pack
from policy.pack_parse import Raw
from policy.revise import apply, read_changes
from runtime.against_what import FIELD, What, number_of
from runtime.shelf import sound


def changed(pack: Pack, raw: Raw, what: What) -> Pack:
    """Give a pack, of which `raw` is the table, with one number changed; raise Invalid with the remedy."""
    try:
        return sound(pack.name, pack.revision, apply(raw, read_changes([number_of(what)], raw)))
    except Invalid as error:
        faults = [Fault(FIELD, f"{what.name}={what.value}: {_where(f)}{f.message}", f.remedy) for f in error.faults]
        raise Invalid("the number cannot be changed so", faults) from None


def _where(fault: Fault) -> str:
    """Name the field of a change or of the pack, without the number of the change: there is one."""
    return f"{fault.field.removeprefix('changes.0.').removesuffix('.')}: "
