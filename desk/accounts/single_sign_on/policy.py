"""Whom the provider's word lets in: rules over claims, without a database or network."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from desk.accounts.models import Role
from desk.errors import InvalidInput, NotLoggedIn

STRONG_METHODS = frozenset({"mfa", "otp", "hwk", "swk", "sc", "fpt", "face", "iris"})
"""Values of `amr` (RFC 8176) that stand for more than a password."""
Match = Literal["linked", "email", "login"]
Factor = Literal["amr", "trust", "ask"]


@dataclass(frozen=True, slots=True)
class Place:
    """What a group of the provider means here: a role, for department accounts with department."""

    role: Role
    department: str | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """Whom to let in.

    Attributes:
        match: how somebody without a link is found: not at all, by verified e-mail, or by login.
        login_claim, groups_claim: names of the claims.
        domains: e-mail domains that may come in; empty: all.
        places: groups → role. Whoever has one gets an account at the first login; empty: nobody.
        second_factor: whether the provider's login counts as two factors: if its `amr` says so,
            always, or never.
    """

    match: Match = "email"
    login_claim: str = "preferred_username"
    groups_claim: str = "groups"
    domains: tuple[str, ...] = ()
    places: Mapping[str, Place] = field(default_factory=dict)
    second_factor: Factor = "amr"


@dataclass(frozen=True, slots=True)
class Person:
    """Who the provider says has logged in; `email` only if the provider has verified it."""

    subject: str
    login: str
    name: str
    email: str | None
    groups: frozenset[str]
    has_two_factors: bool
    logged_in_at: int | None


def person_of(claims: Mapping[str, Any], policy: Policy) -> Person:
    """Read claims that have been validated.

    Raises:
        NotLoggedIn: the subject is missing or too long to keep.
    """
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        raise NotLoggedIn("errors.sso_refused")
    is_verified = claims.get("email_verified") is True
    email = _text(claims, "email") if is_verified else ""
    methods = claims.get("amr")
    has_strong = isinstance(methods, list) and not STRONG_METHODS.isdisjoint(map(str, methods))
    groups = claims.get(policy.groups_claim)
    at = claims.get("auth_time")
    login = _text(claims, policy.login_claim).lower()
    return Person(
        subject=subject,
        login=login,
        name=_text(claims, "name") or login,
        email=email.lower() or None,
        groups=frozenset(map(str, groups if isinstance(groups, list) else [])),
        has_two_factors=policy.second_factor == "trust"
        or (policy.second_factor == "amr" and has_strong),
        logged_in_at=int(at) if isinstance(at, int | float) else None,
    )


def check_domain(person: Person, policy: Policy) -> None:
    """Refuse people of other domains; raises `NotLoggedIn`."""
    if not policy.domains:
        return
    domain = (person.email or "").rpartition("@")[2]
    if domain not in policy.domains:
        raise NotLoggedIn("errors.sso_domain")


def place_of(person: Person, policy: Policy) -> Place | None:
    """Return what the person's groups give: the first in the order of the settings."""
    return next((place for group, place in policy.places.items() if group in person.groups), None)


def read_places(values: Mapping[str, str]) -> dict[str, Place]:
    """Read `group → role` or `group → department:NAME` from the settings.

    Raises:
        InvalidInput: unknown role, a department account without department, or `admin`, which a
            person of ours gives and not somebody else's directory.
    """
    return {group: _place(value) for group, value in values.items()}


def _place(value: str) -> Place:
    name, _, department = value.partition(":")
    known = {str(role) for role in Role} - {Role.ADMIN}
    if name not in known or (name == Role.DEPARTMENT) is not bool(department):
        raise InvalidInput("errors.sso_role", role=value[:48])
    return Place(Role(name), department or None)


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    return value.strip()[:254] if isinstance(value, str) else ""
