"""The folder of compiled things: private, whole, bounded, and never in the way."""

import fcntl
import os
from pathlib import Path

import pytest
import structlog
from structlog.testing import capture_logs

from facade.adapters.compiling import Cache
from tests.requirements import requirement


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    structlog.reset_defaults()
    return tmp_path / "cache"


def kept(folder: Path, *keys: str, body: bytes = b"body", most: int = 4096) -> Cache:
    cache = Cache(folder, most_bytes=most)
    for key in keys:
        cache.keep(key, body)
    return cache


@requirement("compiling:cache")
def test_what_is_kept_is_found_until_it_is_forgotten(folder: Path) -> None:
    cache = kept(folder, "a")
    assert (cache.find("a"), cache.find("b")) == (b"body", None)
    cache.forget("a")
    assert (cache.find("a"), cache.has("a")) == (None, False)


@requirement("compiling:cache:private")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_file_that_others_may_touch_is_not_read(folder: Path, mode: int) -> None:
    cache = kept(folder, "a")
    (folder / "a.compiled").chmod(mode)
    with capture_logs() as logs:
        assert cache.find("a") is None
    assert [line["event"] for line in logs] == ["cache unreadable"]


@requirement("compiling:cache:private")
def test_a_folder_that_others_may_touch_is_neither_read_nor_written(folder: Path) -> None:
    cache = kept(folder, "a")
    folder.chmod(0o770)
    with capture_logs() as logs:
        assert cache.find("a") is None
        cache.keep("b", b"body")
    folder.chmod(0o700)
    assert [line["event"] for line in logs] == ["cache unreadable", "cache unwritable"]
    assert (cache.find("a"), cache.find("b")) == (b"body", None)


@requirement("compiling:cache:private")
def test_links_and_pipes_are_not_followed(folder: Path, tmp_path: Path) -> None:
    cache = kept(folder, "a")
    elsewhere = tmp_path / "elsewhere"
    (folder / "a.compiled").rename(elsewhere)
    (folder / "a.compiled").symlink_to(elsewhere)
    os.mkfifo(folder / "b.compiled", 0o600)
    with capture_logs() as logs:
        assert (cache.find("a"), cache.find("b")) == (None, None)
    assert [line["event"] for line in logs] == ["cache unreadable"] * 2


@requirement("compiling:cache:bounded")
def test_what_was_used_longest_ago_makes_room(folder: Path) -> None:
    body = bytes(1000)
    cache = kept(folder, "a", "b", "c", body=body, most=3300)
    for age, name in enumerate(("a", "b", "c")):
        os.utime(folder / f"{name}.compiled", (age + 1, age + 1))
    assert cache.find("a") == body
    cache.keep("d", body)
    assert [cache.has(key) for key in "abcd"] == [True, False, True, True]


@requirement("compiling:cache:bounded")
def test_what_is_larger_than_the_cache_is_neither_kept_nor_read(folder: Path) -> None:
    cache = kept(folder, "a", body=bytes(5000))
    assert not folder.exists()
    kept(folder, "a", body=bytes(5000), most=9000)
    with capture_logs() as logs:
        assert cache.find("a") is None
    assert len(logs) == 1


@requirement("compiling:cache")
def test_a_folder_that_cannot_be_written_keeps_nothing_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    cache = Cache(tmp_path / "file" / "cache", most_bytes=100)
    with capture_logs() as logs:
        cache.keep("a", b"body")
    assert [line["event"] for line in logs] == ["cache unwritable"]
    with cache.alone(lambda: False):
        pass


@requirement("compiling:cache")
def test_what_cannot_be_put_in_its_place_leaves_nothing_behind(folder: Path) -> None:
    cache = kept(folder, "a")
    with capture_logs() as logs:
        cache.keep("no/such", b"body")
    assert [line["event"] for line in logs] == ["cache unwritable"]
    assert [path.name for path in folder.iterdir()] == ["a.compiled"]


@requirement("compiling:cache")
def test_one_compiles_at_a_time_unless_it_gives_up(folder: Path) -> None:
    cache = kept(folder, "a")
    asked = []
    with cache.alone(lambda: False), (folder / "lock").open("rb") as other:
        with pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with cache.alone(lambda: asked.append(1) or len(asked) > 2):  # type: ignore[func-returns-value]
            pass
    assert len(asked) == 3
