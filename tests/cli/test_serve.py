"""`facade serve`: what cannot start says so and leaves nothing behind. Running facades are in tests/e2e."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.cli.settings_files import bent, small
from tests.cli.terminals import Ran
from tests.requirements import requirement


def serve(folder: Path, settings: dict[str, object]) -> Ran:
    """`facade serve` in a process of its own, because it takes over the process's signals and log."""
    (folder / "facade.yaml").write_text(yaml.safe_dump(settings))
    command = [sys.executable, "-m", "facade", "serve"]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)  # noqa: S603 - ours
    return Ran(ran.returncode, ran.stdout, ran.stderr)


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


@requirement("cli:errors:one-line", "invariant:errors:clear")
def test_a_port_that_is_taken_is_told_in_one_line(tmp_path: Path, taken: int) -> None:
    ran = serve(tmp_path, bent(small(tmp_path), "listen.port", taken))
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.splitlines()[-1].startswith(f"facade: listen: cannot listen on 127.0.0.1:{taken}: ")


@requirement("invariant:errors:clear")
def test_every_wrong_setting_is_told_and_nothing_is_started(tmp_path: Path) -> None:
    ran = serve(tmp_path, bent(bent(small(tmp_path), "tirs", {}), "listen.port", -1))
    assert (ran.code, ran.out) == (1, "")
    assert sorted(line.split(":")[1].strip() for line in ran.err.splitlines()) == ["listen.port", "tirs"]
    assert not (tmp_path / "facade.db").exists()


def test_a_description_that_cannot_be_used_stops_the_start(tmp_path: Path) -> None:
    settings = small(tmp_path)
    (tmp_path / "openapi.yaml").write_text("nonsense")
    ran = serve(tmp_path, settings)
    assert (ran.code, ran.out) == (1, "")
    assert "openapi.yaml" in ran.err.splitlines()[-1]


@requirement("invariant:errors:clear")
def test_a_key_that_cannot_be_used_stops_the_start_in_the_words_of_check(tmp_path: Path) -> None:
    settings = small(tmp_path)
    (tmp_path / "dev-key.json").write_bytes(b"\xff\xfe no text")
    ran = serve(tmp_path, settings)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.splitlines()[-1].startswith("facade: identity.dev.key_file: ")
