"""The application's own credential: listed in the settings, or told by the application itself."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from facade.adapters.tokens.fetch import Fetch, Fetched, FetchFailed
from facade.adapters.tokens.flights import Busy, Flights
from facade.adapters.tokens.lru import Lru
from facade.identity import Claims, Credential, IssuerRules, check_pointer, pointed, principal_from, strict_json
from facade.kernel import (
    SECOND,
    CredentialKind,
    Finding,
    Json,
    JsonObject,
    Secret,
    SettingsInvalid,
    Unauthenticated,
)
from facade.ports import Clock

AT_ONCE: Final = 64
"""Questions to the application under way at once: strangers' credentials must not become its load."""

_BEARER: Final = "authorization"
_SAYS_NO = frozenset(range(300, 500)) - {408, 425, 429}
_SAYS_WHO = range(200, 300)


@dataclass(frozen=True, slots=True, kw_only=True)
class SaasRules:
    """In which form the application's own credentials come (settings).

    Attributes:
        headers: lower-case header names; a bearer token is read as if it had come in the first.
        scheme: the word before the credential, such as `Token`; None: the whole value counts.
        issuer: what principals of this kind say as their issuer.
    """

    headers: tuple[str, ...]
    scheme: str | None = None
    issuer: str = "urn:facade:saas"


class Recogniser(Protocol):
    """Whose credential of the application is this? Fails closed."""

    async def recognise(self, credential: Credential) -> Claims | None:
        """Its claims, or None for a credential it does not know.

        Raises:
            Unauthenticated: it cannot tell.
        """

    async def aclose(self) -> None:
        """Stop what is under way."""


def _bare(credential: Credential, rules: SaasRules) -> str | None:
    """The credential without its scheme; None when it came in another form than the rules say."""
    if credential.header != _BEARER and credential.header not in rules.headers:
        return None
    value = credential.value.reveal()
    word, space, rest = value.partition(" ")
    if rules.scheme is None or not space:
        return value
    return rest.strip() if word.lower() == rules.scheme.lower() else None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _claims(values: JsonObject, rules: SaasRules, credential: Credential) -> Claims:
    reading = IssuerRules(issuer=rules.issuer, algorithms=())
    header, value = _presented(credential, rules)
    return Claims(
        rules=reading,
        values=values,
        kind=CredentialKind.SAAS,
        credential_id=_digest(credential.value.reveal()),
        presented=(header, Secret(value)),
    )


def _presented(credential: Credential, rules: SaasRules) -> tuple[str, str]:
    """The header to show the application, as its own clients send it."""
    header = credential.header if credential.header in rules.headers else rules.headers[0]
    bare = _bare(credential, rules) or ""
    if rules.scheme is not None:
        return header, f"{rules.scheme} {bare}"
    if header == _BEARER and " " not in bare:
        return header, f"Bearer {bare}"
    return header, bare


class MappedCredentials:
    """Credentials that the settings list by their digest, so that a look-up tells nothing about near misses."""

    def __init__(self, rules: SaasRules, entries: Mapping[str, JsonObject]) -> None:
        """Take the list.

        Args:
            entries: SHA-256 hex of the credential without its scheme -> claims `sub`, `tenant` and `roles`.
        """
        self._rules = rules
        self._entries = dict(entries)

    async def recognise(self, credential: Credential) -> Claims | None:
        """See `Recogniser`."""
        bare = _bare(credential, self._rules)
        values = None if bare is None else self._entries.get(_digest(bare))
        return None if values is None else _claims(values, self._rules, credential)

    async def aclose(self) -> None:
        """Nothing to stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """How the application is asked whose credential it is, by a read such as `GET /me` (settings).

    Attributes:
        target: origin form, with the base path.
        tenant, user, roles: JSON pointers into its answer; numbers there are taken as their decimal digits.
        believed_s: how long an answer is believed; a credential withdrawn meanwhile works until then.
        refused_s: how long a refusal is believed.
        entries: answers that are remembered, and as many refusals.
    """

    target: str
    tenant: str
    user: str
    roles: str | None = None
    method: str = "GET"
    believed_s: int = 60
    refused_s: int = 10
    entries: int = 10_000


class Introspection:
    """Asks the application. One question at a time for one credential, and few at once in all."""

    def __init__(self, *, rules: SaasRules, question: Question, fetch: Fetch, clock: Clock) -> None:
        for name in ("tenant", "user", "roles"):
            problem = check_pointer(getattr(question, name) or "")
            if problem:
                finding = Finding(code="settings.pointer", place=f"identity.saas.introspection.{name}", message=problem)
                raise SettingsInvalid("A JSON pointer is misspelt.", findings=(finding,))
        self._rules = rules
        self._question = question
        self._fetch = fetch
        self._clock = clock
        self._known: Lru[Claims] = Lru(entries=question.entries)
        self._refused: Lru[bool] = Lru(entries=question.entries)
        self._flights: Flights[Claims | None] = Flights(limit=AT_ONCE)

    async def recognise(self, credential: Credential) -> Claims | None:
        """See `Recogniser`. What the application cannot answer now is refused now and asked again."""
        if _bare(credential, self._rules) is None:
            return None
        key = _digest(f"{credential.header}\0{credential.value.reveal()}")
        now = self._clock.monotonic()
        if self._refused.get(key, now=now):
            return None
        known = self._known.get(key, now=now)
        try:
            return known or await self._flights.run(key, lambda: self._ask(credential, key))
        except Busy:
            raise Unauthenticated("Too many unknown credentials are being looked up; try again.", doubt=True) from None

    async def aclose(self) -> None:
        """Stop the questions that are under way."""
        await self._flights.aclose()

    async def _ask(self, credential: Credential, key: str) -> Claims | None:
        asked_at = self._clock.monotonic()
        header, value = _presented(credential, self._rules)
        try:
            answer = await self._fetch.fetch(self._question.method, self._question.target, {header: value})
        except FetchFailed:
            raise Unauthenticated("The application could not be asked whose credential this is.", doubt=True) from None
        claims = self._told(answer, credential)
        if claims is None:
            self._refused.put(key, True, until=asked_at + self._question.refused_s * SECOND)
        else:
            self._known.put(key, claims, until=asked_at + self._question.believed_s * SECOND)
        return claims

    def _told(self, answer: Fetched, credential: Credential) -> Claims | None:
        if answer.status in _SAYS_NO:
            return None
        if answer.status not in _SAYS_WHO:
            raise Unauthenticated("The application could not say whose credential this is; try again.", doubt=True)
        try:
            claims = _claims(told(strict_json(answer.body), self._question), self._rules, credential)
            principal_from(claims)
        except (ValueError, Unauthenticated):
            return None
        return claims


def told(document: Json, question: Question) -> JsonObject:
    """The claims in the application's answer.

    Raises:
        ValueError: a place that the question names is not there.
    """
    claims: dict[str, Json] = {}
    for claim, pointer in (("tenant", question.tenant), ("sub", question.user), ("roles", question.roles)):
        if pointer is None:
            continue
        found = pointed(document, pointer)
        if found is None:
            raise ValueError(f"nothing at {pointer}")
        claims[claim] = _in_words(found[0])
    return claims


def _in_words(value: Json) -> Json:
    """Legacy applications number their tenants and users: 42 is the text '42'."""
    if isinstance(value, list):
        return [_in_words(item) for item in value]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value
