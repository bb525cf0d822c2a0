"""Logging: exceptions without their messages, from our code and from libraries."""

import io
import json
import logging

import pytest
import structlog

from desk.logs import configure_logs, describe


@pytest.fixture
def lines():
    root = logging.getLogger()
    before = (root.handlers[:], root.level, structlog.get_config())
    stream = io.StringIO()
    configure_logs(is_json=True, stream=stream)
    # A library that another test used may have switched it off.
    logging.getLogger("uvicorn.error").disabled = False
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers, root.level = before[0], before[1]
    logging.raiseExceptions = True
    structlog.configure(**before[2])


def fail():
    raise ValueError("客户电话 13800138000")


def test_an_exception_is_its_type_and_its_places():
    try:
        fail()
    except ValueError as error:
        described = describe(error)
    assert described["error"] == "ValueError"
    assert described["passed"][-1].endswith("fail")
    assert "138" not in str(described)


def test_our_lines_are_structured(lines):
    structlog.get_logger("kefu.test").info("ticket.opened", number="T261122-0001-3")
    (line,) = lines()
    assert (line["event"], line["number"], line["level"]) == (
        "ticket.opened",
        "T261122-0001-3",
        "info",
    )


@pytest.mark.parametrize("logger", ["kefu.test", "uvicorn.error"])
def test_exceptions_are_logged_without_their_message(lines, logger):
    try:
        fail()
    except ValueError:
        logging.getLogger(logger).exception("failed")
        structlog.get_logger(logger).exception("failed too")
    first, second = lines()
    assert first["error"] == second["error"] == "ValueError"
    assert "138" not in json.dumps([first, second], ensure_ascii=False)


def test_chatty_libraries_are_quiet(lines):
    logging.getLogger("uvicorn.error").info("WebSocket /x?token=abc [accepted]")
    logging.getLogger("httpx").info("POST http://127.0.0.1/?token=abc")
    logging.getLogger("nicegui").warning("http://127.0.0.1/?token=abc not found")
    assert lines() == []
