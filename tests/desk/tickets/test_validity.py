"""Whether a complaint is valid: proposed by a clerk, decided by a supervisor, never by the bot."""

import pytest

from desk.errors import Conflict, Forbidden, InvalidInput
from desk.tickets.service import change_state, find_ticket
from desk.tickets.timeline import EntryKind, append
from desk.tickets.validity import (
    decide_validity,
    opinions_of,
    propose_validity,
    refusal_scripts,
)
from scripts_library.checking.checker import Severity
from scripts_library.suggesting.library import ScriptLibrary

REASON = "超出保修期，依据合同第八条"


@pytest.fixture
def run(database):
    def run(function, *args, **values):
        with database.transaction() as session:
            return function(session, *args, **values)

    return run


@pytest.fixture
def complaint(opened):
    return opened(
        "窗户三年后变形", kind="complaint", category="product_quality", severity="general"
    )


def fresh(run, ticket):
    return run(find_ticket, ticket.number)


def test_a_proposal_decides_nothing(run, make, complaint):
    run(propose_validity, make.staff(), complaint, "invalid", REASON)
    assert fresh(run, complaint).validity is None
    run(decide_validity, make.staff("supervisor"), complaint, "invalid", "同意")
    assert fresh(run, complaint).validity == "invalid"
    proposed, decided = run(opinions_of, complaint)
    assert (proposed.is_decision, proposed.reason) == (False, REASON)
    assert (decided.is_decision, decided.reason) == (True, "同意")


@pytest.mark.parametrize("role", ["agent", "qa", "department"])
def test_only_a_leader_decides(run, make, complaint, role):
    with pytest.raises(Forbidden):
        run(decide_validity, make.staff(role), complaint, "invalid", REASON)
    assert fresh(run, complaint).validity is None


@pytest.mark.parametrize("actor", ["bot", "system", "customer"])
def test_never_by_the_bot(run, make, complaint, actor):
    with pytest.raises(Forbidden):
        run(decide_validity, make.staff("supervisor", login=actor), complaint, "invalid", REASON)

    def write(session):
        found = find_ticket(session, complaint.number)
        data = {"validity": "invalid"}
        append(
            session, found, EntryKind.VALIDITY_DECIDED, actor=actor, at=found.created_at, data=data
        )

    with pytest.raises(Forbidden):
        run(write)
    assert fresh(run, complaint).validity is None


def test_a_later_decision_takes_the_place_of_an_earlier_one(run, make, complaint):
    supervisor = make.staff("supervisor")
    run(decide_validity, supervisor, complaint, "invalid", REASON)
    with pytest.raises(Conflict):
        run(propose_validity, make.staff(), complaint, "valid", "客户补充了材料")
    run(decide_validity, make.staff("manager"), complaint, "valid", "客户补充了材料")
    assert fresh(run, complaint).validity == "valid"


@pytest.mark.parametrize(
    ("validity", "reason", "field"),
    [("perhaps", REASON, "validity"), ("valid", " ", "reason"), ("valid", "长" * 1001, "reason")],
)
def test_a_judgement_needs_a_known_value_and_a_reason(
    run, make, complaint, validity, reason, field
):
    with pytest.raises(InvalidInput) as refused:
        run(decide_validity, make.staff("supervisor"), complaint, validity, reason)
    assert refused.value.details["field"] == field
    assert len(fresh(run, complaint).entries) == 1


def test_only_open_complaints_are_judged(run, make, opened, complaint):
    with pytest.raises(Conflict):
        run(propose_validity, make.staff(), opened(), "valid", REASON)
    run(lambda session: change_state(session, find_ticket(session, complaint.number), "closed",
                                     actor="x"))  # fmt: skip
    with pytest.raises(Conflict):
        run(propose_validity, make.staff(), complaint, "valid", REASON)


def test_polite_refusals_are_offered_and_pass_the_wording_check(checker):
    offered = refusal_scripts(ScriptLibrary().scripts)
    assert len(offered) >= 3
    for script in offered:
        worst = checker.check(script.text).worst
        assert worst not in (Severity.BLOCK, Severity.WARN), script.id
