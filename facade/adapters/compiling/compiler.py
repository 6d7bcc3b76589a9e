"""Sources -> contracts and the index over them: from the cache where possible, else from the worker."""

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from platform import python_version
from threading import Lock
from types import TracebackType
from typing import Final, Self, TypeVar

import orjson

import facade
from facade.adapters.compiling.cache import Cache
from facade.adapters.compiling.pickles import Unreadable, loaded
from facade.adapters.compiling.process import COMMAND, Run
from facade.adapters.compiling.records import Edition, Limits, Order, Source
from facade.adapters.compiling.worker import CONTRACT, INDEX
from facade.contract import Contract
from facade.kernel import DescriptionInvalid
from facade.plan import Index

_T = TypeVar("_T")
_ROOMS: Final = ("contract", "kernel", "plan")


class Compiler:
    """Compiles apart. Blocks: call it in a thread. Leaving it ends what is still running.

    Args:
        cache: None keeps nothing.
        command: starts the worker.
    """

    def __init__(self, limits: Limits, cache: Cache | None = None, *, command: Sequence[str] = COMMAND) -> None:
        self._limits = limits
        self._command = command
        self._cache = cache
        self._lock = Lock()
        self._running: set[Run] = set()
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with self._lock:
            self._closed = True
            for run in self._running:
                run.end()

    def contract(self, source: Source) -> Contract:
        """The contract of one description.

        Raises:
            DescriptionInvalid, SettingsInvalid.
        """
        return self._made(source).contract

    def edition(self, sources: Sequence[Source]) -> Edition:
        """The contracts of all descriptions, and the index for planning over them.

        Raises:
            DescriptionInvalid, SettingsInvalid: of the first that cannot be used.
        """
        key = _hashed("index", *(key_of(source) for source in sources))
        kept = self._kept(key, Index)
        index = kept[1] if kept is not None else None
        alone = index is None and len(sources) == 1
        made = [self._made(source, index_key=key if alone else None) for source in sources]
        index = index or made[0].index or self._indexed(key, tuple(each.raw for each in made))
        return Edition(contracts={each.contract.api: each.contract for each in made}, index=index)

    def _made(self, source: Source, *, index_key: str | None = None) -> "_Made":
        """The contract, and the index over it alone where one is asked for and it is made at all."""
        key = key_of(source)
        with self._alone(key):
            kept = self._kept(key, Contract)
            if kept is not None:
                return _Made(raw=kept[0], contract=kept[1])
            return self._compiled(source, key, index_key)

    def _compiled(self, source: Source, key: str, index_key: str | None) -> "_Made":
        frames = self._run(Order(source=source, index=index_key is not None))
        raw = frames.get(CONTRACT, b"")
        contract = self._fresh(key, raw, Contract, source.place)
        index = self._fresh(index_key, frames.get(INDEX, b""), Index, source.place) if index_key is not None else None
        return _Made(raw=raw, contract=contract, index=index)

    def _indexed(self, key: str, known: tuple[bytes, ...]) -> Index:
        kept = self._kept(key, Index)  # by another process, meanwhile
        if kept is not None:
            return kept[1]
        raw = self._run(Order(known=known, index=True)).get(INDEX, b"")
        return self._fresh(key, raw, Index, "the operations")

    def _alone(self, key: str) -> AbstractContextManager[None]:
        """Where this must be compiled: after whoever does so already, who may keep just what is wanted."""
        if self._cache is None or self._cache.has(key):
            return nullcontext()
        return self._cache.alone(lambda: self._closed)

    def _run(self, order: Order) -> Mapping[bytes, bytes]:
        run = Run(self._limits, self._command)
        with self._lock:
            if self._closed:
                run.end()
            self._running.add(run)
        try:
            return run.run(order)
        finally:
            with self._lock:
                self._running.discard(run)

    def _kept(self, key: str, kind: type[_T]) -> tuple[bytes, _T] | None:
        raw = self._cache.find(key) if self._cache is not None else None
        if raw is None or self._cache is None:
            return None
        try:
            return raw, loaded(raw, kind)
        except Unreadable:
            self._cache.forget(key)
            return None

    def _fresh(self, key: str, raw: bytes, kind: type[_T], place: str) -> _T:
        try:
            value = loaded(raw, kind)
        except Unreadable as error:
            message = f"{place}: the process that read it answered nothing that is understood ({error})."
            raise DescriptionInvalid(message) from error
        if self._cache is not None:
            self._cache.keep(key, raw)
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    raw: bytes
    contract: Contract
    index: Index | None = None


def key_of(source: Source) -> str:
    """The hash of everything that a contract depends on: description, settings, our code, and what it runs on."""
    settings = orjson.dumps(asdict(source.settings), option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    body = hashlib.sha256(source.raw).hexdigest()
    return _hashed("contract", body, source.api, settings.decode())


def _hashed(*parts: str) -> str:
    return hashlib.sha256(orjson.dumps([_surroundings(), *parts])).hexdigest()


@cache
def _surroundings() -> str:
    """Our version, and the sizes and times of the modules that make and shape what is kept: a change in the code of a
    checkout is not followed by another version."""
    root = Path(facade.__file__).parent
    code = [
        (str(path.relative_to(root)), found.st_size, found.st_mtime_ns)
        for room in _ROOMS
        for path in sorted((root / room).rglob("*.py"))
        if (found := path.stat())
    ]
    parts = [facade.__version__, python_version(), version("jsonschema-rs"), code]
    return hashlib.sha256(orjson.dumps(parts)).hexdigest()
