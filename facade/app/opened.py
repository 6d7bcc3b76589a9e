"""What the makers of a facade's parts share while it opens."""

from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from socket import socket

import structlog
from prometheus_client import CollectorRegistry

from facade.adapters.upstream.steering import SteeredOutgoing
from facade.app.contracts import Editions
from facade.config import Settings
from facade.ports import Clock, Relay, Upstream


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
class Application:
    """One application as its clients here see it.

    Attributes:
        calls: for agents. passages: for the proxy. questions: our own, about credentials.
    """

    calls: Upstream
    passages: Relay
    questions: SteeredOutgoing


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """Settings, the stack on which everything open stands, and what several parts use.

    Attributes:
        among: None for the only process.
        editions: reads descriptions, at the start and for every reload.
        applications: by API name.
    """

    settings: Settings
    stack: AsyncExitStack
    clock: Clock
    log: structlog.typing.FilteringBoundLogger
    registry: CollectorRegistry
    editions: Editions
    among: Among | None = None
    applications: dict[str, Application] = field(default_factory=dict)
