"""The libraries of the extra `facade[test]`, imported when they are needed."""

from importlib import import_module
from typing import Any

from facade.kernel import InvalidRequest

INSTALL = "pip install 'facade[test]'"


def extra(module: str) -> Any:
    """A module of the extra.

    Raises:
        InvalidRequest: it is not installed; names the command that mends it.
    """
    try:
        return import_module(module)
    except ImportError as error:
        missing = error.name or module
        raise InvalidRequest(f"Contract tests need {missing.partition('.')[0]}: {INSTALL}.") from error
