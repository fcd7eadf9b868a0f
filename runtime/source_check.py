"""What the doctor says of the sources: each is asked once, as the watch asks it; nothing is taken in or written."""

from itertools import islice

from policy.errors import Broken, Invalid
from policy.report import UNKNOWN_FIELD, read_report
from runtime.clock import Clock
from runtime.settings import Settings
from runtime.source_read import SourceFailed, file_of, reader_of
from runtime.source_rows import Read, read_row
from runtime.source_setting import SourceSetting

SAMPLE = 20  # rows looked at
SHOWN = 5

Found = tuple[str, bool, str, str]  # name, whether it is sound, what was seen, what to do


def look(settings: Settings, clock: Clock) -> list[Found]:
    """Look at every source, and say which of its columns a report does not know."""
    return [_one(name, setting, settings, clock) for name, setting in settings.sources.items()]


def _one(name: str, setting: SourceSetting, settings: Settings, clock: Clock) -> Found:
    what = f"source {name}"
    try:
        rows = [read_row(row, name, setting) for row in islice(reader_of(setting, settings.home).rows(None), SAMPLE)]
    except (SourceFailed, Broken) as error:
        code = getattr(error, "code", "marks_without_order")
        return what, False, f"does not answer ({code})", _what_to_check(name, setting, settings)
    if not rows:
        return what, True, "answers; it holds no row now", ""
    if setting.mark is not None and all(row.mark is None for row in rows):
        return what, False, f"answers; no row has a {setting.mark}", "name a column of the rows as mark"
    faults, unknown = _faults(rows, clock)
    if faults:
        return what, False, f"answers; of {len(rows)} rows {len(faults)} cannot be a case: {faults[0]}", _MAP
    kept = f"; columns that a report does not know: {', '.join(unknown[:SHOWN])}" if unknown else ""
    return what, True, f"answers{kept}", ""


def _what_to_check(name: str, setting: SourceSetting, settings: Settings) -> str:
    file = file_of(setting, settings.home)
    if setting.is_http:
        what = "that the server of url runs and is reached from here, that it gives a list as JSON, and the token"
    elif file is not None and not file.is_file():
        what = f"url: there is no file {file} (a relative path is looked for in the home)"
    elif file is not None:
        what = f"query and mark against the tables of {file}, and that the user that runs Vigil may read it"
    else:
        what = "that the server of url runs and is reached from here, user and password, query and mark"
    return f"check in [sources.{name}] {what}"


_MAP = 'give the columns our names with map = { their_column = "source_id" }'


def _faults(rows: list[Read], clock: Clock) -> tuple[list[str], list[str]]:
    """Give why rows could not be taken, and the fields that are unknown; never a value of theirs."""
    faults, unknown = list[str](), dict[str, None]()
    for row in rows:
        try:
            report = read_report(row.record, clock.now(), ())
        except Invalid as error:
            faults.append("; ".join(f"{fault.field} {fault.message}" for fault in error.faults))
        else:
            unknown |= {defect.field: None for defect in report.defects if defect.message == UNKNOWN_FIELD}
    return faults, list(unknown)
