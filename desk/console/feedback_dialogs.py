"""The rounds of a ticket's survey, and the dialog for an answer given on the phone."""

from collections.abc import Awaitable, Callable, Sequence

from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.clock import utc_now
from desk.console.access import Visit
from desk.console.elements import box, moment, words
from desk.console.ticket.dialogs import Field, Values, fill_in
from desk.errors import NotFound
from desk.feedback.models import Survey
from desk.feedback.surveys import COMMENT_LIMIT, answer_survey, newest_survey
from desk.locale import t
from desk.tickets.models import Ticket
from desk.tickets.service import find_for_staff


def show_surveys(surveys: Sequence[Survey]) -> None:
    """Add a card for each round: when it was asked, and what the customer answered."""
    for survey in surveys:
        with box("k-card").props(f"data-survey={survey.round}"):
            head = t("feedback.round", n=survey.round)
            when = moment(survey.answered_at or survey.asked_at, utc_now())
            words(f"{head} · {when}", "k-line-title", tag="div")
            name = f"customer.score_{survey.score}" if survey.score else "feedback.no_answer"
            words(t(name), "k-card-text", tag="div")
            if survey.comment:
                words(survey.comment, "k-card-why", tag="div")


async def ask_score(visit: Visit, ticket: Ticket, on_change: Callable[[], Awaitable[None]]) -> None:
    """Ask for what the customer said on the phone, record it, and show what changed."""
    scores = {str(score): t(f"customer.score_{score}") for score in range(5, 0, -1)}
    fields = (
        Field("score", t("feedback.score"), "choice", options=scores),
        Field("comment", t("feedback.comment"), is_required=False, limit=COMMENT_LIMIT),
    )
    number = ticket.number

    def answer(session: Session, staff: Staff, values: Values) -> None:
        survey = newest_survey(session, find_for_staff(session, number, staff).id)
        if survey is None:
            raise NotFound("errors.survey_not_found")
        score, comment = int(values["score"]), values["comment"] or None
        answer_survey(session, survey.id, score, comment, actor=staff.login)

    async def work(values: Values) -> None:
        await visit.write(lambda session, staff: answer(session, staff, values))

    title, submit = t("feedback.record_score"), t("feedback.record")
    hint = t("feedback.record_hint")
    if await fill_in(visit, title=title, hint=hint, fields=fields, submit=submit, work=work):
        visit.tell(t("feedback.recorded"))
        await on_change()
