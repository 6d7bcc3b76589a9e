"""What every store says when a conversation has moved on."""

from facade.kernel import InvalidRequest


def outrun() -> InvalidRequest:
    """The refusal of an append to a version that is not the latest."""
    return InvalidRequest(
        "Another turn was added to this conversation meanwhile; send yours again.", place="conversation"
    )
