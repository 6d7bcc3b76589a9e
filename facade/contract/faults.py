"""How one unusable part of a description stops its operation and nothing else."""

from facade.kernel import Finding, Severity


class Broken(Exception):
    """This part of the description cannot be used. Caught where an operation is read; never leaves the room."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


def broken(code: str, place: str, message: str) -> Broken:
    """An error that keeps the operation at `place` (a JSON pointer) from agents."""
    return Broken(Finding(code=code, place=place, message=message))


def warning(code: str, place: str, message: str) -> Finding:
    """A remark that keeps nothing from anybody."""
    return Finding(code=code, place=place, message=message, severity=Severity.WARNING)
