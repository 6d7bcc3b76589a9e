"""Descriptions -> contracts and the index for planning over them, in a process of its own, bounded, and kept.

A description is untrusted, and what reading it costs cannot be told beforehand. So it is read by a worker under bounds
of time and memory, which is ended when it meets one of them; what comes back is read under a bound of size. What was
compiled once is kept by the hash of all that it depends on.

Choices: the worker is a bare interpreter with one module rather than `multiprocessing`, whose spawn also starts a
resource tracker and imports our main module again. It is started for each order, so that what one description leaves
behind (memory, a wedged parser) cannot meet the next. Contracts travel and are kept as pickles, the one form that is
fast enough for a million records; `pickles` bounds what they may name. What would reopen this: descriptions that
change every second.
"""

from facade.adapters.compiling.cache import Cache
from facade.adapters.compiling.compiler import Compiler, key_of
from facade.adapters.compiling.records import MIB, Edition, Limits, Order, Source

__all__ = ["MIB", "Cache", "Compiler", "Edition", "Limits", "Order", "Source", "key_of"]
