"""The one model that frontends choose. Source: OpenAI API reference, "The model object"."""

from facade.kernel import Json

_CREATED = 1_767_225_600
"""A fixed moment (2026-01-01): clients sort by it and nothing else, and no model was made."""


def model_card(model: str) -> dict[str, Json]:
    """One model."""
    return {"id": model, "object": "model", "created": _CREATED, "owned_by": "facade"}


def model_list(model: str) -> dict[str, Json]:
    """All of them."""
    return {"object": "list", "data": [model_card(model)]}
