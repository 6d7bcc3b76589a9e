"""Signing in at an issuer: where people go, and what the issuer gives for the code they come back with.

Source: OpenID Connect Core 1.0, sections 3.1 and 15.5.2 (nonce); OpenID Connect Discovery 1.0, section 4; RFC 6749
section 4.1; RFC 7636 (PKCE); RFC 9700 section 2.1.
"""

import asyncio
import base64
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal
from urllib.parse import quote, urlsplit

import structlog

from facade.adapters.tokens.fetch import Fetched, FetchFailed, SessionFetch
from facade.adapters.tokens.flights import Busy, Flights
from facade.adapters.tokens.lru import Lru
from facade.identity import Claims, Credential
from facade.kernel import (
    SECOND,
    CredentialKind,
    Json,
    Micros,
    NotFound,
    Overloaded,
    Secret,
    Unauthenticated,
    UpstreamUnavailable,
)
from facade.ports import Clock, Code, Granted, Offer, Tokens

_log = structlog.get_logger(__name__)

KNOWN_FOR: Final = 3_600 * SECOND
"""How long what an issuer says of its endpoints is believed."""
FAILED_FOR: Final = 5 * SECOND
AT_ONCE: Final = 16
"""Exchanges under way; more are refused, so that nobody can make us flood an issuer."""

_OK: Final = 200
_REFUSED: Final = range(400, 500)
_LOCAL: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInRules:
    """How people sign in at one issuer (settings).

    Attributes:
        use: which token of the answer is ours to verify and the page's to send.
        parameters: further ones of the authorization request, such as `audience`.
        authorization_url, token_url: '' for those that the issuer's own discovery document names.
    """

    issuer: str
    label: str
    client_id: str
    client_secret: Secret | None = None
    scopes: tuple[str, ...] = ("openid",)
    use: Literal["access_token", "id_token"] = "access_token"
    parameters: Mapping[str, str] = field(default_factory=dict)
    authorization_url: str = ""
    token_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """One issuer that people may sign in at, what believes its ID tokens, and what believes the token that is used."""

    rules: SignInRules
    id_tokens: Tokens
    tokens: Tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class _Endpoints:
    """Where an issuer is asked; `in_body`: it takes a client's secret in the form alone."""

    authorization: str
    token: str
    in_body: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What asking an issuer came to; None is remembered too, for a moment."""

    endpoints: _Endpoints | None


class IssuerSignIn:
    """The `SignIn` port. Its owner closes it.

    Args:
        fetch: asks for discovery documents; people wait for their buttons.
        codes: sends codes, which cannot be sent twice, and so has more patience.
    """

    def __init__(
        self, registered: Sequence[Registered], *, fetch: SessionFetch, codes: SessionFetch, clock: Clock
    ) -> None:
        self._registered = {each.rules.issuer: each for each in registered}
        self._fetch = fetch
        self._codes = codes
        self._clock = clock
        self._known: Lru[_Found] = Lru(entries=len(registered) or 1)
        self._flights: Flights[_Endpoints | None] = Flights(limit=len(registered) or 1)
        self._under_way = 0

    async def offers(self) -> tuple[Offer, ...]:
        """See `ports.SignIn`."""
        return tuple(await asyncio.gather(*(self._offer(each.rules) for each in self._registered.values())))

    async def redeem(self, code: Code) -> Granted:
        """See `ports.SignIn`."""
        registered = self._registered.get(code.issuer)
        if registered is None:
            raise NotFound("Nobody signs in at that issuer here.")
        if self._under_way >= AT_ONCE:
            raise Overloaded("Too many people are signing in; try again in a moment.", retry_after=Micros(SECOND))
        self._under_way += 1
        try:
            return await self._redeemed(registered, code)
        finally:
            self._under_way -= 1

    async def aclose(self) -> None:
        """Stop what is under way."""
        await self._flights.aclose()

    async def _redeemed(self, registered: Registered, code: Code) -> Granted:
        endpoints = await self._endpoints(registered.rules)
        if endpoints is None:
            raise UpstreamUnavailable("The issuer cannot be asked where to sign in at the moment; try again shortly.")
        answered = _tokens_in(await self._asked(registered.rules, endpoints, code))
        identity = await registered.id_tokens.claims(_presented(answered, "id_token"))
        _check_nonce(identity, code.nonce)
        used = _presented(answered, registered.rules.use)
        claims = await registered.tokens.claims(used)
        expires: Json = claims.values.get("exp")
        return Granted(token=used.value, expires=Micros(expires * SECOND) if isinstance(expires, int) else None)

    async def _asked(self, rules: SignInRules, endpoints: _Endpoints, code: Code) -> Fetched:
        form = {
            "grant_type": "authorization_code",
            "code": code.code.reveal(),
            "redirect_uri": code.redirect_uri,
            "client_id": rules.client_id,
            "code_verifier": code.verifier.reveal(),
        }
        headers: dict[str, str] = {}
        if rules.client_secret is not None and endpoints.in_body:
            form["client_secret"] = rules.client_secret.reveal()
        elif rules.client_secret is not None:
            headers["Authorization"] = _basic(rules.client_id, rules.client_secret)
        try:
            return await self._codes.post(endpoints.token, form, headers)
        except FetchFailed as error:
            _log.warning("sign_in", issuer=rules.issuer, fault=str(error))
            raise UpstreamUnavailable("The issuer did not answer; sign in again in a moment.") from None

    async def _offer(self, rules: SignInRules) -> Offer:
        endpoints = await self._endpoints(rules)
        return Offer(
            issuer=rules.issuer,
            label=rules.label,
            client_id=rules.client_id,
            scope=" ".join(rules.scopes),
            authorization_url=endpoints.authorization if endpoints is not None else None,
            parameters=rules.parameters,
        )

    async def _endpoints(self, rules: SignInRules) -> _Endpoints | None:
        """Configured, remembered or asked for; None while the issuer cannot be asked."""
        if rules.authorization_url and rules.token_url:
            return _Endpoints(authorization=rules.authorization_url, token=rules.token_url)
        known = self._known.get(rules.issuer, now=self._clock.monotonic())
        if known is not None:
            return known.endpoints
        try:
            return await self._flights.run(rules.issuer, lambda: self._discovered(rules))
        except Busy:
            return None

    async def _discovered(self, rules: SignInRules) -> _Endpoints | None:
        where = rules.issuer.rstrip("/") + "/.well-known/openid-configuration"
        found: _Endpoints | None = None
        try:
            found = _endpoints_in(await self._fetch.fetch("GET", where, {}), rules.issuer)
        except (FetchFailed, ValueError) as error:
            _log.warning("discovery", issuer=rules.issuer, fault=str(error))
        lives = KNOWN_FOR if found is not None else FAILED_FOR
        self._known.put(rules.issuer, _Found(endpoints=found), until=self._clock.monotonic() + lives)
        return found


def _endpoints_in(answer: Fetched, issuer: str) -> _Endpoints:
    """What a discovery document says.

    Raises:
        ValueError: it is none, another issuer's, or names endpoints that nobody should send secrets to.
    """
    document = _object(answer) if answer.status == _OK else None
    if document is None or document.get("issuer") != issuer:
        raise ValueError("no discovery document of this issuer")
    methods = document.get("token_endpoint_auth_methods_supported")
    return _Endpoints(
        authorization=_secure(document.get("authorization_endpoint"), issuer),
        token=_secure(document.get("token_endpoint"), issuer),
        in_body=isinstance(methods, list) and "client_secret_basic" not in methods and "client_secret_post" in methods,
    )


def _secure(url: Json, issuer: str) -> str:
    """An address that may be gone to: https elsewhere, or this machine's own for an issuer of this machine, so that no
    issuer points us at what listens here."""
    parts = urlsplit(url) if isinstance(url, str) else urlsplit("")
    local = parts.hostname in _LOCAL
    if parts.scheme != "https" and not (local and parts.scheme == "http"):
        raise ValueError("an endpoint that is not https")
    if local and urlsplit(issuer).hostname not in _LOCAL:
        raise ValueError("an endpoint on this machine")
    return parts.geturl()


def _tokens_in(answer: Fetched) -> Mapping[str, Json]:
    """What a token endpoint gave.

    Raises:
        Unauthenticated: it refused the code. UpstreamUnavailable: anything else.
    """
    document = _object(answer)
    if answer.status in _REFUSED:
        raise Unauthenticated("The issuer did not accept the code; sign in again.")
    if answer.status != _OK or document is None:
        raise UpstreamUnavailable("The issuer's answer cannot be used; sign in again in a moment.")
    return document


def _object(answer: Fetched) -> Mapping[str, Json] | None:
    try:
        document: Json = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _presented(answered: Mapping[str, Json], name: str) -> Credential:
    token = answered.get(name)
    if not isinstance(token, str) or not token.isascii():
        raise Unauthenticated(f"The issuer gave no {name.replace('_', ' ')}; its sign_in settings may not fit it.")
    return Credential(kind=CredentialKind.JWT, header="authorization", value=Secret(token))


def _check_nonce(claims: Claims, nonce: str) -> None:
    found = claims.values.get("nonce")
    if not isinstance(found, str) or not hmac.compare_digest(found.encode(), nonce.encode()):
        raise Unauthenticated("This sign-in was not begun here; sign in again.")


def _basic(client_id: str, secret: Secret) -> str:
    pair = f"{quote(client_id, safe='')}:{quote(secret.reveal(), safe='')}"
    return "Basic " + base64.b64encode(pair.encode()).decode()
