"""REST interface for other systems and scripts, under `/api/v1`."""

from fastapi import APIRouter, FastAPI

from desk.api import docs, language, session
from desk.api.answers import describe_answers
from desk.conversations import api as conversations
from desk.errors import NotFound
from desk.escalation import api as escalation
from desk.feedback import api as feedback
from desk.knowledge import api as knowledge
from desk.outbox import api as outbox
from desk.privacy import api as privacy
from desk.reports import api as reports
from desk.reviews import api as reviews
from desk.reviews import quality_api as quality
from desk.reviews import suspects_api as suspects
from desk.routing import api as routing
from desk.rulebook import api as rulebook
from desk.sharing import api as sharing
from desk.tickets import api as tickets
from desk.tickets import work_api as ticket_work
from desk.transfers import api as transfers
from desk.trends import api as trends

EVERY_METHOD = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def include(app: FastAPI) -> None:
    """Add all routes; whatever else is below `/api` answers 404 as JSON."""
    v1 = APIRouter(prefix="/api/v1")
    for module in (
        session,
        language,
        conversations,
        routing,
        trends,
        tickets,
        ticket_work,
        transfers,
        reviews,
        suspects,
        quality,
        rulebook,
        escalation,
        feedback,
        outbox,
        reports,
        privacy,
        sharing,
        knowledge,
    ):
        v1.include_router(module.router)
    app.include_router(v1)
    app.include_router(docs.router)
    describe_answers(app)
    app.add_api_route(
        "/api/{path:path}", _nothing_here, methods=EVERY_METHOD, include_in_schema=False
    )


async def _nothing_here(path: str) -> None:
    raise NotFound("errors.not_found")
