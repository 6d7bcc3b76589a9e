"""Contracts and rules replaced while we serve: on SIGHUP, when a file changes, and now and then for an address.

Everything new is made beside the old, and takes its place in one assignment (`Present`): a request that has begun ends
with what it began with, and no request sees parts of two. What cannot be used changes nothing.
"""

import asyncio
import traceback
import weakref
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Final

from prometheus_client import Counter

from facade.adapters.compiling import Edition
from facade.adapters.descriptions import is_address
from facade.adapters.planner import EmbeddedPlanner
from facade.adapters.records import DeclaredTenants
from facade.app.contracts import stamps_of
from facade.app.opened import Opened
from facade.app.present import Present
from facade.config import (
    Settings,
    approval_lives_of,
    context_rules_of,
    policy_of,
    replaced,
    tenants_of,
)
from facade.contract import Catalogue, Change, Contract, difference
from facade.kernel import FacadeError
from facade.ports import Ports

RELOADED: Final = "reloaded"
UNCHANGED: Final = "unchanged"
REFUSED: Final = "refused"
_SHOWN: Final = 10
"""Breaking changes that the log names; `facade operations --diff` shows all."""
_SLICE: Final = 64
"""Operations of an old contract that are let go of at once: freeing thousands would hold the loop up."""


class Reloader:
    """Puts new contracts and rules in the place of the present ones.

    Args:
        again: reads the settings file; None where there is none.
    """

    def __init__(self, opened: Opened, present: Present, again: Callable[[], Settings] | None) -> None:
        self._opened = opened
        self._present = present
        self._again = again
        self._settings = opened.settings
        self._seen = opened.editions.stamps
        self._asked = asyncio.Event()
        self._one = asyncio.Lock()
        self._results = Counter(
            "facade_reload", "Reloads, by what came of them.", ("result",), registry=opened.registry
        )

    def ask(self) -> None:
        """Reload soon, the settings file included. Called by a signal; asking twice before it begins is asking once."""
        self._asked.set()

    async def reload(self, *, settings_too: bool = False) -> str:
        """Read everything again, and serve it if it can be used. Never raises.

        Returns:
            `reloaded`, `unchanged` or `refused`; counted in `facade_reload_total`.
        """
        async with self._one:
            try:
                result = await self._reloaded(settings_too)
            except Exception as error:  # noqa: BLE001 - whatever went wrong, we go on serving
                result = self._refused(error)
        self._results.labels(result).inc()
        return result

    async def look(self) -> str | None:
        """Reload if a description's file has changed and then stayed still for one look: one that is still being
        written may well be read, and lack its end. None when there was nothing to do."""
        stamps = await asyncio.to_thread(stamps_of, self._settings)
        still, self._seen = stamps == self._seen, stamps
        return await self.reload() if still and stamps != self._opened.editions.stamps else None

    async def _reloaded(self, settings_too: bool) -> str:
        settings = await self._wanted() if settings_too else self._settings
        before = self._opened.editions.last
        edition = await self._opened.editions.of(settings)
        old = self._present().catalogue.contracts
        if settings == self._settings and edition.contracts is old:
            return UNCHANGED
        changes = await asyncio.to_thread(_changes, old, edition.contracts)
        self._replace(settings, edition, before)
        self._tell(changes)
        return RELOADED

    async def _wanted(self) -> Settings:
        """The settings to serve with from now on, as the file says now."""
        if self._again is None:
            return self._settings
        settings, waiting = replaced(self._settings, await asyncio.to_thread(self._again))
        if waiting:
            self._opened.log.warning("reload.restart", settings=waiting, note="these wait for the next start")
        return settings

    def _refused(self, error: Exception) -> str:
        reason = error.detail if isinstance(error, FacadeError) else f"{type(error).__name__} at {_place(error)}"
        self._opened.log.error("reload.refused", reason=reason, note="what was served before is served on")
        return REFUSED

    def _replace(self, settings: Settings, edition: Edition, before: Edition | None) -> None:
        """From here to the end nothing awaits, so nobody meets one without the other."""
        ports = self._present()
        self._settings = settings
        self._present.replace(ports_with(ports, settings, edition))
        if before is not None and before is not edition:
            _let_go_slowly(before, ports)

    def _tell(self, changes: Mapping[str, Sequence[Change]]) -> None:
        for api, found in changes.items():
            breaking = [change for change in found if change.breaking]
            self._opened.log.info(
                "contract.changed",
                api=api,
                clients=sum(change.clients for change in found),
                plans=sum(change.plans for change in found),
                others=len(found) - len(breaking),
                breaking=[_line(change) for change in breaking[:_SHOWN]],
            )
        self._opened.log.info(RELOADED, operations=sum(1 for _ in self._present().catalogue))

    # --- when

    async def watch(self) -> None:
        """Reload whenever there is a reason to, until cancelled."""
        loop = asyncio.get_running_loop()
        fetched = loop.time()
        while True:
            asked = await self._waited(fetched)
            due = self._fetch_s is not None and loop.time() >= fetched + self._fetch_s
            if due or asked:
                fetched = loop.time()
                self._asked.clear()
                await self.reload(settings_too=asked)
            else:
                await self.look()

    @property
    def _fetch_s(self) -> float | None:
        """None when no description is to be asked for again."""
        addresses = any(is_address(api.spec) for api in self._settings.apis.values())
        return self._settings.reload.fetch_s or None if addresses else None

    async def _waited(self, fetched: float) -> bool:
        """Until somebody asks, or something is due; whether somebody asked."""
        rules, pauses = self._settings.reload, []
        if rules.watch and self._seen:
            pauses.append(rules.interval_s)
        if self._fetch_s is not None:
            pauses.append(max(0.0, fetched + self._fetch_s - asyncio.get_running_loop().time()))
        with suppress(TimeoutError):
            await asyncio.wait_for(self._asked.wait(), min(pauses, default=None))
        return self._asked.is_set()


@asynccontextmanager
async def reloading(opened: Opened, present: Present, again: Callable[[], Settings] | None) -> AsyncGenerator[Reloader]:
    """A reloader that watches until this is left."""
    reloader = Reloader(opened, present, again)
    watching = asyncio.create_task(reloader.watch())
    try:
        yield reloader
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


def ports_with(ports: Ports, settings: Settings, edition: Edition) -> Ports:
    """The ports with everything that contracts and rules shape, replaced."""
    return replace(
        ports,
        catalogue=Catalogue(contracts=edition.contracts),
        planner=EmbeddedPlanner(edition.index),
        tenants=DeclaredTenants(tenants_of(settings)),
        policy=policy_of(settings),
        context_rules=context_rules_of(settings),
        approval_lives=approval_lives_of(settings),
    )


def _changes(old: Mapping[str, Contract], new: Mapping[str, Contract]) -> Mapping[str, Sequence[Change]]:
    """By API, where anything changed."""
    found = {name: difference(old[name], contract) for name, contract in new.items()}
    return {name: changes for name, changes in found.items() if changes}


def _place(error: Exception) -> str:
    """Where it was raised; what it says may quote what somebody wrote."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{last.filename.rpartition('/')[2]}:{last.lineno}"


def _line(change: Change) -> str:
    return f"{' '.join(part for part in (change.operation, change.place) if part)} {change.means}"


def _let_go_slowly(edition: Edition, ports: Ports) -> None:
    """Hold the parts of an old edition until the last request with its ports has ended, then drop them by and by."""
    contracts = edition.contracts.values()
    parts: list[object] = [part for c in contracts for held in (c.compiled, c.operations) for part in held.values()]
    parts += edition.index.entries
    loop = asyncio.get_running_loop()

    def drop() -> None:
        del parts[-_SLICE:]
        if parts:
            loop.call_soon(drop)

    def ended() -> None:
        with suppress(RuntimeError):  # the loop has closed, and everything goes with it
            loop.call_soon_threadsafe(drop)

    weakref.finalize(ports.planner, ended).atexit = False
