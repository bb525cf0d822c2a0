"""A small OpenID provider over HTTP: discovery, keys, authorization, codes for tokens, userinfo.

It asks nobody for a password: `person` is who has logged in there. What a test wants it to do wrong
is in `spoil`.
"""

import base64
import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI, Form, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

CLIENT_ID, CLIENT_SECRET = "kefu-desk", "a-secret-of-the-provider-0123456789"


@dataclass
class OidcProvider:
    """Answers as a provider does; `url` is its issuer."""

    url: str = ""
    person: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)
    spoil: Callable[[dict[str, Any]], None] = lambda claims: None
    key: Any = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    signing_key: Any = None
    algorithm: str = "RS256"
    issuer_told: str = ""
    is_down: bool = False
    asked: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def app(self) -> FastAPI:
        app = FastAPI()
        app.get("/.well-known/openid-configuration")(self.discovery)
        app.get("/keys")(self.keys)
        app.get("/authorize")(self.authorize)
        app.post("/token")(self.token)
        app.get("/userinfo")(self.about)
        return app

    async def discovery(self) -> Response:
        self.asked.append("discovery")
        if self.is_down:
            return Response("down", status_code=500)
        told = {
            "issuer": self.issuer_told or self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            # As a careless provider may: the desk must not take what proves nothing.
            "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
        }
        if self.userinfo:
            told["userinfo_endpoint"] = f"{self.url}/userinfo"
        return JSONResponse(told)

    async def keys(self) -> Response:
        self.asked.append("keys")
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    async def authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        assert asked["response_type"] == "code" and asked["client_id"] == CLIENT_ID
        assert asked["code_challenge_method"] == "S256" and "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        back = urlencode({"code": code, "state": asked["state"], "iss": self.url})
        return RedirectResponse(f"{asked['redirect_uri']}?{back}", status_code=302)

    async def token(
        self,
        request: Request,
        code: str = Form(),
        code_verifier: str = Form(),
        redirect_uri: str = Form(),
    ) -> Response:
        given = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {given}":
            return JSONResponse({"error": "invalid_client"}, status_code=401)
        asked = self.codes.pop(code, None)
        digest = base64.urlsafe_b64encode(hashlib.sha256(code_verifier.encode()).digest())
        fits = asked and digest.rstrip(b"=").decode() == asked["code_challenge"]
        if not asked or not fits or redirect_uri != asked["redirect_uri"]:
            return JSONResponse({"error": "invalid_grant"}, status_code=400)
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "auth_time": now,
            "nonce": asked["nonce"],
            **self.person,
        }
        self.spoil(claims)
        key = self.signing_key or self.key
        header = {"alg": self.algorithm, "kid": key.kid}
        signed = jwt.encode(header, claims, key, algorithms=[self.algorithm])
        body = {"access_token": "opaque", "token_type": "Bearer", "id_token": signed}
        return JSONResponse(body)

    async def about(self, request: Request) -> Response:
        assert request.headers["authorization"] == "Bearer opaque"
        return JSONResponse(self.userinfo)


def other_key(kind: str) -> tuple[Any, str]:
    """A key that is not the provider's, and its algorithm."""
    if kind == "shared":
        return OctKey.import_key(CLIENT_SECRET, {"kid": "one"}), "HS256"
    if kind == "foreign":
        return RSAKey.generate_key(2048, {"kid": "one"}), "RS256"
    return ECKey.generate_key("P-256", {"kid": "two"}), "ES256"
