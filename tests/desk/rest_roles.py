"""Who may call what over REST: operations `(method, path, body, roles)` tried by every role."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import httpx

from desk.tickets.domain import NewTicket
from desk.tickets.service import open_ticket
from tests.desk.support import Running

ROLES = frozenset({"agent", "qa", "supervisor", "manager", "director", "department", "admin"})
LEADERS = frozenset({"supervisor", "manager", "director", "admin"})
DESK = LEADERS | {"agent"}
LET_IN = frozenset({200, 201, 204, 409})
"""409: the state does not allow the step; the role was let in."""

Operation = tuple[str, str, Any, frozenset[str]]
Things = Mapping[str, Any]
Call = Callable[[httpx.AsyncClient, Operation, Things], Awaitable[httpx.Response]]


def named(operations: list[Operation]) -> list[str]:
    """Return the names of operations for test reports."""
    return [f"{method} {path}" for method, path, *_ in operations]


def open_complaint(running: Running, department: str) -> str:
    """Open a complaint with all of the customer's data; return its number."""
    new = NewTicket(
        kind="complaint",
        description="漏水",
        department=department,
        has_consent=True,
        customer_name="王丽",
        phone="13800138000",
        room="1201",
    )
    with running.make.database.transaction() as session:
        return open_ticket(session, new).number


async def call(client: httpx.AsyncClient, operation: Operation, things: Things) -> httpx.Response:
    """Call an operation; `things` fill in its path."""
    method, path, sent, *_ = operation
    return await client.request(method, "/api/v1" + path.format(**things), json=sent)


async def check_roles(
    running: Running, things: Things, operation: Operation, call: Call = call
) -> None:
    """Assert that the operation lets its roles in, no others, and nobody without a login."""
    allowed = operation[-1]
    async with running.http() as client:
        assert (await call(client, operation, things)).status_code == 401
    for role in sorted(ROLES):
        async with running.http(running.make.staff(role)) as client:
            response = await call(client, operation, things)
        if role in allowed:
            assert response.status_code in LET_IN, (role, response.text)
        else:
            assert response.status_code == 403, role
