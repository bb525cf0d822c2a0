"""Tells the audit trail when somebody who is logged in was refused what their role may not do.

A few a person and hour are enough to see it; a script that tries everything must not fill the
trail.
"""

import re
from collections.abc import Mapping

from desk.accounts.models import Staff
from desk.audit.actions import Action
from desk.audit.trail import record
from desk.current import get_desk
from desk.rate_limit import KeyedRateLimiter

PER_HOUR = 10
_noted = KeyedRateLimiter(PER_HOUR, 3600)
_NAMEABLE = re.compile(r"[A-Za-z0-9_.:/ \-]{1,80}")


async def note_refusal(staff: Staff, door: str) -> None:
    """Record a refusal; `door` names a route or page, without what was typed into it."""
    if not _noted.allow(staff.login):
        return
    where = door if _NAMEABLE.fullmatch(door) else "unknown"
    await get_desk().database.run(record, staff.login, Action.REFUSED, where, role=staff.role)


def door_of(method: str, path: str, parameters: Mapping[str, object]) -> str:
    """Return a route's name: numbers of tickets and the like are replaced by what they are."""
    for name, value in parameters.items():
        path = path.replace(f"/{value}", f"/:{name}")
    return f"{method} {path}"
