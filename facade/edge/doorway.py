"""Connections held open: a bound for the process and one for each address, so that no crowd locks others out.

A connection costs memory and a descriptor before it has said anything. When the house is full, the connection that has
been idle longest makes room; when none is idle, the newcomer is closed at once, which costs it a reconnect.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address

_Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorLimits:
    """Bounds on open connections.

    Attributes:
        connections: in all.
        per_address: of one client address; 0 for no bound.
        exempt: networks whose addresses stand for many clients, such as load balancers.
    """

    connections: int = 4096
    per_address: int = 512
    exempt: tuple[_Network, ...] = ()


class Doorway:
    """Counts connections; `Guest` is one of them, closed by calling what it came with."""

    def __init__(self, limits: DoorLimits) -> None:
        self._limits = limits
        self._inside: Counter[str] = Counter()
        self._idle: OrderedDict[object, Callable[[], None]] = OrderedDict()
        self._total = 0

    def __len__(self) -> int:
        """Connections held open."""
        return self._total

    def enter(self, address: str) -> bool:
        """True when a connection from this address may stay; it then counts until `leave`."""
        bound = self._limits.per_address
        if bound and self._inside[address] >= bound and not self._exempt(address):
            return False
        if self._total >= self._limits.connections and not self._make_room():
            return False
        self._inside[address] += 1
        self._total += 1
        return True

    def leave(self, guest: object, address: str) -> None:
        """A connection that had entered is gone."""
        self._idle.pop(guest, None)
        self._total -= 1
        self._inside[address] -= 1
        if not self._inside[address]:
            del self._inside[address]

    def waits(self, guest: object, close: Callable[[], None]) -> None:
        """A connection is between two requests; it may be closed to make room."""
        self._idle[guest] = close

    def works(self, guest: object) -> None:
        """A connection has a request in work."""
        self._idle.pop(guest, None)

    def _make_room(self) -> bool:
        if not self._idle:
            return False
        _, close = self._idle.popitem(last=False)
        close()
        return True

    def _exempt(self, address: str) -> bool:
        try:
            parsed = ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self._limits.exempt)
