"""Run the facade's commands as a user would."""

import subprocess
import sys


def run_facade(*args: str) -> str:
    """Run one command to its end and return what it printed."""
    command = [sys.executable, "-m", "facade", *args]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 - our own program
