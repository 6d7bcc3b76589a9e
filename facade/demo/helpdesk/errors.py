"""The one error of this application, in the form its clients have always seen."""


class Refusal(Exception):
    """A request that is not carried out.

    Args:
        status: HTTP status to answer with.
        code: stable word for programs.
        message: one sentence for people.
        field: the offending field or parameter, where there is one.
    """

    def __init__(self, status: int, code: str, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.field = field


def invalid(field: str, message: str, code: str = "invalid") -> Refusal:
    """Refuse one field or parameter (422)."""
    return Refusal(422, code, message, field)


def missing(noun: str, key: str) -> Refusal:
    """Refuse an id that this account does not have (404), whoever else has it."""
    return Refusal(404, "not_found", f"No {noun} {key!r} in this account.")


def conflict(code: str, message: str) -> Refusal:
    """Refuse what the present state does not allow (409)."""
    return Refusal(409, code, message)
