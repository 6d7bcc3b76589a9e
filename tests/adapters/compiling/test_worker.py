"""The worker's own half, without its process: an order in, frames out."""

import io
import pickle
from typing import Any

import orjson
import pytest

from facade.adapters.compiling.pickles import dumped, loaded
from facade.adapters.compiling.records import Order
from facade.adapters.compiling.worker import CONTRACT, ERROR, INDEX, answered
from facade.contract import Contract, ContractSettings
from facade.plan import Index
from tests.adapters.compiling.samples import source
from tests.requirements import requirement


def frames(order: object) -> dict[bytes, bytes]:
    return dict(answered(pickle.dumps(order, protocol=5)))


def error(order: object) -> Any:
    return orjson.loads(frames(order)[ERROR])


@requirement("compiling:apart")
def test_an_order_is_answered_by_what_it_asks_for() -> None:
    assert set(frames(Order(source=source()))) == {CONTRACT}
    both = frames(Order(source=source(), index=True))
    assert set(both) == {CONTRACT, INDEX}
    known = (dumped(loaded(both[CONTRACT], Contract)),)
    alone = frames(Order(known=known, index=True))
    assert loaded(alone[INDEX], Index) == loaded(both[INDEX], Index)


def test_what_is_wrong_with_a_description_is_data() -> None:
    told = error(Order(source=source({"paths": {}})))
    assert (told["kind"], told["findings"]) == ("description_invalid", [])
    told = error(Order(source=source(settings=ContractSettings(base_path="{x}"))))
    assert (told["kind"], [f["place"] for f in told["findings"]]) == ("settings_invalid", ["base_path"])


class Exhausts:
    """Reading this runs out of memory."""

    def __reduce__(self) -> Any:
        return bytearray, (2**62,)


@requirement("compiling:bounds")
def test_a_lack_of_memory_is_told_as_such() -> None:
    assert error(Exhausts()) == {"kind": "memory"}


@pytest.mark.parametrize(("order", "kind"), [(io.BytesIO(b"x"), "AttributeError"), (None, "AttributeError")])
def test_a_fault_of_ours_says_what_and_where_and_nothing_of_the_description(order: object, kind: str) -> None:
    told = error(order)
    assert told["kind"] == "defect"
    assert told["detail"].startswith(f"{kind} at worker.py:")
