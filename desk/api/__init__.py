"""REST interface for other systems and scripts, under `/api/v1`."""

from fastapi import APIRouter, FastAPI

from desk.api import docs, language, session
from desk.conversations import api as conversations
from desk.errors import NotFound
from desk.escalation import api as escalation
from desk.feedback import api as feedback
from desk.outbox import api as outbox
from desk.privacy import api as privacy
from desk.reports import api as reports
from desk.reviews import api as reviews
from desk.reviews import suspects_api as suspects
from desk.tickets import api as tickets
from desk.tickets import work_api as ticket_work
from desk.transfers import api as transfers

EVERY_METHOD = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def include(app: FastAPI) -> None:
    """Add all routes; whatever else is below `/api` answers 404 as JSON."""
    v1 = APIRouter(prefix="/api/v1")
    for module in (
        session,
        language,
        conversations,
        tickets,
        ticket_work,
        transfers,
        reviews,
        suspects,
        escalation,
        feedback,
        outbox,
        reports,
        privacy,
    ):
        v1.include_router(module.router)
    app.include_router(v1)
    app.include_router(docs.router)
    app.add_api_route(
        "/api/{path:path}", _nothing_here, methods=EVERY_METHOD, include_in_schema=False
    )


async def _nothing_here(path: str) -> None:
    raise NotFound("errors.not_found")
