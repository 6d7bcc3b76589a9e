"""What a pickle of ours may name."""

import gc
import pickle
from typing import Any

import pytest

from facade.adapters.compiling.pickles import Unreadable, dumped, loaded
from facade.contract import Contract
from facade.kernel import Finding
from facade.plan import Index, index_of
from facade.plan.lexicon import ENGLISH
from tests.requirements import requirement

FINDING = Finding(code="a.b", place="/x", message="m")


class Calls:
    """Pickled as a call of whatever it is given."""

    def __init__(self, what: Any, *arguments: Any) -> None:
        self.what = (what, arguments)

    def __reduce__(self) -> Any:
        return self.what


def test_a_record_comes_back_equal() -> None:
    assert loaded(dumped(FINDING), Finding) == FINDING


def test_the_lexicon_stays_the_one_that_it_is() -> None:
    assert loaded(dumped(index_of([])), Index).lexicon is ENGLISH


@requirement("compiling:pickles")
@pytest.mark.parametrize(
    "raw",
    [
        pickle.dumps(Calls(print, "x"), 5),
        pickle.dumps(Calls(eval, "1"), 5),
        pickle.dumps(Calls(pickle.loads, b""), 5),
        b"cos\nsystem\n(S'true'\ntR.",
        b"\x80\x04\x8c\x1afacade.contract.validators\x8c\x02re\x93.",
        b"\x80\x04\x8c\x1afacade.contract.validators\x8c\x11lru_cache.__call__\x93.",
        b"cfacade.adapters.compiling.pickles\ngc\n.",
        b"cfacade.app.running\nserve\n.",
        pickle.dumps(FINDING, 5)[:-4],
        pickle.dumps("text", 5),
        b"",
    ],
)
def test_whatever_else_a_pickle_names_is_refused(raw: bytes) -> None:
    with pytest.raises(Unreadable):
        loaded(raw, Contract)


def test_the_collector_works_again_after_reading_good_and_bad() -> None:
    loaded(dumped(tuple(FINDING for _ in range(3))), tuple)
    with pytest.raises(Unreadable):
        loaded(b"\x80", tuple)
    assert gc.isenabled()


def test_what_is_large_is_settled_at_once() -> None:
    before = gc.get_freeze_count()
    large = loaded(dumped([[str(n)] for n in range(150_000)]), list)
    assert (len(large), gc.isenabled()) == (150_000, True)
    assert gc.get_freeze_count() - before > 150_000
    gc.unfreeze()
