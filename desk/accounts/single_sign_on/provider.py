"""The provider over HTTP: discovery, where to send a browser, and the code for an identity.

Nothing is called before somebody wants to log in this way. Discovery and keys are kept for an
hour; a key that is not among them is looked for anew, once a minute at most.
"""

import ipaddress
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from desk.errors import InvalidInput, NotLoggedIn, ProviderUnavailable
from desk.logs import describe

TIMEOUT_S = 10.0
KEPT_S = 3600.0
KEYS_AGAIN_S = 60.0
LEEWAY_S = 60
FRESH_S = 300
"""A login for confirmation must be no older."""
ALGORITHMS = ("RS256", "PS256", "ES256", "RS384", "PS384", "ES384", "RS512", "PS512", "ES512")
"""Signatures by a key pair only: one made with the client's secret proves less."""
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Client:
    """How the provider knows us; `scopes` are what we ask about people."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    scopes: tuple[str, ...] = ("openid", "profile", "email")


@dataclass
class _Kept:
    metadata: dict[str, Any] = field(default_factory=dict)
    read_at: float = -KEPT_S
    keys: Any = None
    keys_at: float = -KEPT_S


class Provider:
    """One OpenID provider.

    Raises:
        InvalidInput: the issuer is neither https nor on the loopback.
    """

    def __init__(self, client: Client, clock: Callable[[], float] = time.monotonic) -> None:
        _check_address(client.issuer, client.issuer)
        self.issuer = client.issuer
        self._client = client
        self._clock = clock
        self._kept = _Kept()

    async def login_url(
        self, *, state: str, nonce: str, verifier: str, return_url: str, is_fresh: bool = False
    ) -> str:
        """Return where to send the browser; `is_fresh` demands that the password is typed again.

        Raises:
            ProviderUnavailable: no or no usable answer.
        """
        metadata = await self._metadata()
        extra = {"prompt": "login", "max_age": "0"} if is_fresh else {}
        async with self._http(return_url) as http:
            url, _state = http.create_authorization_url(
                metadata["authorization_endpoint"],
                state=state,
                nonce=nonce,
                code_verifier=verifier,
                **extra,
            )
        return str(url)

    async def claims(
        self, code: str, *, nonce: str, verifier: str, return_url: str
    ) -> dict[str, Any]:
        """Exchange the code, check the identity's token, and return its claims, completed by what
        the provider says about the user elsewhere.

        Raises:
            NotLoggedIn: the code or the token is not valid.
            ProviderUnavailable: no or no usable answer.
        """
        metadata = await self._metadata()
        async with self._http(return_url, metadata) as http:
            try:
                token = await http.fetch_token(
                    metadata["token_endpoint"], code=code, code_verifier=verifier
                )
            except AuthlibBaseError as error:
                raise self._refused(error) from None
            except Exception as error:
                raise self._unavailable(error) from None
            claims = await self._checked(token, nonce)
            return {**await self._told(http, metadata, claims), **claims}

    async def _checked(self, token: Mapping[str, Any], nonce: str) -> dict[str, Any]:
        raw = token.get("id_token")
        if not isinstance(raw, str):
            raise NotLoggedIn("errors.sso_refused")
        registry = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
        try:
            try:
                decoded = jwt.decode(raw, key=await self._keys(), registry=registry)
            except InvalidKeyIdError:
                decoded = jwt.decode(raw, key=await self._keys(again=True), registry=registry)
            wanted = {
                "iss": {"essential": True, "value": self.issuer},
                "aud": {"essential": True, "value": self._client.client_id},
            }
            known = {
                "nonce": nonce,
                "client_id": self._client.client_id,
                "access_token": token.get("access_token"),
            }
            claims = CodeIDToken(decoded.claims, decoded.header, wanted, known)
            claims.validate(leeway=LEEWAY_S)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise self._refused(error) from None
        return dict(decoded.claims)

    async def _told(
        self, http: AsyncOAuth2Client, metadata: Mapping[str, Any], claims: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return what `userinfo` says: some providers put e-mail and groups only there."""
        address = metadata.get("userinfo_endpoint")
        if not address:
            return {}
        try:
            answer = await http.get(address)
            answer.raise_for_status()
            told = answer.json()
        except Exception as error:
            raise self._unavailable(error) from None
        if not isinstance(told, dict) or told.get("sub") != claims.get("sub"):
            raise NotLoggedIn("errors.sso_refused")
        return told

    async def _metadata(self) -> dict[str, Any]:
        kept = self._kept
        if self._clock() - kept.read_at < KEPT_S:
            return kept.metadata
        address = self.issuer.rstrip("/") + "/.well-known/openid-configuration"
        found = await self._get(address)
        try:
            if found["issuer"] != self.issuer:
                raise InvalidInput("errors.sso_address")
            told = [found["userinfo_endpoint"]] if found.get("userinfo_endpoint") else []
            for one in [*(found[name] for name in ENDPOINTS), *told]:
                _check_address(one, self.issuer)
        except (KeyError, TypeError, AttributeError, InvalidInput) as error:
            raise self._unavailable(error) from None
        kept.metadata, kept.read_at, kept.keys = found, self._clock(), None
        return found

    async def _keys(self, *, again: bool = False) -> Any:
        kept = self._kept
        is_old = again and self._clock() - kept.keys_at >= KEYS_AGAIN_S
        if kept.keys is None or is_old:
            found = await self._get((await self._metadata())["jwks_uri"])
            kept.keys, kept.keys_at = KeySet.import_key_set(found), self._clock()  # type: ignore[arg-type]
        return kept.keys

    async def _get(self, address: str) -> dict[str, Any]:
        try:
            async with self._http() as http:
                answer = await http.request("GET", address, withhold_token=True)
                answer.raise_for_status()
                found = answer.json()
        except Exception as error:
            raise self._unavailable(error) from None
        if not isinstance(found, dict):
            raise ProviderUnavailable("errors.sso_unavailable")
        return found

    def _http(
        self, return_url: str | None = None, metadata: Mapping[str, Any] | None = None
    ) -> AsyncOAuth2Client:
        client = self._client
        ways = (metadata or {}).get("token_endpoint_auth_methods_supported")
        way = "client_secret_basic"
        if not client.client_secret:
            way = "none"
        elif isinstance(ways, list) and way not in ways and "client_secret_post" in ways:
            way = "client_secret_post"
        return AsyncOAuth2Client(
            client_id=client.client_id,
            client_secret=client.client_secret or None,
            token_endpoint_auth_method=way,
            scope=" ".join(client.scopes),
            redirect_uri=return_url,
            code_challenge_method="S256",
            # Where it goes is in the settings, not in the environment of proxies.
            trust_env=False,
            follow_redirects=False,
            timeout=TIMEOUT_S,
        )

    def _refused(self, error: Exception) -> NotLoggedIn:
        log.warning("sign_on.refused", **describe(error))
        return NotLoggedIn("errors.sso_refused")

    def _unavailable(self, error: Exception) -> ProviderUnavailable:
        log.warning("sign_on.unavailable", **describe(error))
        return ProviderUnavailable("errors.sso_unavailable")


def _check_address(address: str, issuer: str) -> None:
    """Let https pass, and plain http on the loopback, if the issuer is there too."""
    parts = urlsplit(address)
    is_plain = parts.scheme == "http" and _is_loopback(parts.hostname)
    if not parts.hostname or not (
        parts.scheme == "https" or (is_plain and urlsplit(issuer).scheme == "http")
    ):
        raise InvalidInput("errors.sso_address", field="issuer")


def _is_loopback(host: str | None) -> bool:
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return host == "localhost"
