"""Errors as JSON: `{"error": {"key", "text", "details"}}`, never with what somebody wrote."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from desk.errors import DeskError, InvalidInput
from desk.locale import t
from desk.web.refusals import door_of, note_refusal

REFUSALS = frozenset({"errors.forbidden"})
"""Errors that say: this role may not. Others of status 403 ask for something, such as a code."""
KEY_OF_STATUS = {
    400: "errors.bad_request",
    401: "errors.not_logged_in",
    403: "errors.forbidden",
    404: "errors.not_found",
    405: "errors.method_not_allowed",
    408: "errors.too_slow",
    413: "errors.body_too_large",
}


def problem_response(problem: DeskError) -> JSONResponse:
    """Return the response for an error of ours."""
    text = t(problem.key, **problem.details)
    headers = {}
    if "retry_after_s" in problem.details:
        headers["Retry-After"] = str(problem.details["retry_after_s"])
    return error_response(problem.status, problem.key, text, problem.details, headers)


def error_response(
    status: int,
    key: str,
    text: str,
    details: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    """Return the JSON body of any error."""
    body = {"error": {"key": key, "text": text, "details": details or {}}}
    return JSONResponse(body, status_code=status, headers=headers)


def install_problem_handlers(app: FastAPI) -> None:
    """Make the app answer every error in this form."""

    @app.exception_handler(DeskError)
    async def of_ours(request: Request, problem: DeskError) -> JSONResponse:
        staff = getattr(request.state, "staff", None)
        if staff is not None and problem.key in REFUSALS:
            door = door_of(request.method, request.url.path, request.path_params)
            await note_refusal(staff, door)
        return problem_response(problem)

    @app.exception_handler(RequestValidationError)
    async def of_input(_request: Request, problem: RequestValidationError) -> JSONResponse:
        # Only where and what kind: pydantic's own text repeats the value.
        fields = [
            {"field": ".".join(map(str, error["loc"][1:])), "problem": error["type"]}
            for error in problem.errors()
        ]
        return problem_response(InvalidInput("errors.invalid_input", fields=fields))

    @app.exception_handler(HTTPException)
    async def of_framework(_request: Request, problem: HTTPException) -> JSONResponse:
        key = KEY_OF_STATUS.get(problem.status_code, "errors.bad_request")
        headers = dict(problem.headers or {})
        return error_response(problem.status_code, key, t(key), None, headers)
