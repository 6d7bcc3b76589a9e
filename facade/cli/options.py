"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

SettingsFile = Annotated[
    Path, typer.Option("--config", "-c", help="The settings file.", metavar="FILE", show_default=True)
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
"""Machine-readable output."""

DEFAULT_FILE = Path("facade.yaml")
