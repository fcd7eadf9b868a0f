"""What a change would do, worked out before anything is stored: to open cases, to past ones, and to sense.

The page asks for it and may be closed: the work goes on in a thread of the console, and what came of it is kept for
a day. A console that was started again takes up what it had left.
"""

import hashlib
import secrets
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta

import structlog

from policy.errors import VigilError
from policy.lint import Budget
from policy.load_model import PROFILES, profile_of
from policy.proposal import refuse_override
from runtime import past
from runtime.app import App
from runtime.door_revisions import Edit, read_edit, who_is
from runtime.history import History, Question, Year, compare, simulate
from runtime.preview_live import Move, live_moves
from runtime.preview_search import searched, searched_apart
from runtime.readings import Json
from store import cases, previews
from store.previews import DONE, DRAFT, FAILED, RUNNING, Preview
from store.revisions import PACK, Revision

KEPT = timedelta(days=1)
MOST = 10_000  # past cases that a page's preview plays, the newest
AT_ONCE = 200  # past cases played while a caller of the API waits
YEAR = 365  # days
SEARCHED = 60  # cases that are searched for faults while a caller of the API waits
SEARCH = 0.5  # the share of the work that the search is
STEP = 0.01  # progress is written down when it has grown by this

Progress = Callable[[int, int], None]
log = structlog.get_logger()


def whole(
    app: App, pack: str, body: object, by_now: int = AT_ONCE, progress: Progress = lambda _done, _of: None
) -> Json:
    """Give all of a preview at once, of `by_now` past cases; raises what a proposal of it would raise."""
    edit, live = live_now(app, pack, body)
    return {
        "live": [move.as_json() for move in live],
        "history": played(app, edit, by_now, progress).as_body(),
        "lint": searched(edit.before, edit.after, Budget(states=SEARCHED))["lint"],
    }


def checked(app: App, pack: str, body: object, *, for_preview: bool = False) -> Edit:
    """Read a change against what stands now; raises all that a proposal of it would, but for who proposes it."""
    with app.sessions.reading() as s:
        edit = read_edit(app, s, pack, body, for_preview=for_preview)
        if edit.over and edit.given.override is not None:
            refuse_override(who_is(app, s, edit.given.override.by))
    return edit


def live_now(app: App, pack: str, body: object) -> tuple[Edit, list[Move]]:
    """Read a change against what stands now, and give each open deadline that it would move."""
    with app.sessions.reading() as s:
        edit = read_edit(app, s, pack, body, for_preview=True)
        return edit, live_moves(app, s, edit)


def played(app: App, edit: Edit, limit: int, progress: Progress = lambda _done, _of: None) -> History:
    """Play past cases under the old numbers and the new; where there are none yet, those of a simulated year."""
    with app.sessions.reading() as s:
        known = cases.count_real(s, edit.before.name)
    if not known:
        return simulate(_year(app, edit.before.name, limit), edit.before, edit.after, progress)
    question = Question(edit.before, edit.after, past.rosters_of(app))
    return compare(past.stories(app, edit.before.name, limit), question, progress, min(known, limit))


def _year(app: App, pack: str, limit: int) -> Year:
    profile = PROFILES[profile_of(pack)]
    days = min(YEAR, max(round(limit / profile.mean), 1))
    return Year(profile, date(app.clock.now().year - 1, 1, 1), days)


# --- for a page: begun, looked at, kept for a day


def draft(app: App, pack: str, body: Json, by: str, key: str = "", instead_of: str = "") -> str:
    """Keep a change that somebody is about to propose, whether it is sound or not; give the preview's id.

    Where it is made anew, nobody waits any more for the one `instead_of` which it stands.
    """
    now, base = app.clock.wall(), body["base"]
    assert isinstance(base, int)
    key = key or secrets.token_urlsafe(9)
    made = Preview(key, pack, base, _named(body), by, now, DRAFT, 0.0, {"given": body})
    with app.sessions() as s:
        previews.forget(s, now - KEPT)
        previews.change(s, instead_of, only=RUNNING, state=DRAFT)
        previews.put(s, made)
    return key


def of_revision(app: App, made: Revision, by: str) -> str:
    """Give the preview of a proposal, begun when it was first looked at."""
    key = f"{made.pack}-{made.number}"
    with app.sessions.reading() as s:
        kept = previews.find(s, key)
    if kept is None:
        draft(app, made.pack, as_body(made, app.clock.now()), by, key)
        start(app, key)
    return key


def as_body(made: Revision, now: datetime) -> Json:
    """Give a revision as it was proposed; an instant that has passed meanwhile means: on approval."""
    what: Json = {"text": made.text} if made.kind == PACK else {"changes": list(made.changes)}
    named = made.override or {}
    override = {"by": named.get("by"), "reason": named.get("reason")} if named else None
    ahead = made.effective_from.isoformat() if made.effective_from > now else None
    return {
        **what, "base": made.base, "reason": made.reason, "applies_to": made.applies_to,
        "effective_from": ahead, "override": override,
    }  # fmt: skip


def start(app: App, key: str) -> None:
    """Begin the work on a preview, unless the same change was worked out already."""
    with app.sessions() as s:
        kept = previews.get(s, key)
        if kept.state != DRAFT:
            return
        before = previews.done_before(s, kept.pack, kept.base, kept.changes)
        if before is not None:
            previews.change(s, key, state=DONE, share=1.0, body={**before.body, "given": kept.body["given"]})
            return
        previews.change(s, key, state=RUNNING)
    _work.on(app, key)


def look(app: App, key: str) -> Preview:
    """Give a preview as far as it is; one whose console was stopped meanwhile is taken up again."""
    with app.sessions.reading() as s:
        kept = previews.get(s, key)
    if kept.state == RUNNING:
        _work.on(app, key)
    return kept


def _named(body: Json) -> Sequence[object]:
    """Name what changes, so that two previews of the same change know each other."""
    text, changes = body.get("text"), body.get("changes")
    if isinstance(text, str):
        return [{"text": hashlib.sha256(text.encode()).hexdigest()}]
    return changes if isinstance(changes, list) else []


class _Work:
    """The previews on which this process works, one after another: two at once would take twice as long each."""

    def __init__(self) -> None:
        self._lock, self._turn = threading.Lock(), threading.Lock()
        self._at: set[tuple[int, str]] = set()

    def on(self, app: App, key: str) -> None:
        """Work on a preview, unless that is being done."""
        mark = (id(app.sessions), key)
        with self._lock:
            if mark in self._at:
                return
            self._at.add(mark)
        threading.Thread(target=self._do, args=(app, key, mark), name=f"preview {key}", daemon=True).start()

    def _do(self, app: App, key: str, mark: tuple[int, str]) -> None:
        try:
            with self._turn:
                _work_out(app, key)
        except _Gone:
            pass
        except VigilError:  # what stands has changed since, and the page says so
            _say(app, key, {"state": FAILED})
        except Exception as error:  # noqa: BLE001  # the thread's last net: the page says that it failed
            log.error("preview_failed", preview=key, error=type(error).__name__)
            with suppress(Exception):  # the store itself may be what failed, or is closed
                _say(app, key, {"state": FAILED})
        finally:
            with self._lock:
                self._at.discard(mark)


_work = _Work()


class _Gone(Exception):
    """The preview was taken away, or changed: nobody waits for it any more."""


def _work_out(app: App, key: str) -> None:
    with app.sessions.reading() as s:
        kept = previews.get(s, key)
        edit = read_edit(app, s, kept.pack, kept.body["given"], for_preview=True)
    report = _Reporter(app, key)
    history = played(app, edit, MOST, lambda done, of: report((1 - SEARCH) * done / max(of, 1)))
    body = {**kept.body, "history": history.as_body()}
    _say(app, key, {"share": 1 - SEARCH, "body": body})
    found = searched_apart(edit.before, edit.after, lambda done, of: report(1 - SEARCH * (1 - done / max(of, 1))))
    _say(app, key, {"state": DONE, "share": 1.0, "body": {**body, **found}})


class _Reporter:
    """Writes down how far the work is, and ends it when nobody waits for it any more."""

    def __init__(self, app: App, key: str) -> None:
        self._app, self._key, self._said = app, key, 0.0

    def __call__(self, share: float) -> None:
        if share >= self._said + STEP:
            self._said = share
            if not _say(self._app, self._key, {"share": share}):
                raise _Gone


def _say(app: App, key: str, values: Json) -> bool:
    with app.sessions() as s:
        return previews.change(s, key, only=RUNNING, **values)
