"""What operators see of an application's health: two gauges, and a line in the log for each change."""

from collections.abc import Callable, Mapping
from typing import Final, get_args

import structlog
from prometheus_client import CollectorRegistry, Gauge

from facade.adapters.upstream.addresses import Path
from facade.adapters.upstream.settings import Address
from facade.kernel import SECOND, Micros

_QUIET: Final = Micros(10 * SECOND)
"""One address's trouble with TLS is told at most this often."""


class HealthGauges:
    """The gauges of all applications; one for each process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.ejected = Gauge(
            "facade_upstream_ejected",
            "1 while an address of an application gets nothing, because it fails where the others do not.",
            ("api", "address"),
            registry=registry,
            multiprocess_mode="livemax",
        )
        self.open = Gauge(
            "facade_breaker_state",
            "1 while an application is given a rest, on this path: calls, passages or questions.",
            ("api", "path"),
            registry=registry,
            multiprocess_mode="livemax",
        )


class HealthWatch:
    """See `addresses.Watch`; of one application.

    Args:
        now: microseconds that never run backwards.
    """

    def __init__(
        self,
        api: str,
        addresses: tuple[Address, ...],
        gauges: HealthGauges,
        log: structlog.typing.FilteringBoundLogger,
        now: Callable[[], Micros],
    ) -> None:
        self._log = log.bind(api=api)
        self._now = now
        self._told_at: dict[tuple[Address, str], Micros] = {}
        self._ejected: Mapping[Address, Gauge] = {each: gauges.ejected.labels(api, shown(each)) for each in addresses}
        self._open: Mapping[Path, Gauge] = {path: gauges.open.labels(api, path) for path in get_args(Path)}

    def ejected(self, address: Address, *, for_s: float) -> None:
        """One address fails where the others do not."""
        self._ejected[address].set(1)
        self._log.warning("upstream ejected", address=shown(address), seconds=for_s)

    def returned(self, address: Address) -> None:
        """Its probe was answered."""
        self._ejected[address].set(0)
        self._log.info("upstream returned", address=shown(address))

    def opened(self, path: Path) -> None:
        """The application is given a rest."""
        self._open[path].set(1)
        self._log.warning("breaker opened", path=path)

    def closed(self, path: Path) -> None:
        """A probe was answered."""
        self._open[path].set(0)
        self._log.info("breaker closed", path=path)

    def distrusted(self, address: Address, *, reason: str) -> None:
        """Told once in a while, however many requests meet it."""
        now, key = self._now(), (address, reason)
        if now - self._told_at.get(key, -_QUIET) >= _QUIET:
            self._told_at[key] = now
            self._log.error("upstream refused", address=shown(address), reason=reason)


def shown(address: Address) -> str:
    """As operators write it."""
    host = f"[{address.host}]" if ":" in address.host else address.host
    return f"{address.scheme}://{host}:{address.port}"
