"""What the Dockerfile does, without an engine: build, install clean, run as another user, probe, stop."""

import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import venv
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.meta.source import ROOT, modules, name_of
from tests.requirements import requirement

pytestmark = pytest.mark.slow
WAIT_S = 120


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder that every user may enter; pytest's own belongs to one."""
    path = Path(tempfile.mkdtemp(prefix="facade-wheel-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def wheel(folder: Path) -> Path:
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", folder, ROOT)
    (built,) = folder.glob("facade-*.whl")
    return built


@dataclass(frozen=True, slots=True)
class Installed:
    """A clean environment, a home that another user owns, and that user's numbers."""

    command: Path
    home: Path
    identity: dict[str, Any]

    @property
    def options(self) -> dict[str, Any]:
        """How its processes are started: as that user, at home, with an environment that is not ours."""
        return {"cwd": self.home, "env": {"PATH": os.defpath}, **self.identity}

    def facade(self, *args: str) -> subprocess.CompletedProcess[str]:
        return run(self.command, *args, **self.options)


@pytest.fixture(scope="module")
def installed(folder: Path, wheel: Path) -> Installed:
    """The wheel in an environment of its own; the libraries are those of this one, which saves fetching them twice."""
    place = folder / "venv"
    venv.create(place, with_pip=False)
    run(sys.executable, "-m", "pip", "--python", place, "install", "--quiet", "--no-deps", "--no-index", wheel)
    (library,) = place.glob("lib/python*/site-packages")
    libraries = [p for p in sys.path if p.endswith("site-packages")]
    (library / "libraries.pth").write_text("\n".join(libraries))
    home = folder / "home"
    home.mkdir()
    return Installed(place / "bin" / "facade", home, another_user(home))


def another_user(home: Path) -> dict[str, Any]:
    """Become `nobody` where we may; elsewhere we are an ordinary user already."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def run(*command: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own programs
        [str(part) for part in command], check=True, capture_output=True, text=True, timeout=WAIT_S, **options
    )


def test_the_wheel_holds_every_module_and_the_descriptions(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert {name_of(p) for p in modules("facade")} <= names
    assert {f"facade/specs/{p.name}" for p in (ROOT / "specs").iterdir()} <= names
    assert {"facade/py.typed"} <= names
    assert {name_of(p) for p in (ROOT / "facade/edge/page/static").iterdir()} <= names
    assert not [n for n in names if n.startswith(("tests/", "bench/")) or "__pycache__" in n]


def test_what_runs_is_the_wheel_and_not_this_checkout(installed: Installed) -> None:
    code = "import facade; print(facade.__file__)"
    found = run(installed.command.with_name("python"), "-c", code, **installed.options).stdout
    assert Path(found.strip()).is_relative_to(installed.command.parents[1])


@requirement("package:image:non-root")
def test_the_installed_wheel_serves_as_another_user_and_stops_at_sigterm(installed: Installed) -> None:
    spec = installed.command.parents[1] / "spec.yaml"
    shutil.copy(ROOT / "specs" / "helpdesk.yaml", spec)
    installed.facade("init", "--spec", str(spec), "--upstream", "http://127.0.0.1:9")
    settings = installed.home / "facade.yaml"
    settings.write_text(settings.read_text().replace("port: 8080", "port: 0"))
    installed.facade("check")
    server = subprocess.Popen(  # noqa: S603 - our own program
        [installed.command, "serve", "-c", "facade.yaml"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        **installed.options,
    )
    with server:
        assert server.stdout is not None
        url = json.loads(server.stdout.readline())["url"]
        assert installed.facade("probe", f"{url}/agent/readyz").returncode == 0
        assert (installed.home / "facade.db").stat().st_uid == installed.identity.get("user", os.geteuid())
        server.terminate()
        assert server.wait(timeout=WAIT_S) == 0
