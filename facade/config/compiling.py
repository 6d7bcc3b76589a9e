"""Settings -> the compiler of descriptions. Not among the room's other names: it brings planning along."""

from facade.adapters.compiling import MIB, Cache, Compiler, Limits
from facade.config.settings import Settings


def compiler_of(settings: Settings) -> Compiler:
    """Compiles apart, within the settings' bounds, and keeps where they say."""
    compiling = settings.compiling
    limits = Limits(time_s=compiling.time_s, memory_bytes=compiling.memory_mb * MIB)
    cache = Cache(compiling.cache, most_bytes=compiling.cache_mb * MIB) if compiling.cache is not None else None
    return Compiler(limits, cache)
