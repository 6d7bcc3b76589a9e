"""`facade`, and `python -m facade`: the only reader of the process environment."""

import gc
import os
import sys

from facade.cli import run

_COLLECTING = (50_000, 20, 20)
"""New objects before the young are collected, and how many such rounds before the older ones are: starting makes a
million objects and hardly a cycle, and so do requests; with its defaults the collector took a fifth of a start."""


def main() -> None:
    """Run the command line and end the process with its exit code."""
    gc.set_threshold(*_COLLECTING)
    sys.exit(run(sys.argv[1:], environ=os.environ))


if __name__ == "__main__":
    main()
