"""Sources -> contracts and index: from the worker, and from the cache the next time."""

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from facade.adapters.compiling import MIB, Cache, Compiler, Limits, key_of
from facade.contract import ContractSettings, Override, compile_contract, match, parse
from facade.kernel import DescriptionInvalid, SettingsInvalid, WriteClass
from facade.plan import index_of
from tests.adapters.compiling.samples import SHOP, source, worker
from tests.requirements import requirement


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache", most_bytes=8 * MIB)


NONE = ("false",)
"""A worker that cannot do anything; whoever gets an answer got it from the cache."""


@requirement("compiling:apart")
def test_a_contract_that_was_compiled_apart_is_the_one_compiled_here() -> None:
    here = compile_contract(parse(source().raw, place="x"), api="main", settings=ContractSettings())
    edition = Compiler(Limits()).edition([source()])
    apart = edition.contracts["main"]
    assert apart == here
    assert edition.index == index_of(here.operations.values())
    found = match(apart, "DELETE", "/orders/7")
    assert found is not None
    assert (found.operation.key.operation_id, found.path) == ("deleteOrder", {"order_id": "7"})


@requirement("compiling:apart")
def test_several_descriptions_share_one_index(cache: Cache) -> None:
    sources = [source(api="a"), source(api="b")]
    edition = Compiler(Limits(), cache).edition(sources)
    assert list(edition.contracts) == ["a", "b"]
    operations = [o for contract in edition.contracts.values() for o in contract.operations.values()]
    assert edition.index == index_of(operations)
    assert Compiler(Limits(), cache, command=NONE).edition(sources) == edition


@requirement("compiling:cache")
def test_what_was_compiled_once_is_not_compiled_again(cache: Cache) -> None:
    first = Compiler(Limits(), cache).edition([source()])
    assert Compiler(Limits(), cache, command=NONE).edition([source()]) == first
    assert Compiler(Limits(), cache, command=NONE).contract(source()) == first.contracts["main"]


@requirement("compiling:cache")
def test_everything_that_shapes_a_contract_is_part_of_its_key() -> None:
    changed = {**SHOP, "info": {"title": "Shop", "version": "2"}}
    override = ContractSettings(overrides={"listOrders": Override(write_class=WriteClass.WRITE)})
    keys = [
        key_of(each) for each in (source(), source(changed), source(api="b"), source(settings=override), source(b"{}"))
    ]
    assert len(set(keys)) == len(keys)
    assert key_of(replace(source(), place="elsewhere.json")) == keys[0]


@requirement("compiling:cache:damaged")
def test_a_damaged_file_is_compiled_again(cache: Cache, tmp_path: Path) -> None:
    first = Compiler(Limits(), cache).edition([source()])
    for damaged in (b"", b"nonsense", None):  # None: torn
        for path in (tmp_path / "cache").glob("*.compiled"):
            path.write_bytes(path.read_bytes()[:-3] if damaged is None else damaged)
        assert Compiler(Limits(), cache).edition([source()]) == first
        assert Compiler(Limits(), cache, command=NONE).edition([source()]) == first


@requirement("compiling:cache:damaged", "compiling:pickles")
def test_a_whole_file_that_holds_something_else_is_compiled_again(cache: Cache) -> None:
    first = Compiler(Limits(), cache).contract(source())
    cache.keep(key_of(source()), b"cposix\nsystem\n(S'true'\ntR.")
    assert Compiler(Limits(), cache).contract(source()) == first


@requirement("compiling:worker:broken")
def test_a_worker_whose_answer_is_no_contract_is_not_believed(cache: Cache, tmp_path: Path) -> None:
    lie = "import sys; sys.stdin.buffer.read(); sys.stdout.buffer.write(b'C' + (1).to_bytes(8, 'big') + b'x')"
    with pytest.raises(DescriptionInvalid, match="nothing that is understood"):
        Compiler(Limits(), cache, command=worker(lie, tmp_path)).contract(source())
    assert not cache.has(key_of(source()))


def test_wrong_settings_and_descriptions_are_told_as_if_they_were_read_here() -> None:
    with pytest.raises(DescriptionInvalid, match="no 'openapi' field"):
        Compiler(Limits()).contract(source({"paths": {}}))
    with pytest.raises(SettingsInvalid) as caught:
        Compiler(Limits()).contract(source(settings=ContractSettings(base_path="no/slash")))
    assert [finding.code for finding in caught.value.findings] == ["settings.base_path"]


@requirement("compiling:worker:broken")
def test_leaving_a_compiler_ends_what_it_waits_for(tmp_path: Path) -> None:
    compiler = Compiler(Limits(), command=worker("import time; time.sleep(600)", tmp_path))
    with compiler:
        pass
    with pytest.raises(DescriptionInvalid, match="SIGKILL"):
        compiler.contract(source())


@requirement("compiling:cache:private")
def test_the_cache_is_made_for_its_owner_alone(cache: Cache, tmp_path: Path) -> None:
    Compiler(Limits(), cache).contract(source())
    modes = {path.name.rpartition(".")[2]: path.stat().st_mode for path in (tmp_path / "cache").iterdir()}
    assert stat.S_IMODE((tmp_path / "cache").stat().st_mode) == 0o700
    assert {name: stat.S_IMODE(mode) for name, mode in modes.items()} == {"compiled": 0o600, "lock": 0o600}
