"""The `Tokens` port: routes a credential to what can prove it, and turns every doubt into a refusal."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

import structlog

from facade.adapters.tokens.keys import Key
from facade.adapters.tokens.lru import Lru
from facade.adapters.tokens.saas import Recogniser
from facade.adapters.tokens.signature import check_signature
from facade.adapters.tokens.sources import KeySource
from facade.identity import Claims, Credential, IssuerRules, check_claims, check_header, read_token
from facade.kernel import SECOND, CredentialKind, Finding, Micros, Secret, SettingsInvalid, Unauthenticated
from facade.ports import Clock

_log = structlog.get_logger(__name__)

REMEMBERED: Final = 10_000
"""Verified tokens that are remembered, about 2 kB each."""

REMEMBERED_FOR: Final = 300 * SECOND


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """An issuer of JWTs that the settings trust, and its keys."""

    rules: IssuerRules
    keys: KeySource


@dataclass(frozen=True, slots=True, kw_only=True)
class _Proved:
    """A token whose signature and claims held, with what must stay true for that to count again."""

    claims: Claims
    keys: KeySource
    key: Key
    until: Micros


class Verifier:
    """Verifies JWTs of the configured issuers and recognises the application's own credentials.

    An async context manager: entering fetches keys where it can, leaving stops what is under way.
    """

    def __init__(
        self,
        *,
        issuers: Sequence[Issuer],
        saas: Sequence[Recogniser] = (),
        clock: Clock,
        remembered: int = REMEMBERED,
    ) -> None:
        self._issuers: Mapping[str, Issuer] = {issuer.rules.issuer: issuer for issuer in issuers}
        if len(self._issuers) != len(issuers):
            finding = Finding(code="settings.issuers", place="identity.issuers", message="An issuer is there twice.")
            raise SettingsInvalid("Each issuer may be configured once.", findings=(finding,))
        self._saas = tuple(saas)
        self._clock = clock
        self._proved: Lru[_Proved] = Lru(entries=remembered)

    @property
    def ready(self) -> bool:
        """False until every issuer's keys have been had once."""
        return all(issuer.keys.ready for issuer in self._issuers.values())

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Keys of the issuers that are ignored, and why."""
        return tuple(finding for issuer in self._issuers.values() for finding in issuer.keys.findings)

    def under(self, rules: IssuerRules) -> "Verifier":
        """For one of these issuers' other tokens, such as ID tokens: the same keys under other rules. It owns nothing,
        and need not be entered."""
        return Verifier(issuers=[Issuer(rules=rules, keys=self._issuers[rules.issuer].keys)], clock=self._clock)

    async def __aenter__(self) -> Self:
        for issuer in self._issuers.values():
            await issuer.keys.warm()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for issuer in self._issuers.values():
            await issuer.keys.aclose()
        for recogniser in self._saas:
            await recogniser.aclose()

    async def claims(self, credential: Credential) -> Claims:
        """Verified claims.

        Raises:
            Unauthenticated: for every doubt and every fault; there is no default identity.
        """
        try:
            if credential.kind is CredentialKind.JWT:
                return await self._token(credential.value.reveal())
            return await self._own(credential)
        except Unauthenticated:
            raise
        except Exception as error:  # noqa: BLE001 - a fault in here may refuse, never let in; its text may quote tokens
            _log.error("verification_fault", fault=type(error).__name__)
            raise Unauthenticated("The credential could not be verified; try again.", doubt=True) from None

    async def _own(self, credential: Credential) -> Claims:
        for recogniser in self._saas:
            claims = await recogniser.recognise(credential)
            if claims is not None:
                return claims
        raise Unauthenticated("The credential is not known.")

    async def _token(self, token: str) -> Claims:
        digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
        proved = await self._remembered(digest)
        if proved is None:
            proved = await self._prove(token, digest)
            self._proved.put(digest, proved, until=self._clock.monotonic() + REMEMBERED_FOR)
        return proved.claims

    async def _remembered(self, digest: str) -> _Proved | None:
        """Only for this very token, within its life, and while its key still counts."""
        proved = self._proved.get(digest, now=self._clock.monotonic())
        if proved is None:
            return None
        if self._clock.now() < proved.until and await proved.keys.holds(proved.key):
            return proved
        self._proved.forget(digest)
        return None

    async def _prove(self, token: str, digest: str) -> _Proved:
        unverified = read_token(token)
        named = unverified.values.get("iss")
        issuer = self._issuers.get(named) if isinstance(named, str) else None
        if issuer is None:
            raise Unauthenticated("The token is from an issuer that is not trusted here.")
        algorithm, kid = check_header(unverified.header, issuer.rules)
        key = await issuer.keys.find(kid, algorithm)
        check_signature(token, key, algorithm)
        until = check_claims(unverified.values, issuer.rules, now=self._clock.now())
        claims = Claims(
            rules=issuer.rules,
            values=unverified.values,
            kind=CredentialKind.JWT,
            credential_id=digest,
            presented=("Authorization", Secret(f"Bearer {token}")),
        )
        return _Proved(claims=claims, keys=issuer.keys, key=key, until=until)
