"""The table of permissions, for anybody who is signed in."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from console import permissions_shown
from console.access import access_of
from console.templating import page
from policy.permissions import MEANINGS, NO_ROLE, TABLE, Word

router = APIRouter()


@router.get("/permissions")
def show(request: Request) -> Response:
    """Show who may do what, what the words mean, and where each row comes from."""
    request.state.reader = access_of(request).reader(request)
    if request.state.reader is None:
        return RedirectResponse("/sign-in?next=/permissions", 303)
    return page(
        request,
        "permissions.html",
        rows=tuple(TABLE.values()),
        parts=permissions_shown.PARTS,
        headings=permissions_shown.HEADINGS,
        by_rank=permissions_shown.by_rank(),
        intro=permissions_shown.INTRO,
        meanings=[(word, MEANINGS[word]) for word in Word],
        without=NO_ROLE,
    )
