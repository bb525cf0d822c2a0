"""False alarms on their way to the rule workbench: drafts of exceptions, once for each flag."""

from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.reviews.models import Decision, FlaggedReply
from desk.reviews.quality_models import SecondJudgement
from desk.rulebook.exceptions import Wrong, draft_exception
from desk.rulebook.models import RuleDraft
from desk.rulebook.publishing import published
from scripts_library.checking.rules import RuleSet


def draft_for(
    session: Session, staff: Staff, base: RuleSet, flagged: FlaggedReply, *, why: str, origin: str
) -> tuple[RuleDraft, ...]:
    """Draft exceptions for the rules that flagged a reply wrongly, hints left out.

    Rules that a trained model applies get none (`desk.rulebook.exceptions`).

    Raises:
        Forbidden: neither QA nor a leader.
    """
    overlay = published(session)
    drafts: dict[int, RuleDraft] = {}
    for flag in flagged.flags:
        if flag["severity"] == "hint":
            continue
        wrong = Wrong(flagged.id, flagged.text, flag["start"], flag["end"], flag["rule"])
        draft = draft_exception(session, staff, base, overlay, wrong, why=why, origin=origin)
        if draft is not None:
            drafts[draft.id] = draft
    return tuple(drafts.values())


def draft_agreed(
    session: Session, staff: Staff, base: RuleSet, judgement: SecondJudgement, *, why: str
) -> tuple[RuleDraft, ...]:
    """Draft exceptions if both judges call it a false alarm; otherwise nothing."""
    both = (judgement.first_decision, judgement.second_decision)
    if both != (Decision.FALSE_ALARM, Decision.FALSE_ALARM):
        return ()
    return draft_for(session, staff, base, judgement.flagged, why=why, origin="false_alarm")
