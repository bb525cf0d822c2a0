"""`/api/docs`: all operations on one page, without scripts and without anybody else's server."""

from html import escape
from pathlib import Path
from string import Template
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from desk.locale import t

PAGE_DIR = Path(__file__).resolve().parent / "pages"
METHODS = ("get", "post", "put", "patch", "delete")

router = APIRouter(prefix="/api", include_in_schema=False)


@router.get("/docs")
async def docs(request: Request) -> HTMLResponse:
    """Show every operation of the OpenAPI description with its fields."""
    description = request.app.openapi()
    template = Template((PAGE_DIR / "docs.html").read_text(encoding="utf-8"))
    names = ("title", "lead", "login", "csrf", "errors", "machine")
    texts = {name: escape(t(f"api.{name}")) for name in names}
    return HTMLResponse(template.substitute(texts, operations=_sections(description)))


@router.get("/docs.css")
async def style() -> Response:
    """The page's style sheet."""
    return Response((PAGE_DIR / "docs.css").read_text(encoding="utf-8"), media_type="text/css")


def _sections(description: dict[str, Any]) -> str:
    groups: dict[str, list[str]] = {}
    for path, item in description["paths"].items():
        for method in METHODS:
            if operation := item.get(method):
                tag = operation.get("tags", [t("api.other")])[0]
                groups.setdefault(tag, []).append(_operation(description, method, path, operation))
    return "".join(
        f"<section><h2>{escape(tag)}</h2>{''.join(operations)}</section>"
        for tag, operations in groups.items()
    )


def _operation(
    description: dict[str, Any], method: str, path: str, operation: dict[str, Any]
) -> str:
    fields = [_field(p["name"], p["in"], p["schema"], p.get("required", False))
              for p in operation.get("parameters", []) if p["in"] != "cookie"]  # fmt: skip
    fields += _body_fields(description, operation)
    table = f"<table>{''.join(fields)}</table>" if fields else ""
    return (
        f'<details><summary><b class="{method}">{method.upper()}</b> <code>{escape(path)}</code> '
        f"{escape(operation.get('summary', ''))}</summary>"
        f"<p>{escape(operation.get('description', ''))}</p>{table}</details>"
    )


def _body_fields(description: dict[str, Any], operation: dict[str, Any]) -> list[str]:
    content = operation.get("requestBody", {}).get("content", {})
    schema = _resolved(description, content.get("application/json", {}).get("schema", {}))
    required = schema.get("required", [])
    return [
        _field(name, "body", value, name in required)
        for name, value in schema.get("properties", {}).items()
    ]


def _resolved(description: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = description["components"]["schemas"][name] if name else schema
    return found


def _field(name: str, place: str, schema: dict[str, Any], is_required: bool) -> str:
    mark = t("api.required") if is_required else ""
    cells = (f"<code>{escape(name)}</code>", place, escape(_kind(schema)), mark)
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _kind(schema: dict[str, Any]) -> str:
    if "anyOf" in schema:
        return " | ".join(_kind(one) for one in schema["anyOf"])
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if schema.get("type") == "array":
        return f"[{_kind(schema.get('items', {}))}]"
    limits = [f"{key}={schema[key]}" for key in _LIMITS if key in schema]
    return " ".join([str(schema.get("type", "")), *limits]).strip()


_LIMITS = ("minLength", "maxLength", "minimum", "maximum", "exclusiveMaximum", "pattern", "default")
