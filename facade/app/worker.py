"""One of several serving processes: `python -m facade.app.worker`, started by `supervising` and by nobody else."""

import os
import pickle
import signal
import socket
import sys
import threading

import uvloop

from facade.app.opened import Among
from facade.app.running import served
from facade.app.supervising import Start
from facade.kernel import FacadeError


def main() -> int:
    """Serve until told to stop, or until the parent is gone."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until there is something to reload
    start = pickle.load(sys.stdin.buffer)  # noqa: S301 - our own parent's words, see `supervising`
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        uvloop.run(_served(start))
    except FacadeError as error:
        print(f"facade: worker {start.number}: {error.detail}", file=sys.stderr)  # noqa: T201 - the last words
        return 1
    return 0


async def _served(start: Start) -> None:
    sockets = [socket.socket(fileno=number) for number in start.sockets]
    limiter = socket.socket(fileno=start.limiter)
    limiter.setblocking(False)
    among = Among(number=start.number, limiter=limiter, metrics=start.metrics)
    await served(start.settings, sockets, _say_ready, among=among, again=start.again)


def _say_ready() -> None:
    print("ready", flush=True)  # noqa: T201 - what the parent waits for


def _end_with_parent() -> None:
    """The parent never writes again; the end of the stream is its end. Read below Python's buffer: a thread that held
    its lock would make the interpreter abort when it shuts down."""
    os.read(sys.stdin.fileno(), 1)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
