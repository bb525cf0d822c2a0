"""`/healthz` for proxies and supervisors: is this process able to work?"""

import structlog
from fastapi import APIRouter
from fastapi.responses import JSONResponse
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from desk.current import get_desk

router = APIRouter(include_in_schema=False)
log = structlog.get_logger(__name__)


@router.get("/healthz")
async def health() -> JSONResponse:
    """Answer 200 if the database answers, otherwise 503."""
    try:
        await get_desk().database.look(_probe)
    except SQLAlchemyError as error:
        log.error("health.database_away", error=type(error).__name__)
        return JSONResponse({"status": "error", "database": "away"}, status_code=503)
    return JSONResponse({"status": "ok", "database": "ok"})


def _probe(session: Session) -> None:
    session.execute(text("SELECT 1"))
