"""REST: the rules in force and their history, for other systems."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi import Path as PathPart

from desk.current import get_desk
from desk.rulebook import publishing
from desk.rulebook.bodies import body_of
from desk.web.callers import Reviewer

router = APIRouter(prefix="/rulebook", tags=["话术"])


@router.get("/rules", summary="现行规则")
async def rules(_reviewer: Reviewer) -> dict[str, Any]:
    """Return the rules in force in this process and their version."""
    in_force = get_desk().checker.rule_set
    return {"version": in_force.version, "rules": [body_of(rule) for rule in in_force.rules]}


@router.get("/versions", summary="规则的发布历史")
async def versions(
    _reviewer: Reviewer,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0, lt=2**31)] = 0,
) -> dict[str, Any]:
    """Return published versions, the newest first."""
    rows = await get_desk().database.look(publishing.history, limit=limit, offset=offset)
    return {
        "versions": [
            {
                "number": row.number,
                "version": row.version,
                "kind": row.kind,
                "rule": row.rule_id,
                "why": row.why,
                "written_by": row.written_by.display_name,
                "published_by": row.published_by.display_name,
                "published_at": row.published_at.isoformat(),
            }
            for row in rows
        ]
    }


@router.get("/versions/{version}", summary="某一版规则，按判定所带的版本号")
async def one(
    version: Annotated[str, PathPart(max_length=64)], _reviewer: Reviewer
) -> dict[str, Any]:
    """Return the rules that verdicts of this version were made by."""
    found = await get_desk().database.look(publishing.rules_at, version)
    return {"version": found.version, "rules": [body_of(rule) for rule in found.rules]}
