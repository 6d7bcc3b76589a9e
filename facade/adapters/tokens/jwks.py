"""The keys of an issuer's key server, behind a cache that never makes anybody wait for a broken one."""

import asyncio
from collections.abc import Sequence
from typing import Final

import structlog

from facade.adapters.tokens.fetch import Fetch, FetchFailed
from facade.adapters.tokens.flights import Flights
from facade.adapters.tokens.keys import Key, KeySet, ReadKeys, read_jwks
from facade.adapters.tokens.sources import refuse_mixed
from facade.identity import IssuerRules
from facade.kernel import SECOND, Finding, Unauthenticated
from facade.ports import Clock

_log = structlog.get_logger(__name__)

REFRESH_AFTER: Final = 240 * SECOND
"""From this age on keys are fetched again in the background, before anybody must wait for them."""

TTL: Final = 300 * SECOND
"""At this age keys are only used when the key server cannot be asked."""

STALE_FOR: Final = 24 * 3600 * SECOND
"""How long keys serve without their key server."""

COOLDOWN: Final = 30 * SECOND
"""Between two fetches for unknown key ids, and between two tries of a broken key server."""

_OK = 200


class JwksKeys:
    """The keys of an issuer's key server, cached.

    One fetch at a time. Keys are refreshed before they are old, and serve on for a day when the server is broken. An
    unknown key id causes one fetch a cooldown, whoever sends how many. While the server is broken nobody waits for it.
    """

    def __init__(self, *, url: str, rules: IssuerRules, fetch: Fetch, clock: Clock) -> None:
        refuse_mixed(rules, shared=False, place=rules.issuer)
        self.findings: tuple[Finding, ...] = ()
        self._url = url
        self._issuer = rules.issuer
        self._algorithms: Sequence[str] = rules.algorithms
        self._fetch = fetch
        self._clock = clock
        self._flights: Flights[None] = Flights(limit=1)
        self._keys: KeySet | None = None
        self._tries = 0
        self._loaded_at = 0
        self._tried_at: int | None = None
        self._forced_at: int | None = None
        self._broken = False

    @property
    def ready(self) -> bool:
        """True once keys have been fetched."""
        return self._keys is not None

    async def find(self, kid: str | None, algorithm: str) -> Key:
        """See `KeySource`. Fetches at most once."""
        tries = self._tries
        keys = await self._current()
        if keys.find(kid, algorithm) is None and not keys.knows(kid) and tries == self._tries:
            await self._force()
            keys = self._usable()
        key = keys.find(kid, algorithm)
        if key is None:
            raise Unauthenticated("The token's key is not one of its issuer's.")
        return key

    async def holds(self, key: Key) -> bool:
        """See `KeySource`."""
        return (await self._current()).holds(key)

    async def warm(self) -> None:
        """Fetch the keys for the first time; a broken key server leaves `ready` false."""
        if not self.ready:
            await self._flights.run("", self._load)

    @property
    def fetching(self) -> bool:
        """True while a fetch is under way."""
        return self._flights.running("")

    async def settled(self) -> None:
        """Wait for a fetch that is under way in the background."""
        await self._flights.settled()

    async def aclose(self) -> None:
        """Stop a fetch that is under way."""
        await self._flights.aclose()

    async def _current(self) -> KeySet:
        now = self._clock.monotonic()
        if self._keys is None or now - self._loaded_at >= REFRESH_AFTER:
            await self._refresh(now)
        return self._usable()

    async def _refresh(self, now: int) -> None:
        resting = self._tried_at is not None and now - self._tried_at < COOLDOWN
        if resting and not self._flights.running(""):
            return
        flight = self._flights.start("", self._load)
        if not self._serves(now) or (now - self._loaded_at >= TTL and not self._broken):
            await asyncio.wait((flight,))

    async def _force(self) -> None:
        """Fetch for an unknown key id, once a cooldown."""
        now = self._clock.monotonic()
        if not self._flights.running(""):
            if self._forced_at is not None and now - self._forced_at < COOLDOWN:
                return
            self._forced_at = now
        flight = self._flights.start("", self._load)
        if not self._broken:
            await asyncio.wait((flight,))

    def _usable(self) -> KeySet:
        if self._keys is None or not self._serves(self._clock.monotonic()):
            raise Unauthenticated("The keys of the token's issuer cannot be had now; try again in a minute.")
        return self._keys

    def _serves(self, now: int) -> bool:
        return self._keys is not None and now - self._loaded_at < STALE_FOR

    async def _load(self) -> None:
        """Fetch, read off the loop, and take over whole or not at all. Never raises."""
        started = self._clock.monotonic()
        self._tried_at = started
        try:
            self._take_over(await self._read(), started)
        except Exception as error:  # noqa: BLE001 - any fault here leaves the earlier keys as they are
            self._broken = True
            _log.warning("jwks_unavailable", issuer=self._issuer, fault=type(error).__name__, ready=self.ready)
        self._tries += 1

    async def _read(self) -> ReadKeys:
        fetched = await self._fetch.fetch("GET", self._url, {})
        if fetched.status != _OK:
            raise FetchFailed("another status than 200")
        return await asyncio.to_thread(read_jwks, fetched.body, self._algorithms)

    def _take_over(self, read: ReadKeys, started: int) -> None:
        if read.findings != self.findings:
            for finding in read.findings:
                _log.warning("jwks_key_ignored", issuer=self._issuer, place=finding.place, reason=finding.message)
        self._keys, self.findings = read.keys, read.findings
        self._loaded_at, self._broken = started, False
