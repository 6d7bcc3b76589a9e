"""The worker process: one order from standard input, its frames to standard output, nothing else.

It bounds itself before it reads a byte, sees none of our environment, and is our own code throughout; only the
description that it reads is not. A frame is one byte of kind, eight bytes of length (big-endian), and that many bytes.
"""

import gc
import os
import pickle
import resource
import sys
import traceback
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, BinaryIO, Final

import orjson

from facade.adapters.compiling.pickles import dumped, loaded
from facade.adapters.compiling.records import Order
from facade.contract import Contract, compile_contract, parse
from facade.kernel import DescriptionInvalid, Finding, SettingsInvalid
from facade.plan import index_of

CONTRACT: Final = b"C"
INDEX: Final = b"I"
ERROR: Final = b"E"
LENGTH: Final = 8

Frame = tuple[bytes, bytes]


def main(arguments: Sequence[str], orders: BinaryIO, answers: BinaryIO) -> None:
    """Bound this process, then do what the order says.

    Args:
        arguments: the most bytes of address space, and the most seconds of processor time.
    """
    memory_bytes, time_s = map(int, arguments)
    _bound(memory_bytes, time_s)
    gc.disable()  # nearly all that is made here is kept; what is not is gone in a moment with the process
    for kind, payload in answered(orders.read()):
        answers.write(kind + len(payload).to_bytes(LENGTH, "big"))
        answers.write(payload)
    answers.flush()


def answered(order: bytes) -> Iterator[Frame]:
    """The frames that answer an order; an error is a frame too."""
    try:
        yield from _done(pickle.loads(order))  # noqa: S301 - from the process that started us
    except MemoryError:
        yield ERROR, orjson.dumps({"kind": "memory"})
    except (DescriptionInvalid, SettingsInvalid) as error:
        findings = [_told(finding) for finding in error.findings]
        yield ERROR, orjson.dumps({"kind": error.code, "detail": error.detail, "findings": findings})
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told and not lost
        yield ERROR, orjson.dumps({"kind": "defect", "detail": _place(error)})


def _done(order: Order) -> Iterator[Frame]:
    contracts = [loaded(known, Contract) for known in order.known]
    if order.source is not None:
        source = order.source
        document = parse(source.raw, place=source.place)
        contracts.append(compile_contract(document, api=source.api, settings=source.settings))
        yield CONTRACT, dumped(contracts[-1])
    if order.index:
        yield INDEX, dumped(index_of(chain.from_iterable(c.operations.values() for c in contracts)))


def _told(finding: Finding) -> dict[str, Any]:
    return {"code": finding.code, "place": finding.place, "message": finding.message, "severity": finding.severity}


def _place(error: Exception) -> str:
    """What went wrong and where in our code; never what the description says."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{where}"


def _bound(memory_bytes: int, time_s: int) -> None:
    for which, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, time_s),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(which)
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(which, (least, least))


if __name__ == "__main__":
    with os.fdopen(os.dup(1), "wb") as _answers:
        os.dup2(2, 1)  # whatever a library prints is not a part of the answer
        main(sys.argv[1:], sys.stdin.buffer, _answers)
