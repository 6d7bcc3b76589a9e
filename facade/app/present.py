"""The ports of the moment: entrances ask here with every request, a reload puts others in their place."""

from facade.ports import Ports


class Present:
    """Holds the present ports. A request that has begun keeps the ones it was given."""

    __slots__ = ("_ports",)

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    def __call__(self) -> Ports:
        """The ports for a request that begins now."""
        return self._ports

    def replace(self, ports: Ports) -> None:
        """From now on these."""
        self._ports = ports
