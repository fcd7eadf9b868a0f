"""The cases that the IOPC looked into, as it was and as Vigil would have had it: pages for whoever is signed in."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from console.access import access_of
from console.templating import page
from runtime import against_replays

router = APIRouter()


@router.get("/replays")
def listing(request: Request) -> Response:
    """Show which cases there are."""
    if not _signed_in(request):
        return RedirectResponse("/sign-in?next=/replays", 303)
    shown = [(name, against_replays.told(name)) for name in against_replays.ORDER]
    return page(request, "replays.html", replays=shown)


@router.get("/replays/{name}")
def show(request: Request, name: str) -> Response:
    """Show one of them side by side."""
    if not _signed_in(request):
        return RedirectResponse("/sign-in?next=/replays", 303)
    return page(request, "replay.html", found=against_replays.played(name))


def _signed_in(request: Request) -> bool:
    reader = access_of(request).reader(request)
    request.state.reader = reader
    return reader is not None
