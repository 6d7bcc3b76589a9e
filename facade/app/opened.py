"""What the makers of a facade's parts share while it opens."""

from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from socket import socket

import structlog
from prometheus_client import CollectorRegistry

from facade.adapters.upstream import Outgoing
from facade.config import Settings
from facade.ports import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Among:
    """What a facade among several processes of one machine shares with the others.

    Attributes:
        number: from 0; its journal's folder is named by it.
        limiter: a stream to the keeper of all limits.
        metrics: the folder in which every process keeps its counters.
    """

    number: int
    limiter: socket
    metrics: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """Settings, the stack on which everything open stands, and what several parts use.

    Attributes:
        among: None for the only process.
        outgoing: the session of each application, by API name.
    """

    settings: Settings
    stack: AsyncExitStack
    clock: Clock
    log: structlog.typing.FilteringBoundLogger
    registry: CollectorRegistry
    among: Among | None = None
    outgoing: dict[str, Outgoing] = field(default_factory=dict)
