"""One writer a folder."""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from facade.kernel import Finding, SettingsInvalid

_OWNER_ONLY: Final = 0o600


@contextmanager
def sole_writer(folder: Path) -> Generator[None]:
    """Make the folder and hold it alone; a killed holder lets go by dying.

    Raises:
        SettingsInvalid: another process holds it, or it cannot be written.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(folder / "lock", os.O_CREAT | os.O_RDWR, _OWNER_ONLY)
    except OSError as error:
        raise _refused(folder, error.strerror or "no access", "name a folder that this user may write") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise _refused(folder, "another facade process writes to it", "give each its own folder") from error
    try:
        yield
    finally:
        os.close(descriptor)


def _refused(folder: Path, reason: str, mend: str) -> SettingsInvalid:
    message = f"The journal folder {folder} cannot be used: {reason}; {mend}."
    finding = Finding(code="journal.unusable", place="ledger.journal", message=message)
    return SettingsInvalid(message, findings=(finding,))
