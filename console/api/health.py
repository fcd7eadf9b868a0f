"""Whether Vigil lives, whether a report posted now would be told, and the measures for Prometheus."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response

from console import measures, ready
from console.api.cases import Vigil

router = APIRouter(tags=["health"])


@router.get("/healthz")
def get_health() -> JSONResponse:
    """Say that the console answers."""
    return JSONResponse({"alive": True})


@router.get("/readyz")
def get_ready(app: Vigil) -> JSONResponse:
    """Say whether a report posted now would be told: 200, or 503 with what stands in the way."""
    state = ready.look(app)
    return JSONResponse(state.body, 200 if state.ready else 503)


@router.get("/metrics")
def get_metrics(app: Vigil) -> Response:
    """Give the measures, computed from the store at this moment: they hold for all processes."""
    return Response(measures.exposition(app), media_type=measures.MEDIA_TYPE)
