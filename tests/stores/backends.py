"""The stores that one shared suite runs over. A store adds a row here."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

BACKENDS: Final[dict[str, Callable[[Path], str]]] = {
    "memory": lambda _: "memory:",
    "sqlite": lambda folder: f"sqlite:///{folder / 'facade.db'}",
}
"""Name -> the address of a fresh store, given an empty folder."""
