"""What is looked at on a page; see `look.js`."""

from pathlib import Path
from typing import Final

LOOK: Final = Path(__file__).with_name("look.js").read_text(encoding="utf-8").partition("\n")[2]
"""A function that gives a list of what is wrong."""
