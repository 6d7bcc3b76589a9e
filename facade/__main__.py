"""`facade`, and `python -m facade`: the only reader of the process environment."""

import os
import sys

from facade.cli import run


def main() -> None:
    """Run the command line and end the process with its exit code."""
    sys.exit(run(sys.argv[1:], environ=os.environ))


if __name__ == "__main__":
    main()
