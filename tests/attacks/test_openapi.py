"""Schemathesis calls every operation of the OpenAPI with what fits its description and what does
not, with a login and without: no server error, no answer that is not declared."""

import json

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from desk.tickets.domain import NewTicket
from desk.tickets.service import open_ticket

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
FEW = settings(
    max_examples=1,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
DATABASE = "postgresql"
"""The stricter one: it takes no NUL in a text and no number too large for its column."""
ENDS_THE_SESSION = {"/api/v1/logout"}


@pytest.fixture(scope="module")
def operations(target):
    with target.client() as client:
        description = client.get("/api/openapi.json").json()
    return [one.ok() for one in schemathesis.openapi.from_dict(description).get_all_operations()]


@pytest.fixture(scope="module")
def known(target):
    """Values of path parameters that lead to something that is there."""
    agent = target.make.staff()
    held = target.make.claimed(agent)
    with target.make.database.transaction() as session:
        new = NewTicket(kind="repair", description="窗户漏水", conversation_id=held.id)
        number = open_ticket(session, new).number
    return {"number": number, "conversation_id": held.id, "period": "day", "rows": "entries"}


def attack(operation, call, headers, *modes):
    def run(case):
        send(case)
        hit = {name: call.known[name] for name in case.path_parameters if name in call.known}
        if hit:
            case.path_parameters.update(hit)
            send(case)

    def send(case):
        response = case.call(call.base_url, call.session, headers)
        answers = call.malformed if is_malformed(response) else call.statuses
        answers.append((operation.label, response.status_code))
        try:
            case.validate_response(response, checks=CHECKS, headers=headers)
        except FailureGroup as found:
            for one in found.exceptions:
                call.failures.append(f"{operation.label}: {one} ({response.status_code})")

    for mode in modes:
        strategy = operation.as_strategy(generation_mode=mode)
        try:
            FEW(given(case=strategy)(run))()
        except Unsatisfiable:
            # Nothing can be wrong where nothing is asked.
            continue


def is_malformed(response):
    """No JSON, or a broken header: refused before anybody asks who sent it."""
    try:
        json.loads(response.request.body or "null")
    except ValueError:
        return True
    return response.status_code == 422 and "errors.idempotency_key" in response.text


class Call:
    def __init__(self, target, known):
        self.base_url = target.url
        self.session = requests.Session()
        self.known = known
        self.statuses = []
        self.malformed = []
        self.failures = []


def test_with_a_login_every_answer_is_declared(target, operations, known):
    call = Call(target, known)
    headers = dict(target.client("admin").headers)
    for operation in operations:
        if operation.path not in ENDS_THE_SESSION:
            attack(operation, call, headers, GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    assert call.failures == []
    assert len({label for label, _ in call.statuses}) > 90
    codes = {status for _, status in call.statuses}
    assert {200, 404, 422} <= codes
    refused = {label for label, status in call.statuses if status == 401}
    # A made-up password; everywhere else the login counts to the end.
    assert refused <= {"POST /api/v1/login", "POST /api/v1/confirm"}


def test_without_a_login_nothing_opens(target, operations):
    call = Call(target, known={})
    open_to_all = {"POST /api/v1/login", "POST /api/v1/logout"}
    # As from our own page: what is made up as a cookie is refused for itself.
    headers = {"Authorization": "Bearer made-up", "Origin": target.url}
    for operation in operations:
        attack(operation, call, headers, GenerationMode.POSITIVE)
    assert call.failures == []
    assert {status for _, status in call.malformed} <= {400, 401, 422}
    for label, status in call.statuses:
        assert status in ({401} if label not in open_to_all else {200, 400, 401, 422}), label
