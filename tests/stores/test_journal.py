"""The journal: what is appended reaches the store, once, whatever happens between."""

import asyncio
import json
import resource
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from facade.adapters.stores import codec
from facade.adapters.stores.journal import FileJournal, JournalSettings, open_journal
from facade.adapters.stores.journal.journal import _Threads
from facade.adapters.stores.journal.writer import SegmentWriter
from facade.adapters.stores.memory import MemoryLedger
from facade.kernel import LedgerUnavailable, SettingsInvalid
from facade.meter import LedgerRecord
from tests.requirements import requirement
from tests.stores.full_disk import TOLD
from tests.stores.samples import DECISION, INTENT, SETTLE, intent, settle


class Store:
    """Takes deliveries, keeps the first of each as every store does; can be down, and tells when it holds enough."""

    def __init__(self) -> None:
        self.records: list[LedgerRecord] = []
        self.down = False
        self.refused = asyncio.Event()
        self._changed = asyncio.Condition()

    async def deliver(self, records: Sequence[LedgerRecord]) -> None:
        if self.down:
            self.refused.set()
            raise LedgerUnavailable("down")
        async with self._changed:
            known = {(type(record), record.id) for record in self.records}
            self.records.extend(record for record in records if (type(record), record.id) not in known)
            self._changed.notify_all()

    async def holds(self, count: int) -> None:
        async with asyncio.timeout(10), self._changed:
            await self._changed.wait_for(lambda: len(self.records) >= count)


def opened(folder: Path, store: Store | MemoryLedger, **settings: float) -> AbstractAsyncContextManager[FileJournal]:
    fast = JournalSettings(folder=folder, group_s=0.0, drain_s=0.0, retry_s=0.001)
    return open_journal(replace(fast, **settings), store.deliver)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - the journal tells nobody when it changes its mind
            await asyncio.sleep(0)


def segments(folder: Path) -> list[Path]:
    return list(folder.glob("*.journal"))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_what_is_appended_is_delivered_in_order_while_the_journal_is_open(tmp_path: Path) -> None:
    store = Store()
    async with opened(tmp_path / "j", store) as journal:
        journal.append(INTENT)
        journal.append(SETTLE)
        await store.holds(2)
        journal.append(DECISION)
        await store.holds(3)
        assert journal.writable()
    assert store.records == [INTENT, SETTLE, DECISION]


async def test_what_was_appended_last_is_delivered_on_closing_and_no_segment_is_left(tmp_path: Path) -> None:
    store = Store()
    async with opened(tmp_path, store) as journal:
        for number in range(50):
            journal.append(intent(number))
    assert store.records == [intent(number) for number in range(50)]
    assert names(tmp_path) == ["drained", "lock"]


async def test_an_append_is_in_the_file_before_it_returns_and_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    store = Store()
    async with opened(tmp_path / "j", store) as journal:
        journal.append(INTENT)
        (segment,) = segments(tmp_path / "j")
        assert codec.record_of(segment.read_bytes()) == INTENT
        modes = [stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "j", segment)]
    assert modes == [0o700, 0o600]


async def test_full_segments_are_followed_by_new_ones_and_removed_once_delivered(tmp_path: Path) -> None:
    store = Store()
    async with opened(tmp_path, store, segment_bytes=1_000) as journal:
        for number in range(40):
            journal.append(intent(number))
        assert len(segments(tmp_path)) > 10
        await store.holds(40)
        await until(lambda: len(segments(tmp_path)) == 1)
    assert store.records == [intent(number) for number in range(40)]


@requirement("invariant:ledger:complete", "ledger:unsettled:unknown")
async def test_what_an_earlier_run_left_is_in_the_store_before_the_next_begins(tmp_path: Path) -> None:
    torn = codec.line_of(intent(4))[:-20]
    (tmp_path / "000000000007.journal").write_bytes(b"".join(map(codec.line_of, (intent(1), intent(2), settle(1)))))
    (tmp_path / "000000000008.journal").write_bytes(codec.line_of(intent(3)) + torn)
    ledger = MemoryLedger()
    async with opened(tmp_path, ledger) as journal:
        assert await ledger.unsettled() == (intent(2), intent(3))
        assert names(tmp_path) == ["drained", "lock"]
        journal.append(intent(5))
    assert await ledger.unsettled() == (intent(2), intent(3), intent(5))


@requirement("ledger:delivery:idempotent")
@pytest.mark.parametrize("mark", ["", "7", "7 x", "9999 12", "7 0"])
async def test_a_mark_that_cannot_be_used_only_means_delivering_again(tmp_path: Path, mark: str) -> None:
    (tmp_path / "000000000007.journal").write_bytes(codec.line_of(intent(1)))
    (tmp_path / "drained").write_text(mark)
    store = Store()
    async with opened(tmp_path, store) as journal:
        journal.append(intent(2))
    assert store.records == [intent(1), intent(2)]


async def test_delivery_goes_on_from_the_mark(tmp_path: Path) -> None:
    done = codec.line_of(intent(1))
    (tmp_path / "000000000007.journal").write_bytes(done + codec.line_of(intent(2)))
    (tmp_path / "drained").write_text(f"7 {len(done)}\n")
    store = Store()
    async with opened(tmp_path, store):
        assert store.records == [intent(2)]


async def test_a_damaged_line_is_kept_for_a_person_and_holds_nothing_up(tmp_path: Path) -> None:
    lines = codec.line_of(intent(1)) + b'{"kind": "Else"}\nnot json\n[]\n\n' + codec.line_of(intent(2))
    (tmp_path / "000000000007.journal").write_bytes(lines)
    store = Store()
    async with opened(tmp_path, store):
        assert store.records == [intent(1), intent(2)]
    assert names(tmp_path) == ["000000000007.damaged", "drained", "lock"]
    assert (tmp_path / "000000000007.damaged").read_bytes() == lines


async def test_lines_longer_than_a_batch_are_delivered_too(tmp_path: Path) -> None:
    long = replace(INTENT, what="x" * 600_000)
    store = Store()
    async with opened(tmp_path, store) as journal:
        for record in (intent(1), long, intent(2)):
            journal.append(record)
    assert store.records == [intent(1), long, intent(2)]


async def test_two_writers_of_one_folder_are_refused_clearly(tmp_path: Path) -> None:
    async with opened(tmp_path, Store()):
        with pytest.raises(SettingsInvalid) as raised:
            async with opened(tmp_path, Store()):
                pass
    assert [(f.code, f.place) for f in raised.value.findings] == [("journal.unusable", "ledger.journal")]
    async with opened(tmp_path, Store()) as journal:
        assert journal.writable()


async def test_a_folder_that_cannot_be_is_refused_clearly(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsInvalid) as raised:
        async with opened(tmp_path / "file" / "journal", Store()):
            pass
    assert [f.place for f in raised.value.findings] == ["ledger.journal"]


async def test_a_store_that_is_down_gets_everything_later(tmp_path: Path) -> None:
    store = Store()
    async with opened(tmp_path, store) as journal:
        store.down = True
        journal.append(INTENT)
        await store.refused.wait()
        assert journal.writable()
        journal.append(SETTLE)
        store.down = False
        await store.holds(2)
    assert store.records == [INTENT, SETTLE]


@requirement("ledger:full:refuses")
async def test_a_store_that_is_down_too_long_stops_new_work_until_it_is_back(tmp_path: Path) -> None:
    store = Store()
    async with opened(tmp_path, store, backlog_bytes=1_000) as journal:
        store.down = True
        for number in range(10):
            journal.append(intent(number))
        await until(lambda: not journal.writable())
        journal.append(intent(10))
        journal.append(settle(9))
        store.down = False
        await until(journal.writable)
    assert store.records == [*(intent(number) for number in range(10)), settle(9)]


async def test_a_store_that_stays_down_finds_everything_at_the_next_start(tmp_path: Path) -> None:
    store = Store()
    async with opened(tmp_path, store) as journal:
        store.down = True
        journal.append(INTENT)
    assert store.records == []
    with pytest.raises(LedgerUnavailable):
        async with opened(tmp_path, store):
            pass
    store.down = False
    async with opened(tmp_path, store):
        assert store.records == [INTENT]


async def test_a_closed_journal_takes_nothing_and_says_so(tmp_path: Path) -> None:
    store = Store()
    async with opened(tmp_path, store) as journal:
        pass
    journal.append(INTENT)
    journal.append(SETTLE)
    assert (journal.writable(), journal.dropped, names(tmp_path)) == (False, 1, ["lock"])


async def test_a_task_that_dies_makes_the_journal_refuse_and_closing_tells_why(tmp_path: Path) -> None:
    async def broken(_: Sequence[LedgerRecord]) -> None:
        raise ZeroDivisionError

    async def use() -> None:
        async with open_journal(JournalSettings(folder=tmp_path, drain_s=0.0), broken) as journal:
            journal.append(INTENT)
            await until(lambda: not journal.writable())

    with pytest.raises(ZeroDivisionError):
        await use()


class BrokenDisk(SegmentWriter):
    """Fails its next syncs."""

    failures = 1

    def syncing(self) -> Callable[[], None]:
        work = super().syncing()
        if self.failures == 0:
            return work
        self.failures -= 1

        def fail() -> None:
            work()
            raise OSError(5, "Input/output error")

        return fail


@requirement("ledger:full:refuses")
async def test_lines_that_a_failed_sync_may_have_lost_are_written_again(tmp_path: Path) -> None:
    settings = JournalSettings(folder=tmp_path)
    writer = BrokenDisk(tmp_path, number=1, segment_bytes=10_000)
    journal = FileJournal(settings, writer)
    with _Threads() as worker:
        journal.append(INTENT)
        await journal.sync(worker)
        assert not journal.writable()
        journal.append(SETTLE)
        journal.recover()
        assert journal.writable()
        await journal.sync(worker)
    lines = (tmp_path / "000000000002.journal").read_bytes().split(b"\n")
    assert [codec.record_of(line) for line in lines if line.strip()] == [INTENT, SETTLE]
    writer.close()


class FullDisk(SegmentWriter):
    """Has no room while `full`."""

    full = True

    def write(self, line: bytes) -> None:
        if self.full:
            raise OSError(28, "No space left on device")
        super().write(line)


@requirement("ledger:full:refuses")
async def test_while_the_disk_is_full_intents_are_not_taken_and_what_happened_waits(tmp_path: Path) -> None:
    writer = FullDisk(tmp_path, number=1, segment_bytes=10_000)
    journal = FileJournal(JournalSettings(folder=tmp_path, waiting_bytes=600), writer)
    assert journal.writable()
    journal.append(INTENT)
    assert not journal.writable()
    for record in (SETTLE, intent(1), DECISION, settle(1), settle(2)):
        journal.append(record)
    journal.recover()
    assert not journal.writable()
    writer.full = False
    journal.recover()
    assert (journal.writable(), journal.dropped) == (True, 1)
    writer.close()
    lines = (tmp_path / "000000000001.journal").read_bytes().split(b"\n")
    assert [codec.record_of(line) for line in lines if line.strip()] == [SETTLE, DECISION, settle(1)]


@contextmanager
def file_limit(size: int) -> Iterator[None]:
    """Let no file of this process grow past a size, for a moment."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_line_for_which_there_is_half_the_room_leaves_no_half(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path, number=1, segment_bytes=10_000)
    writer.write(b"a" * 99 + b"\n")
    with file_limit(150), pytest.raises(OSError, match="No space"):
        writer.write(b"b" * 99 + b"\n")
    writer.write(b"c" * 9 + b"\n")
    writer.close()
    assert (tmp_path / "000000000001.journal").read_bytes() == b"a" * 99 + b"\n" + b"c" * 9 + b"\n"


async def test_a_segment_of_nothing_but_damage_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / "000000000007.journal").write_bytes(b"not json\n")
    store = Store()
    async with opened(tmp_path, store):
        assert store.records == []
    assert names(tmp_path) == ["000000000007.damaged", "drained", "lock"]


async def run(*arguments: str) -> bytes:
    """Run a module of this package's tests in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *arguments, stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    told, _ = await process.communicate()
    assert process.returncode == 0
    return told


@requirement("ledger:full:refuses")
async def test_a_full_disk_refuses_new_work_keeps_what_happened_and_recovers_by_itself(tmp_path: Path) -> None:
    seen = json.loads((await run("tests.stores.full_disk", str(tmp_path))).splitlines()[-1])
    taken, settled = seen["taken"], seen["delivered_settles"]
    assert taken > 10
    assert 0 < settled < TOLD
    assert seen == {
        "taken": taken,
        "still_full": True,
        "dropped": TOLD - settled,
        "delivered_intents": [intent(number).id for number in range(taken + 1)],
        "delivered_settles": settled,
    }
    assert names(tmp_path) == ["drained", "lock"]
