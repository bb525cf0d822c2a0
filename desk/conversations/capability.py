"""Who may open a conversation as its customer.

A customer has no account. A browser shows two secrets: a token that the page keeps, and a cookie
out of reach of scripts (`desk.web.visitor`). Both must fit: a token copied to another browser
opens nothing. A browser that keeps no cookie (third-party frames in some) gets in by the token
alone, for `UNBOUND_IDLE` after the customer last wrote. Another browser is let in by a return
link, once. Only hashes are stored.

All functions work in the caller's transaction and never commit.
"""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from desk.conversations.access_models import CustomerAccess, ReturnLink
from desk.conversations.models import Conversation
from desk.errors import NotFound

UNBOUND_IDLE = timedelta(hours=2)
RETURN_LINK_LIFETIME = timedelta(hours=72)
TOKEN_BYTES = 32
_INSERT_ACCESS = insert(CustomerAccess)


def issue(
    session: Session, conversation_id: str, *, browser: str | None = None, now: datetime
) -> str:
    """Let a browser into a conversation; return the token for its page.

    Args:
        browser: the secret of its cookie, None if it keeps none.
    """
    token = secrets.token_urlsafe(TOKEN_BYTES)
    columns = {
        "token_hash": hash_token(token),
        "conversation_id": conversation_id,
        "browser_hash": _browser_hash(conversation_id, browser) if browser else None,
        "created_at": now,
    }
    session.connection().execute(_INSERT_ACCESS, columns)
    return token


def check(session: Session, token: str, *, browsers: Sequence[str], now: datetime) -> Conversation:
    """Return the conversation that the token opens in this browser, also a closed one.

    Args:
        browsers: the secrets of all our cookies that came with the request.

    Raises:
        NotFound: no such token, another browser, or unbound and idle for too long.
    """
    access = session.get(CustomerAccess, hash_token(token))
    if access is not None:
        conversation = session.get_one(Conversation, access.conversation_id)
        if _fits(access, conversation, browsers, now):
            return conversation
    raise NotFound("errors.conversation_not_found")


def is_bound(session: Session, token: str) -> bool:
    """Tell whether a token that was checked is tied to a browser."""
    return session.get_one(CustomerAccess, hash_token(token)).browser_hash is not None


def bind(session: Session, token: str, browser: str) -> None:
    """Tie a checked token to a browser, unless it is tied to one."""
    access = session.get_one(CustomerAccess, hash_token(token))
    session.execute(
        update(CustomerAccess)
        .where(CustomerAccess.token_hash == access.token_hash)
        .where(CustomerAccess.browser_hash.is_(None))
        .values(browser_hash=_browser_hash(access.conversation_id, browser))
    )


def issue_return_link(
    session: Session,
    conversation_id: str,
    *,
    now: datetime,
    lifetime: timedelta = RETURN_LINK_LIFETIME,
) -> str:
    """Return the secret of a new link; earlier ones of this conversation that nobody used end."""
    session.execute(
        delete(ReturnLink).where(
            ReturnLink.conversation_id == conversation_id, ReturnLink.used_at.is_(None)
        )
    )
    link = secrets.token_urlsafe(TOKEN_BYTES)
    session.add(
        ReturnLink(
            token_hash=hash_token(link),
            conversation_id=conversation_id,
            created_at=now,
            expires_at=now + lifetime,
        )
    )
    session.flush()
    return link


def redeem_return_link(
    session: Session, link: str, *, browser: str | None = None, now: datetime
) -> tuple[Conversation, str]:
    """Let the browser that opened a link in, and end the link; return conversation and token.

    Call it for what a person did (a socket's frame, a button), never for a mere `GET`: mail
    programs open links to look at them.

    Raises:
        NotFound: no such link, used before, or its time is over.
    """
    statement = (
        update(ReturnLink)
        .where(
            ReturnLink.token_hash == hash_token(link),
            ReturnLink.used_at.is_(None),
            ReturnLink.expires_at > now,
        )
        .values(used_at=now)
        .returning(ReturnLink.conversation_id)
    )
    conversation_id = session.scalar(statement)
    if conversation_id is None:
        raise NotFound("errors.return_link_over")
    conversation = session.get_one(Conversation, conversation_id)
    return conversation, issue(session, conversation_id, browser=browser, now=now)


def revoke_all(session: Session, conversation_id: str) -> None:
    """Shut every customer's way into a conversation (its data was deleted)."""
    for model in (CustomerAccess, ReturnLink):
        session.execute(delete(model).where(model.conversation_id == conversation_id))


def hash_token(token: str) -> str:
    """Return what is stored of a secret."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _fits(
    access: CustomerAccess, conversation: Conversation, browsers: Sequence[str], now: datetime
) -> bool:
    if access.browser_hash is None:
        last = max(filter(None, (conversation.last_customer_at, access.created_at)))
        return now - last <= UNBOUND_IDLE
    given = [_browser_hash(conversation.id, secret) for secret in browsers]
    return any(hmac.compare_digest(one, access.browser_hash) for one in given)


def _browser_hash(conversation_id: str, browser: str) -> str:
    # With the conversation in it: the table does not tell which ones are of the same browser.
    return hash_token(f"{conversation_id}.{browser}")
