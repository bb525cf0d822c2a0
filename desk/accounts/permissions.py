"""Who may do what, and with whose things: the one table for the REST interface and the console.

A right opens a route or a page (`staff_with`, `admit`); the scope says for whose things, and is
kept by the services' queries (`visible_to`, `seen_by`): what is out of scope does not exist (404).
Within a right a service may ask for more (only leaders decide, only the holder answers).
"""

from enum import StrEnum

from desk.accounts.models import Role


class Scope(StrEnum):
    """Whose things a right covers."""

    OWN = "own"
    GROUP = "group"
    DEPARTMENT = "department"
    ALL = "all"


class Right(StrEnum):
    """What can be allowed to a role.

    Attributes:
        USE: what concerns oneself: account, notices, wording check.
        TALK: hold conversations and work on complaints with the customer.
        READ_TALKS: read conversations and write notes; `GROUP` is the queue and one's own.
        SEE_TICKETS: read tickets, add to them, and work on transfers.
        HANDLE_TRANSFERS: the page and steps of transfers.
        REVEAL: see the customers' data in the clear, with a reason.
        REVIEW: judge flagged replies and suspects.
        SEE_REPORTS: figures and what stands behind them.
        SHARE: apply for giving data to somebody outside, and fetch what was granted.
        DECIDE_SHARING: approve such applications of others.
        READ_KNOWLEDGE: look things up in the catalogue and the approved answers.
        EDIT_KNOWLEDGE: change them, approve others' answers, see what was not answered.
        LEAD: decide, press, absences and duty, messages that failed, webhooks.
        ADMINISTER: customers' own data, deletion.
    """

    USE = "use"
    TALK = "talk"
    READ_TALKS = "read_talks"
    SEE_TICKETS = "see_tickets"
    HANDLE_TRANSFERS = "handle_transfers"
    REVEAL = "reveal"
    REVIEW = "review"
    SEE_REPORTS = "see_reports"
    SHARE = "share"
    DECIDE_SHARING = "decide_sharing"
    READ_KNOWLEDGE = "read_knowledge"
    EDIT_KNOWLEDGE = "edit_knowledge"
    LEAD = "lead"
    ADMINISTER = "administer"


def _leaders(scope: Scope) -> dict[Role, Scope]:
    return dict.fromkeys((Role.SUPERVISOR, Role.MANAGER, Role.DIRECTOR, Role.ADMIN), scope)


TABLE: dict[Right, dict[Role, Scope]] = {
    Right.USE: dict.fromkeys(Role, Scope.OWN),
    Right.TALK: {Role.AGENT: Scope.OWN, **_leaders(Scope.OWN)},
    Right.READ_TALKS: {Role.AGENT: Scope.GROUP, Role.QA: Scope.ALL, **_leaders(Scope.ALL)},
    Right.SEE_TICKETS: {
        Role.AGENT: Scope.ALL,
        Role.QA: Scope.ALL,
        Role.DEPARTMENT: Scope.DEPARTMENT,
        **_leaders(Scope.ALL),
    },
    Right.HANDLE_TRANSFERS: {
        Role.AGENT: Scope.ALL,
        Role.DEPARTMENT: Scope.DEPARTMENT,
        **_leaders(Scope.ALL),
    },
    Right.REVEAL: {
        Role.AGENT: Scope.ALL,
        Role.DEPARTMENT: Scope.DEPARTMENT,
        **_leaders(Scope.ALL),
    },
    Right.REVIEW: {Role.QA: Scope.ALL, **_leaders(Scope.ALL)},
    Right.SEE_REPORTS: {
        Role.QA: Scope.ALL,
        Role.DEPARTMENT: Scope.DEPARTMENT,
        **_leaders(Scope.ALL),
    },
    Right.SHARE: {Role.AGENT: Scope.OWN, Role.DEPARTMENT: Scope.OWN, **_leaders(Scope.OWN)},
    Right.DECIDE_SHARING: dict.fromkeys((Role.MANAGER, Role.DIRECTOR, Role.ADMIN), Scope.ALL),
    Right.READ_KNOWLEDGE: {Role.AGENT: Scope.ALL, Role.QA: Scope.ALL, **_leaders(Scope.ALL)},
    Right.EDIT_KNOWLEDGE: _leaders(Scope.ALL),
    Right.LEAD: _leaders(Scope.ALL),
    Right.ADMINISTER: {Role.ADMIN: Scope.ALL},
}


def roles_of(right: Right) -> tuple[Role, ...]:
    """Return the roles that have a right."""
    return tuple(role for role in Role if role in TABLE[right])


def scope_of(role: str, right: Right) -> Scope | None:
    """Return for whose things a role has a right; None if it has not."""
    return TABLE[right].get(Role(role))
