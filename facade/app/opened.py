"""What the makers of a facade's parts share while it opens."""

from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import structlog
from prometheus_client import CollectorRegistry

from facade.adapters.upstream import Outgoing
from facade.config import Settings
from facade.ports import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """Settings, the stack on which everything open stands, and what several parts use.

    Attributes:
        outgoing: the session of each application, by API name.
    """

    settings: Settings
    stack: AsyncExitStack
    clock: Clock
    log: structlog.typing.FilteringBoundLogger
    registry: CollectorRegistry
    outgoing: dict[str, Outgoing] = field(default_factory=dict)
