from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for every facade of the session, so that its description is compiled once."""
    return tmp_path_factory.mktemp("facades")
