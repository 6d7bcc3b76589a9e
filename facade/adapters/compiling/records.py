"""What compiling apart speaks of: sources, the bounds of one run, and what comes of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from facade.contract import Contract, ContractSettings
from facade.plan import Index

MIB = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one run of the worker may cost; past any of these it is ended.

    Attributes:
        time_s: of the processor, and on the clock.
        memory_bytes: of address space.
        result_bytes: of what it sends back.
    """

    time_s: float = 60
    memory_bytes: int = 2048 * MIB
    result_bytes: int = 512 * MIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A description and everything that shapes its contract.

    Attributes:
        place: the file or address it came from, for messages.
    """

    raw: bytes
    place: str
    api: str
    settings: ContractSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What one run is asked for.

    Attributes:
        source: a description to compile; None for none.
        known: pickled contracts that are compiled already.
        index: also make the index for planning over all of them.
    """

    source: Source | None = None
    known: tuple[bytes, ...] = ()
    index: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """Contracts by API name, and the index that was made over exactly these."""

    contracts: Mapping[str, Contract]
    index: Index
