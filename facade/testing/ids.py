"""Identifiers that tests can name."""


class FakeIds:
    """`Ids` that count: well-formed UUIDv7 texts, ...-000000000001 first."""

    def __init__(self) -> None:
        self._count = 0

    def new(self) -> str:
        """The next one."""
        self._count += 1
        return fake_id(self._count)


def fake_id(number: int) -> str:
    """The identifier that `FakeIds` gives as its `number`th."""
    return f"00000000-0000-7000-8000-{number:012d}"
