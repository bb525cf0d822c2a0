"""The single sign-on of one installation, from its settings."""

from dataclasses import dataclass

from desk.accounts.single_sign_on.policy import Policy, read_places
from desk.accounts.single_sign_on.provider import Client, Provider
from desk.errors import InvalidInput
from desk.settings import Settings


@dataclass(frozen=True, slots=True)
class SignOn:
    """What the login's pages need.

    Attributes:
        name: what the button calls the provider; empty: the usual word.
        return_url: where the provider sends people back to; empty: as they reached the desk.
    """

    provider: Provider
    policy: Policy
    name: str
    return_url: str


def sign_on_of(settings: Settings) -> SignOn | None:
    """Return the single sign-on of these settings, None if there is none.

    Raises:
        InvalidInput: an issuer without client id, an address that is not https, unknown roles, or
            local login switched off with nothing in its place.
    """
    if not settings.oidc_issuer:
        if settings.local_login != "all":
            raise InvalidInput("errors.local_login_alone")
        return None
    if not settings.oidc_client_id:
        raise InvalidInput("errors.sso_client", field="oidc_client_id")
    client = Client(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret,
        scopes=tuple(dict.fromkeys(["openid", *settings.oidc_scopes])),
    )
    policy = Policy(
        match=settings.oidc_match,
        login_claim=settings.oidc_login_claim,
        groups_claim=settings.oidc_groups_claim,
        domains=tuple(domain.lower().lstrip("@") for domain in settings.oidc_domains),
        places=read_places(settings.oidc_roles),
        second_factor=settings.oidc_second_factor,
    )
    return SignOn(Provider(client), policy, settings.oidc_name, settings.oidc_return_url)
