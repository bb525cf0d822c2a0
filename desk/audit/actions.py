"""What the audit trail tells of."""

from enum import StrEnum


class Action(StrEnum):
    """Kinds of events; the names are stored, so they are only ever added to."""

    LOGGED_IN = "login.done"
    LOGIN_FAILED = "login.failed"
    LOGGED_OUT = "login.left"
    SESSION_ENDED = "session.ended"
    ACCOUNT_CREATED = "account.created"
    ACCOUNT_CHANGED = "account.changed"
    PASSWORD_CHANGED = "account.password"
    SECOND_FACTOR_ON = "account.factor_on"
    SECOND_FACTOR_OFF = "account.factor_off"
    RECOVERY_CODE_USED = "account.recovery"
    RULE_CHANGED = "rule.changed"
    REVEALED = "data.revealed"
    EXPORTED = "data.exported"
    ERASED = "data.erased"
    CONSENT_WITHDRAWN = "data.consent_withdrawn"
    RETENTION_APPLIED = "data.retention"
    IMPORTED = "data.imported"
    KEYS_ROTATED = "keys.rotated"
    AUDIT_EXPORTED = "audit.exported"
