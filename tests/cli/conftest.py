from pathlib import Path

import pytest
import yaml

from tests.cli.settings_files import small
from tests.cli.terminals import Facade, facade_in


@pytest.fixture
def facade(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Facade:
    """`facade` in a folder that holds a small shop's settings and description."""
    settings = small(tmp_path)
    (tmp_path / "facade.yaml").write_text(yaml.safe_dump(settings))
    return facade_in(tmp_path, monkeypatch, capsys)
