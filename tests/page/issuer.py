"""A small issuer of OpenID Connect: discovery, an authorization endpoint that asks nobody, a token endpoint, keys."""

import base64
import hashlib
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import jwt
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric import ed25519
from jwt.algorithms import OKPAlgorithm

KEY = ed25519.Ed25519PrivateKey.generate()
CLIENT, SECRET, AUDIENCE = "facade-page", "a secret of the page's client", "facade"


@dataclass
class Issuer:
    """What it knows, and what tests may change.

    Attributes:
        claims: of every access token, besides the registered ones.
        wrong: names of things that it does wrong on purpose.
        codes: given and not yet redeemed, with the request they belong to.
        asked: paths in order.
    """

    url: str = ""
    claims: dict[str, Any] = field(default_factory=lambda: {"tenant": "acme"})
    wrong: set[str] = field(default_factory=set)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    forms: list[dict[str, str]] = field(default_factory=list)

    def discovery(self) -> dict[str, Any]:
        """Its own description."""
        return {
            "issuer": self.url if "issuer" not in self.wrong else "https://elsewhere.example",
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
        }

    def signed(self, audience: str, **claims: Any) -> str:
        """A token of its own."""
        now = int(time.time())  # noqa: TID251 - an issuer of its own, beside our clock
        own = {"iss": self.url, "sub": "ann", "aud": audience, "iat": now, "exp": now + 600}
        return jwt.encode({**own, **claims}, KEY, algorithm="EdDSA", headers={"kid": "k1"})

    def grant(self, nonce: str) -> str:
        """A code, as if somebody had signed in with this nonce; for tests without a browser."""
        code = secrets.token_urlsafe(12)
        self.codes[code] = {"nonce": nonce, "code_challenge": "", "redirect_uri": ""}
        return code

    async def authorize(self, request: web.Request) -> web.Response:
        """Send everybody back at once, as Ann."""
        query = dict(request.query)
        wanted = {"response_type": "code", "client_id": CLIENT, "code_challenge_method": "S256"}
        assert wanted.items() <= query.items()
        assert {"openid"} <= set(query["scope"].split())
        if "denied" in self.wrong:
            back = {"error": "access_denied", "state": query["state"]}
        else:
            code = secrets.token_urlsafe(12)
            self.codes[code] = query
            state = query["state"] if "state" not in self.wrong else "another"
            back = {"code": code, "state": state, "iss": self.url}
        return web.Response(status=302, headers={"Location": f"{query['redirect_uri']}?{urlencode(back)}"})

    async def token(self, request: web.Request) -> web.Response:
        """Redeem a code once."""
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.forms.append({**form, "authorization": request.headers.get("Authorization", "")})
        known = self.codes.pop(form["code"], None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).decode()
        if known is None or known["code_challenge"] not in {"", challenge.rstrip("=")}:
            return web.json_response({"error": "invalid_grant"}, status=400)
        if "broken" in self.wrong:
            return web.Response(status=500, text="<html>")
        nonce = known["nonce"] if "nonce" not in self.wrong else "another-nonce-of-somebody"
        audience = AUDIENCE if "audience" not in self.wrong else "somebody-else"
        answer = {
            "token_type": "Bearer",
            "access_token": self.signed(audience, **self.claims),
            "id_token": self.signed(CLIENT, nonce=nonce),
        }
        if "no id token" in self.wrong:
            del answer["id_token"]
        return web.json_response(answer)

    async def keys(self, request: web.Request) -> web.Response:
        """Its public key."""
        key = OKPAlgorithm.to_jwk(KEY.public_key(), as_dict=True) | {"kid": "k1", "alg": "EdDSA", "use": "sig"}
        return web.json_response({"keys": [key]})

    async def described(self, request: web.Request) -> web.Response:
        """Its description."""
        return web.json_response(self.discovery())


@asynccontextmanager
async def issuing() -> AsyncIterator[Issuer]:
    """It listens on a loopback port; its name is its address."""
    issuer = Issuer()

    @web.middleware
    async def note(request: web.Request, handler: Any) -> web.StreamResponse:
        issuer.asked.append(request.path)
        response: web.StreamResponse = await handler(request)
        return response

    app = web.Application(middlewares=(note,))
    app.add_routes(
        [
            web.get("/.well-known/openid-configuration", issuer.described),
            web.get("/authorize", issuer.authorize),
            web.post("/token", issuer.token),
            web.get("/jwks", issuer.keys),
        ]
    )
    async with TestServer(app) as server:
        issuer.url = str(server.make_url("")).rstrip("/")
        yield issuer
