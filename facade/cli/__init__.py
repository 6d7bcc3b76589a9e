"""The command line: one module per command, each a function named `command`.

May import everything below `__main__`. A command reads its arguments, asks a room, and shows what came back; it holds
no rule of its own. Results go to standard output, everything else to standard error. A command that fails says why in
one line: what, where, and the mend; exit code 2 for a wrong command line, 1 for everything else.

Choices: commands are imported when they are used, so that `facade --help` and the container's probe do not pay for the
planner. The price is the table in `app.py`, which a test compares with the modules.
"""

from facade.cli.app import COMMANDS, run

__all__ = ["COMMANDS", "run"]
