"""For proxies, supervisors and orchestrators: is this process alive, and can it take work?"""

import structlog
from fastapi import APIRouter
from fastapi.responses import JSONResponse
from sqlalchemy import text
from sqlalchemy.orm import Session

from desk.current import get_desk
from desk.errors import StoreUnavailable

router = APIRouter(prefix="/health", include_in_schema=False)
log = structlog.get_logger(__name__)


@router.get("/live")
async def live() -> JSONResponse:
    """Answer 200 as long as the process answers at all; a restart would help otherwise."""
    return JSONResponse({"status": "ok"})


@router.get("/ready")
async def ready() -> JSONResponse:
    """Answer 200 if customers and staff can work here, otherwise 503 with what is missing.

    The bot being away is told but is no reason to refuse: people take over then.
    """
    desk = get_desk()
    database = "ok"
    try:
        await desk.database.look(_probe)
    except StoreUnavailable:
        database = "away"
    is_ready = database == "ok"
    state = {
        "status": "ok" if is_ready else "error",
        "database": database,
        "bot": "ok" if desk.bot.is_answering else "away",
    }
    return JSONResponse(state, status_code=200 if is_ready else 503)


def _probe(session: Session) -> None:
    session.execute(text("SELECT 1"))
