"""Surveys: satisfied closes, dissatisfied reopens one level up, each answer counts once."""

import threading
from datetime import timedelta

import pytest

from desk.errors import Conflict, InvalidInput, NotFound
from desk.escalation.models import Escalation
from desk.feedback.models import Survey
from desk.feedback.service import close_with_reason, give_feedback
from desk.feedback.surveys import (
    EXPIRES_AFTER,
    add_comment,
    answer_survey,
    expire_surveys,
    open_survey,
)
from desk.tickets.models import Ticket, TicketEntry
from tests.desk.feedback.conftest import NOW


def answer(post, survey, score, comment=None, now=NOW, **values):
    with post.database.transaction() as session:
        wanted = survey if isinstance(survey, str) else survey.id
        return answer_survey(session, wanted, score, comment, now, **values)


def fresh(post, ticket):
    (found,) = post.all(Ticket, id=ticket.id)
    return found


def kinds(post, ticket):
    return [entry.kind for entry in post.all(TicketEntry, ticket_id=ticket.id)]


@pytest.mark.parametrize("score", [3, 4, 5])
def test_satisfied_closes(answered, post, score):
    ticket, survey = answered()
    assert ticket.state == "resolved"
    result = answer(post, survey, score, "师傅很仔细")
    assert (result.is_reopened, result.is_repeat) == (False, False)
    closed = fresh(post, ticket)
    assert (closed.state, closed.score, closed.closed_at) == ("closed", score, NOW)
    (entry,) = post.all(TicketEntry, ticket_id=ticket.id, kind="survey_answered")
    assert (entry.actor, entry.text) == ("customer", "师傅很仔细")


@pytest.mark.parametrize("score", [1, 2])
def test_dissatisfied_reopens_one_level_up(answered, post, make, score):
    supervisor = make.staff("supervisor")
    ticket, survey = answered(kind="complaint")
    later = NOW + timedelta(days=3)
    assert answer(post, survey, score, now=later).is_reopened
    again = fresh(post, ticket)
    assert (again.state, again.level, again.reopened) == ("in_progress", 1, 1)
    assert again.due_at > later
    assert again.resolved_at is None
    (escalation,) = post.all(Escalation, ticket_id=ticket.id)
    assert (escalation.cause, escalation.staff_id) == ("dissatisfied:1", supervisor.id)
    post.publish(later)
    assert "outbox.notice_escalated" in [one.key for one in post.notices(supervisor.id)]


def test_a_reopened_ticket_is_asked_again_and_goes_up_again(answered, post, make):
    supervisor, director = make.staff("supervisor"), make.staff("director")
    ticket, survey = answered(kind="complaint")
    answer(post, survey, 1)
    with post.database.transaction() as session:
        again = session.get_one(Ticket, ticket.id)
        give_feedback(session, supervisor, again, "已整体更换窗扇。", now=NOW)
    post.publish()
    second = post.all(Survey, ticket_id=ticket.id)[-1]
    assert second.round == 2
    answer(post, second, 2)
    causes = [one.cause for one in post.all(Escalation, ticket_id=ticket.id)]
    assert causes == ["dissatisfied:1", "dissatisfied:2"]
    assert post.all(Escalation, ticket_id=ticket.id)[-1].staff_id == director.id
    assert fresh(post, ticket).level == 2


def test_feedback_before_the_answer_asks_in_the_same_round(answered, post, make):
    ticket, _survey = answered()
    agent = make.staff("agent")
    with post.database.transaction() as session:
        again = session.get_one(Ticket, ticket.id)
        give_feedback(session, agent, again, "补充：已送备用钥匙。", now=NOW)
    post.publish()
    assert [one.round for one in post.all(Survey, ticket_id=ticket.id)] == [1]
    assert kinds(post, ticket).count("survey_asked") == 2


def test_the_same_answer_again_changes_nothing(answered, post):
    ticket, survey = answered()
    answer(post, survey, 5)
    assert answer(post, survey, 5).is_repeat
    assert kinds(post, ticket).count("survey_answered") == 1


def test_another_answer_after_closing_is_refused(answered, post):
    ticket, survey = answered()
    answer(post, survey, 5)
    with pytest.raises(Conflict) as refused:
        answer(post, survey, 1)
    assert refused.value.key == "errors.survey_answered"
    assert fresh(post, ticket).score == 5


def test_another_answer_while_it_is_worked_on_again_is_a_repeat(answered, post):
    ticket, survey = answered()
    answer(post, survey, 1)
    assert answer(post, survey, 5).is_repeat
    assert fresh(post, ticket).state == "in_progress"


@pytest.mark.parametrize("score", [0, 6, -1, True, "5", 4.0])
def test_only_scores_count(answered, post, score):
    ticket, survey = answered()
    with pytest.raises(InvalidInput):
        answer(post, survey, score)
    assert fresh(post, ticket).state == "resolved"


def test_what_was_not_asked_cannot_be_answered(post, make):
    conversation = make.conversation("你好")
    with pytest.raises(NotFound):
        answer(post, conversation.id, 5)


def test_by_conversation_the_open_question_is_meant(answered, post, make):
    conversation = make.conversation("窗户漏水")
    _first, survey = answered(conversation)
    answer(post, survey, 5)
    second, _survey = answered(conversation)
    with post.database.reading() as session:
        found = open_survey(session, conversation.id, NOW)
        assert found.ticket_id == second.id
    assert answer(post, conversation.id, 4).ticket.id == second.id
    assert answer(post, conversation.id, 4).is_repeat


def test_an_agent_records_an_answer_by_phone(answered, post, make):
    agent = make.staff("agent")
    ticket, survey = answered(reply_channel="phone", has_consent=True, phone="13800138000")
    assert survey.channel == "phone"
    answer(post, survey, 4, actor=agent.login)
    assert post.all(TicketEntry, ticket_id=ticket.id)[-1].actor == agent.login


def test_a_comment_may_follow(answered, post):
    ticket, survey = answered()
    answer(post, survey, 5)
    with post.database.transaction() as session:
        add_comment(session, session.get_one(Survey, survey.id), "师傅很准时", now=NOW)
    assert post.all(Survey)[0].comment == "师傅很准时"
    assert fresh(post, ticket).state == "closed"
    with post.database.transaction() as session, pytest.raises(InvalidInput):
        add_comment(session, session.get_one(Survey, survey.id), "  ", now=NOW)


def test_no_answer_in_time_closes_and_a_late_one_still_counts(answered, post):
    ticket, survey = answered()

    def expire(now):
        with post.database.transaction() as session:
            return expire_surveys(session, now)

    assert expire(NOW + EXPIRES_AFTER - timedelta(seconds=1)) == 0
    assert expire(NOW + EXPIRES_AFTER) == 1
    assert expire(NOW + EXPIRES_AFTER) == 0
    assert fresh(post, ticket).state == "closed"
    assert answer(post, survey, 1, now=NOW + timedelta(days=9)).is_reopened
    assert fresh(post, ticket).state == "in_progress"


def test_an_old_round_does_not_close_a_new_one(answered, post, make):
    ticket, survey = answered()
    agent, later = make.staff("agent"), NOW + timedelta(days=6)
    answer(post, survey, 1, now=later)
    with post.database.transaction() as session:
        again = session.get_one(Ticket, ticket.id)
        give_feedback(session, agent, again, "已更换窗扇。", now=later)
    post.publish(later)
    with post.database.transaction() as session:
        assert expire_surveys(session, NOW + timedelta(days=8)) == 0
    assert fresh(post, ticket).state == "resolved"


def test_what_a_manager_closed_is_not_reopened_by_a_score(answered, post, make):
    ticket, survey = answered()
    manager = make.staff("manager")
    with post.database.transaction() as session:
        again = session.get_one(Ticket, ticket.id)
        close_with_reason(session, manager, again, "属相邻业主约定事项。", now=NOW)
    with pytest.raises(Conflict) as refused:
        answer(post, survey, 1)
    assert refused.value.key == "errors.survey_closed"
    assert fresh(post, ticket).state == "closed"


def test_two_taps_at_once_count_once(answered, post):
    ticket, survey = answered()
    results = []
    threads = [
        threading.Thread(target=lambda: results.append(answer(post, survey, 1))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(result.is_repeat for result in results) == [False, True, True, True]
    assert kinds(post, ticket).count("reopened") == 1
    assert len(post.all(Escalation, ticket_id=ticket.id)) == 1
