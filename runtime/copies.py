"""Looking for texts that were copied from another case, in the transaction in which they came."""

import hashlib
import hmac

from policy import copies, outside
from policy.book import Book
from policy.copies import Copied
from policy.facts import Fact
from runtime.app import App
from runtime.writing import Pen, at_once, write
from store import prints
from store.cases import Stored


def look(app: App, pen: Pen, stored: Stored, fact: Fact) -> Stored:
    """Keep the prints of a fact's long texts; where one stands on another case, put that on the record and ring.

    A print is keyed with the home's secret: whoever reads the store cannot find out by trying whether somebody wrote
    a certain thing.
    """
    s, pack = pen.session, app.pack_of(stored.case)
    made = [_print(app, text) for text in copies.long_texts(fact, pack)]
    if not made:
        return stored
    step = copies.step_of(fact, pack)
    cases = prints.elsewhere(s, stored.ref, made)
    prints.keep(s, stored.ref, step, made, pen.now)
    if not cases:
        return stored
    book = Book(stored.case, pack, app.roster(s, pen.now), pen.now)
    outside.copied(book, Copied(step, tuple(cases)))
    return write(pen, stored, book.outcome(), wake_at=at_once(stored, pen.now))


def _print(app: App, text: str) -> str:
    return hmac.new(app.keys.link_secret.encode(), f"vigil.print.1:{text}".encode(), hashlib.sha256).hexdigest()
