"""Contracts and indexes <-> bytes.

Reading a pickle calls what the pickle names, so ours may name little: records of the pure rooms, which do no I/O, and
the few builtins that they are made of. A file or a worker that was tampered with can then make a wrong record, but not
reach the machine through this door; who may write the file at all is `cache`'s care.
"""

import gc
import io
import pickle
import re
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from enum import Enum
from threading import Lock
from typing import Any, Final, TypeVar

from facade.plan.lexicon import ENGLISH, Lexicon

_T = TypeVar("_T")
_LEXICONS: Final = {lexicon.language: lexicon for lexicon in (ENGLISH,)}
_ROOMS: Final = ("facade.contract.", "facade.kernel.", "facade.plan.")
_LARGE: Final = 2**20
"""Bytes from which a pickle's records are worth settling."""
_BESIDES: Final = frozenset(
    {("builtins", "frozenset"), ("builtins", "set"), (__name__, "lexicon_named"), (__name__, "pattern_of")}
)


class Unreadable(Exception):
    """These bytes are nothing that we wrote. Never leaves the adapter."""


def dumped(value: object) -> bytes:
    """The value as bytes that `loaded` reads."""
    held = io.BytesIO()
    pickler = pickle.Pickler(held, protocol=5)
    pickler.dispatch_table = {**_WRITTEN, **dict.fromkeys(_enums(Enum), _by_value)}
    pickler.dump(value)
    return held.getvalue()


def loaded(raw: bytes, kind: type[_T]) -> _T:
    """The value in the bytes. Takes about a second for the largest descriptions, most of it outside Python's lock.

    Raises:
        Unreadable: not a pickle, not of this kind, or it names what it must not.
    """
    try:
        with _COLLECTOR.resting(settle=len(raw) > _LARGE):
            value = _Unpickler(io.BytesIO(raw)).load()
    except Exception as error:
        raise Unreadable(type(error).__name__) from error
    if not isinstance(value, kind):
        raise Unreadable(type(value).__name__)
    return value


def lexicon_named(language: str) -> Lexicon:
    """Lexicons are compared by identity, so they travel by name."""
    return _LEXICONS[language]


def pattern_of(text: str, flags: int) -> re.Pattern[str]:
    """Patterns are compiled where they are read."""
    return re.compile(text, flags)


_WRITTEN: Final[Mapping[type[Any], Callable[[Any], tuple[Any, ...]]]] = {
    Lexicon: lambda lexicon: (lexicon_named, (lexicon.language,)),
    re.Pattern: lambda pattern: (pattern_of, (pattern.pattern, pattern.flags)),
}


def _by_value(member: Enum) -> tuple[Any, ...]:
    return type(member), (member.value,)


def _enums(base: type[Enum]) -> Iterator[type[Enum]]:
    """Enumerations of our rooms. Some releases of Python 3.11 would write their members as a call of `getattr`."""
    for each in base.__subclasses__():
        if each.__module__.startswith(_ROOMS):
            yield each
        yield from _enums(each)


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _BESIDES:
            if not module.startswith(_ROOMS) or "." in name:
                raise Unreadable(f"{module}.{name}")
            if getattr(super().find_class(module, name), "__module__", None) != module:
                raise Unreadable(f"{module}.{name}")
        return super().find_class(module, name)


class _Collector:
    """Garbage collection, at rest while records are made: nothing of them is garbage, and a walk through a million of
    them would hold everything else up. So would the first walk afterwards: what is large is settled, once and for all,
    as a start settles what it made. Reference counts free it in the end."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._resting = 0

    @contextmanager
    def resting(self, *, settle: bool) -> Generator[None]:
        if settle:
            gc.collect(1)  # young garbage that happens to lie about would be settled too
        self._count(1)
        try:
            yield
        finally:
            if settle:
                gc.freeze()
            self._count(-1)

    def _count(self, by: int) -> None:
        with self._lock:
            self._resting += by
            if self._resting:
                gc.disable()
            else:
                gc.enable()


_COLLECTOR: Final = _Collector()
