"""One run of a worker that is not what it should be: each ends in one clear error, and none holds us up for good."""

from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from facade.adapters.compiling import MIB, Compiler, Limits
from facade.kernel import DescriptionInvalid
from tests.adapters.compiling.samples import source, worker
from tests.requirements import requirement

READ = "import os, signal, sys\nsys.stdin.buffer.read()\nsend = sys.stdout.buffer.write\n"


def error(kind: str) -> str:
    """A line of the stand-in that sends an error."""
    raw = orjson.dumps({"kind": kind, "detail": "x"})
    return f"send(b'E' + ({len(raw)}).to_bytes(8, 'big') + {raw!r})"


FRAME = "send(b'C' + (3).to_bytes(8, 'big') + b'abc')\n"


def refusal(code: str, folder: Path, limits: Limits | None = None) -> str:
    """What a worker that runs this code is told to have done."""
    with pytest.raises(DescriptionInvalid) as caught:
        Compiler(limits or Limits(), command=worker(code, folder)).contract(source())
    return caught.value.detail


@requirement("compiling:worker:broken")
@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("raise SystemExit(3)", "ended by status 3"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "ended by SIGSEGV"),
        ("import os; os.abort()", "ended by SIGABRT"),
        (READ, "answered nothing that is understood"),
        (READ + "send(b'C' + bytes(3))", "answered nothing that is understood"),
        (READ + "send(b'C' + (2**40).to_bytes(8, 'big') + b'abc')", "answered nothing that is understood"),
        (READ + "send(b'Z' + (0).to_bytes(8, 'big'))", "answered nothing that is understood"),
        (READ + FRAME, "answered nothing that is understood"),
        (READ + FRAME + "sys.stdout.flush(); os.kill(os.getpid(), signal.SIGKILL)", "ended by SIGKILL"),
        (READ + error("memory"), "within 2048 MiB of memory"),
        (READ + error("defect"), "a fault of ours"),
        (READ + "send(b'E' + (2).to_bytes(8, 'big') + b'no')", "answered nothing that is understood"),
        (READ + "send(b'E' + (2).to_bytes(8, 'big') + b'[]')", "answered nothing that is understood"),
    ],
)
def test_a_worker_that_breaks_or_lies_is_told_in_one_line(code: str, told: str, tmp_path: Path) -> None:
    message = refusal(code, tmp_path)
    assert message.startswith("main.json: ")
    assert told in message
    assert "\n" not in message


@requirement("compiling:worker:broken", "compiling:bounds")
@pytest.mark.parametrize(
    "code",
    [
        "import time; time.sleep(600)",
        READ + "sys.stdout.close(); os.close(1); signal.pause()",
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)",
    ],
    ids=["reads nothing", "closes and stays", "ignores requests to end"],
)
def test_a_worker_that_hangs_is_ended_when_its_time_is_over(code: str, tmp_path: Path) -> None:
    assert "could not be read within 0.2 s" in refusal(code, tmp_path, replace(Limits(), time_s=0.2))


@requirement("compiling:worker:broken", "compiling:bounds")
def test_a_worker_that_floods_us_is_ended(tmp_path: Path) -> None:
    flood = READ + "while True: send(bytes(65536))"
    assert "larger than 1 MiB" in refusal(flood, tmp_path, replace(Limits(), result_bytes=MIB))


def test_a_worker_that_talks_on_its_error_stream_does_not_wait_for_a_reader(tmp_path: Path) -> None:
    assert "status 5" in refusal("import sys; sys.stderr.write('x' * 10**6); sys.exit(5)", tmp_path)
