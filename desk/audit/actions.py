"""What the audit trail tells of."""

from enum import StrEnum, auto


class Action(StrEnum):
    """Kinds of events; the names are stored, so they are only ever added to."""

    LOGGED_IN = auto()
    LOGIN_FAILED = auto()
    LOGGED_OUT = auto()
    SESSION_ENDED = auto()
    ACCOUNT_CREATED = auto()
    ACCOUNT_CHANGED = auto()
    PASSWORD_CHANGED = auto()
    SECOND_FACTOR_ON = auto()
    SECOND_FACTOR_OFF = auto()
    RECOVERY_CODE_USED = auto()
    RULE_CHANGED = auto()
    REVEALED = auto()
    EXPORTED = auto()
    ERASED = auto()
    CONSENT_WITHDRAWN = auto()
    RETENTION_APPLIED = auto()
    IMPORTED = auto()
    KEYS_ROTATED = auto()
    AUDIT_EXPORTED = auto()
    REFUSED = auto()
    IDENTITY_LINKED = auto()
    IDENTITY_UNLINKED = auto()
    CONFIRMED = auto()
    RULES_PUBLISHED = auto()
    SCRIPT_PUBLISHED = auto()
    GROUPS_CHANGED = auto()
    SHARING_ASKED = auto()
    SHARING_APPROVED = auto()
    SHARING_REFUSED = auto()
    SHARING_ENDED = auto()
    SHARED = auto()
    UNSEALED = auto()
    KNOWLEDGE_CHANGED = auto()
    ANSWER_APPROVED = auto()
    EXAMPLE_DECIDED = auto()
