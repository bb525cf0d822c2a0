"""Photos of a conversation over HTTP: the customer's page sends and shows them, staff look.

The customer shows the same secrets as at the socket: the page's token as `Authorization: Bearer`
and the browser's cookie.
"""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response

from desk import flood
from desk.clock import utc_now
from desk.conversations import capability, frames, photos
from desk.conversations.models import Conversation
from desk.current import get_desk
from desk.errors import NotFound
from desk.web.callers import Reader, Speaker
from desk.web.visitor import browsers_of

SMALL = "small"
HEADERS = {
    "Cache-Control": "private, max-age=3600",
    "Vary": "Authorization, Cookie",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}

router = APIRouter(include_in_schema=False)
ClientId = Annotated[str, Header(alias="X-Client-Id")]
Size = Annotated[str, Query()]


@router.post("/chat/photos", status_code=201)
async def send_photo(request: Request, client_id: ClientId) -> dict[str, Any]:
    """Store a photo of the customer; the body is the file. Answers once it is stored."""
    conversation = await customer_conversation(request)
    address = request.client.host if request.client else ""
    await get_desk().flood.take(flood.PHOTOS, conversation.id)
    await get_desk().flood.take(flood.PHOTOS_OF_ADDRESS, address)
    photo = await asyncio.to_thread(photos.make_ready, await request.body())
    message = await get_desk().gateway.customer_photo(
        conversation.id, client_id=client_id, photo=photo
    )
    return frames.stored(message)


@router.get("/chat/photos/{photo_id}")
async def customer_photo(request: Request, photo_id: str, size: Size = "") -> Response:
    """A photo of the customer's own conversation; `size=small` for the list."""
    conversation = await customer_conversation(request)
    picture, media_type = await get_desk().database.look(
        photos.photo_for_customer, conversation.id, photo_id, is_small=size == SMALL
    )
    return Response(picture, media_type=media_type, headers=HEADERS)


@router.post("/desk/chat-photos", status_code=201)
async def send_staff_photo(
    request: Request,
    staff: Speaker,
    client_id: ClientId,
    conversation_id: Annotated[str, Header(alias="X-Conversation-Id")],
) -> dict[str, Any]:
    """Store a photo of the agent; the body is the file."""
    await get_desk().flood.take(flood.PHOTOS, conversation_id)
    photo = await asyncio.to_thread(photos.make_ready, await request.body())
    message = await get_desk().gateway.agent_photo(
        conversation_id, staff, client_id=client_id, photo=photo
    )
    return frames.stored(message)


@router.get("/desk/chat-photos/{photo_id}")
async def staff_photo(photo_id: str, staff: Reader, size: Size = "") -> Response:
    """A photo of a conversation that this person may read."""
    picture, media_type = await get_desk().database.look(
        photos.photo_for_staff, staff, photo_id, is_small=size == SMALL
    )
    return Response(
        picture, media_type=media_type, headers={**HEADERS, "Cache-Control": "no-store"}
    )


async def customer_conversation(request: Request) -> Conversation:
    """Return the conversation that the page's token opens in this browser."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise NotFound("errors.conversation_not_found")
    return await get_desk().database.look(
        capability.check, token.strip(), browsers=browsers_of(request), now=utc_now()
    )
