"""What an entry says."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Requirement:
    """`source` is a design section, a catalogue id such as SEC-JWT-01, or a specification."""

    sentence: str
    source: str
