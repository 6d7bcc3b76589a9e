"""Run the help desk: `python -m facade.demo.helpdesk --port 0`.

When it listens it prints one JSON line with its address and its accounts' keys. SIGTERM
and SIGINT stop it. Its day is `--today` and its clock starts there at nine, so that the
planted rows are as old as they were yesterday; the access log alone tells the real time.
"""

import argparse
import asyncio
import json
import signal
import sqlite3
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path

from aiohttp import web

from facade.demo.helpdesk.access_log import AccessLog
from facade.demo.helpdesk.app import build_app
from facade.demo.helpdesk.seed import ANCHOR, plant
from facade.demo.helpdesk.store import Store

OPENING = time_of_day(9, tzinfo=UTC)
SHUTDOWN_S = 5.0


def arguments(argv: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m facade.demo.helpdesk", description="A legacy help desk.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0 takes a free one")
    parser.add_argument("--database", default=":memory:", help="SQLite file, made when missing")
    parser.add_argument("--access-log", type=Path, help="file to append one JSON line a request to")
    parser.add_argument("--seed", type=int, default=1, help="which rows to plant in a new database")
    parser.add_argument("--today", type=date.fromisoformat, default=ANCHOR, help="the desk's day")
    return parser.parse_args(argv)


def demo_clock(today: date) -> Callable[[], datetime]:
    """A clock that shows nine o'clock of `today` now, and runs on from there."""
    opening = datetime.combine(today, OPENING)
    started = time.monotonic()
    return lambda: opening + timedelta(seconds=time.monotonic() - started)


def wall_clock() -> datetime:
    """The real time, for the access log."""
    return datetime.now(UTC)  # noqa: TID251 - a program of its own, and this is where it reads the clock


async def serve(options: argparse.Namespace, store: Store, log: AccessLog | None) -> None:
    """Serve until a signal comes."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    app = build_app(store, clock=demo_clock(options.today), log=log)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_S)
    await runner.setup()
    try:
        await web.TCPSite(runner, options.host, options.port).start()
        port = runner.addresses[0][1]
        accounts = [dict(row) for row in store.rows("SELECT id, name, key FROM accounts ORDER BY id")]
        sys.stdout.write(json.dumps({"url": f"http://{options.host}:{port}", "accounts": accounts}) + "\n")
        sys.stdout.flush()
        await stop.wait()
    finally:
        await runner.cleanup()


def main(argv: Sequence[str]) -> int:
    """Open the database and the log, plant, serve; one line and status 1 when that fails."""
    options = arguments(argv)
    try:
        with ExitStack() as stack:
            store = stack.enter_context(closing(Store(options.database)))
            plant(store, seed=options.seed, today=options.today)
            log = stack.enter_context(AccessLog(options.access_log, wall_clock)) if options.access_log else None
            asyncio.run(serve(options, store, log))
    except (OSError, OverflowError, sqlite3.Error) as error:
        sys.stderr.write(f"help desk: cannot start: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
