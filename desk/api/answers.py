"""Says in the OpenAPI description how calls are refused: every error has the same form."""

from typing import Any

from fastapi import FastAPI

from desk.locale import t
from desk.reports.printed import PDF
from desk.reports.spreadsheet import XLSX

PREFIX = "/api/v1"
PUBLIC = frozenset({"/api/v1/login", "/api/v1/logout"})
LIMITED = frozenset({"/api/v1/login", "/api/v1/confirm"})
"""Paths whose calls are counted against guessing."""
FILES = {".xlsx": XLSX, ".pdf": PDF}
NAME = "Problem"
SCHEMA = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["key", "text", "details"],
            "properties": {
                "key": {"type": "string"},
                "text": {"type": "string"},
                "details": {"type": "object"},
            },
        }
    },
}


def describe_answers(app: FastAPI) -> None:
    """Add the errors that each call can answer with to the OpenAPI description."""
    original = app.openapi

    def openapi() -> dict[str, Any]:
        description = original()
        schemas = description.setdefault("components", {}).setdefault("schemas", {})
        schemas[NAME] = SCHEMA
        for path, item in description["paths"].items():
            if path.startswith(PREFIX):
                for method, operation in item.items():
                    _describe(path, method, operation)
        return description

    app.openapi = openapi  # type: ignore[method-assign]


def _describe(path: str, method: str, operation: dict[str, Any]) -> None:
    answers = operation["responses"]
    for ending, media_type in FILES.items():
        if path.endswith(ending) and "200" in answers:
            schema = {"type": "string", "format": "binary"}
            answers["200"]["content"] = {media_type: {"schema": schema}}
    for status in _statuses(path, method, operation):
        content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{NAME}"}}}
        answers[str(status)] = {"description": t(f"api.answer_{status}"), "content": content}


def _statuses(path: str, method: str, operation: dict[str, Any]) -> list[int]:
    has_body = "requestBody" in operation
    found = [] if path in PUBLIC else [401, 403]
    if method not in {"get", "head"}:
        # The origin check stands before everything that changes something.
        found += [400, 403, 409, 413]
    if path == "/api/v1/login":
        found += [401]
    if "{" in path or has_body:
        found += [404]
    # Every POST takes an `Idempotency-Key`, which can be malformed.
    if has_body or operation.get("parameters") or method == "post":
        found += [422]
    if path in LIMITED:
        found += [429]
    return found
