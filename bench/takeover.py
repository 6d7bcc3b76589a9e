"""Ten facades take over from each other on one port, under load: every request is answered."""

import asyncio
import tempfile
from pathlib import Path

from tests.serving.takeover import taken_over

ROUNDS = 10


def main() -> None:
    """Print what clients met."""
    with tempfile.TemporaryDirectory() as folder:
        met = asyncio.run(taken_over(Path(folder), rounds=ROUNDS))
    failed = sum(count for what, count in met.items() if what != "200")
    print(f"{ROUNDS} takeovers, {met['200']} answers, {failed} failures {dict(met) if failed else ''}")


if __name__ == "__main__":
    main()
