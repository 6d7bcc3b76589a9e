"""How descriptions are read, and when they are read again."""

from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, ValidationInfo, WithJsonSchema

from facade.config.section import Section, surroundings_of


def _folder(value: object, info: ValidationInfo) -> object:
    if value is False or value == "off":
        return None
    return surroundings_of(info).base_dir / value if isinstance(value, str) and value else value


Folder = Annotated[Path | None, BeforeValidator(_folder), WithJsonSchema({"type": "string"})]
"""A folder relative to the settings file, or `off`."""


class CompilingSettings(Section):
    """Reading descriptions: in a process of its own that is ended when it takes too much, and kept when it is done."""

    cache: Folder = Field(default="facade.cache", validate_default=True)
    """Folder of compiled descriptions, for this user alone, so that the next start is quick; `off` keeps none."""
    cache_mb: int = Field(default=512, ge=1, le=65_536)
    """Most megabytes in it; what was used longest ago makes room."""
    time_s: float = Field(default=60, ge=1, le=3600)
    """Longest time that one description may take, in seconds."""
    memory_mb: int = Field(default=2048, ge=256, le=65_536)
    """Most memory that one description may take, in megabytes."""


class ReloadSettings(Section):
    """Reading descriptions again while we serve. SIGHUP always does so, and reads this file again as well."""

    watch: bool = True
    """Look whether a description's file has changed; a change counts once the file has stayed still for one look."""
    interval_s: float = Field(default=5, ge=0.1, le=86_400)
    """How often files are looked at, in seconds."""
    fetch_s: float = Field(default=300, ge=0, le=86_400)
    """How often a description at an address is asked for again, in seconds; only what has changed is sent. 0: never."""
