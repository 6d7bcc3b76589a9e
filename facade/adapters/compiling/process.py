"""One run of the worker process, seen from outside: start, feed, listen, and end it when it takes too much."""

import math
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from threading import Event, Timer
from typing import Any, Final

import orjson

from facade.adapters.compiling.records import MIB, Limits, Order
from facade.adapters.compiling.worker import CONTRACT, ERROR, INDEX, LENGTH
from facade.kernel import DescriptionInvalid, FacadeError, Finding, SettingsInvalid, Severity

COMMAND: Final = (sys.executable, "-P", "-m", "facade.adapters.compiling.worker")
"""`-P`: nothing that happens to lie in the working folder is imported."""
_HEAD: Final = 1 + LENGTH
_CHUNK: Final = 256 * 1024


class Run:
    """One order, done by one process. `run` blocks: call it in a thread; `end` may be called from any other."""

    def __init__(self, limits: Limits, command: Sequence[str] = COMMAND) -> None:
        self._limits = limits
        self._command = (*command, str(limits.memory_bytes), str(max(1, math.ceil(limits.time_s))))
        self._late = Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._ended = Event()

    def run(self, order: Order) -> Mapping[bytes, bytes]:
        """The frames of the answer by kind.

        Raises:
            DescriptionInvalid, SettingsInvalid: what the worker says of the description, or which bound it met.
        """
        place = order.source.place if order.source is not None else "the operations"
        raw = pickle.dumps(order, protocol=5)
        environment = {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
        with subprocess.Popen(  # noqa: S603 - our own interpreter and module
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        ) as process:
            self._process = process
            if self._ended.is_set():
                process.kill()
            timer = Timer(self._limits.time_s, self._expire)
            timer.daemon = True
            timer.start()
            try:
                _feed(process, raw)
                held, whole = self._heard(process)
                status = process.wait()
            finally:
                timer.cancel()
                process.kill()
        return self._read(held if whole else None, status, place)

    def end(self) -> None:
        """Give up, from another thread: the run then fails soon."""
        self._ended.set()
        if self._process is not None:
            self._process.kill()

    def _expire(self) -> None:
        self._late.set()
        self.end()

    def _heard(self, process: subprocess.Popen[bytes]) -> tuple[bytearray, bool]:
        """What it sent, and whether that is all: one that sends too much is ended."""
        held = bytearray()
        if process.stdout is None:
            return held, True
        while chunk := os.read(process.stdout.fileno(), _CHUNK):
            held += chunk
            if len(held) > self._limits.result_bytes:
                process.kill()
                return held, False
        return held, True

    def _read(self, held: bytearray | None, status: int, place: str) -> Mapping[bytes, bytes]:
        limits = self._limits
        if self._late.is_set() or status == -signal.SIGXCPU:
            raise DescriptionInvalid(
                f"{place}: could not be read within {limits.time_s:g} s; split it, or raise `compiling.time_s`."
            )
        if held is None:
            raise DescriptionInvalid(
                f"{place}: its contract is larger than {limits.result_bytes // MIB} MiB; split it into several APIs."
            )
        if status != 0:
            raise DescriptionInvalid(
                f"{place}: the process that read it ended by {_ending(status)}; it may need more than the "
                f"{limits.memory_bytes // MIB} MiB of `compiling.memory_mb`."
            )
        frames = _frames(memoryview(held))
        if ERROR in frames:
            raise self._refused(frames[ERROR], place)
        if not frames:
            raise _nonsense(place)
        return frames

    def _refused(self, raw: bytes, place: str) -> FacadeError:
        try:
            return self._refusal(orjson.loads(raw), place)
        except (ValueError, TypeError, KeyError, AttributeError):
            return _nonsense(place)

    def _refusal(self, told: Mapping[str, Any], place: str) -> FacadeError:
        detail = str(told.get("detail", ""))
        detail = detail if place in detail else f"{place}: {detail}"
        findings = tuple(_finding(each) for each in told.get("findings", ()))
        if told.get("kind") == SettingsInvalid.code:
            return SettingsInvalid(detail, findings=findings)
        if told.get("kind") == DescriptionInvalid.code:
            return DescriptionInvalid(detail, findings=findings)
        if told.get("kind") == "memory":
            most = self._limits.memory_bytes // MIB
            return DescriptionInvalid(
                f"{place}: could not be read within {most} MiB of memory; split it, or raise `compiling.memory_mb`."
            )
        return DescriptionInvalid(f"{detail}: a fault of ours, which kept it from being compiled.")


def _nonsense(place: str) -> DescriptionInvalid:
    return DescriptionInvalid(f"{place}: the process that read it answered nothing that is understood.")


def _feed(process: subprocess.Popen[bytes], raw: bytes) -> None:
    """A worker that is gone already tells why by its status."""
    if process.stdin is not None:
        try:
            process.stdin.write(raw)
            process.stdin.close()
        except BrokenPipeError:
            pass


def _frames(held: memoryview) -> dict[bytes, bytes]:
    """Frames by kind; none when the bytes are not whole frames of the kinds we know."""
    frames: dict[bytes, bytes] = {}
    at = 0
    while at < len(held):
        kind, length = bytes(held[at : at + 1]), int.from_bytes(held[at + 1 : at + _HEAD], "big")
        at += _HEAD + length
        if kind not in {CONTRACT, INDEX, ERROR} or at > len(held):
            return {}
        frames[kind] = bytes(held[at - length : at])
    return frames


def _finding(row: Mapping[str, str]) -> Finding:
    return Finding(code=row["code"], place=row["place"], message=row["message"], severity=Severity(row["severity"]))


def _ending(status: int) -> str:
    try:
        return signal.Signals(-status).name
    except ValueError:
        return f"status {status}"
