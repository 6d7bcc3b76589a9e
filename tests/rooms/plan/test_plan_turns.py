"""A transcript, turn by turn."""

from facade.kernel import Arguments, Call, Micros, OperationKey
from facade.plan import (
    Asked,
    Failed,
    Limited,
    Proposed,
    Question,
    Replied,
    Returned,
    Said,
    Settled,
    Transcript,
    TurnTold,
    turns_of,
)
from tests.requirements import requirement

NOW = Micros(1)
CALL = Call(operation=OperationKey("shop", "list"), arguments=Arguments())


def told(*events):
    return turns_of(Transcript(id="c", tenant="t", user="u", events=events))


def said(text):
    return Said(text=text, at=NOW)


def replied(text):
    return Replied(text=text, at=NOW)


@requirement("conversations:told:whole")
def test_a_turn_begins_with_words_or_after_a_reply():
    back = Returned(call=CALL, status=200, at=NOW)
    yes = Settled(approval="a", approved=True, at=NOW)
    assert told(
        said("a"), back, replied("A"), said("b"), Proposed(approval="a", at=NOW), replied("B"), yes, back, replied("C")
    ) == (
        TurnTold(number=1, at=NOW, said="a", tried=(back,), reply="A"),
        TurnTold(number=2, at=NOW, said="b", proposed="a", reply="B"),
        TurnTold(number=3, at=NOW, settled=yes, tried=(back,), reply="C"),
    )


def test_a_turn_that_was_cut_short_ends_where_the_next_begins():
    question = Question(text="Which?")
    limit = Limited(retry_after=Micros(5), policies=("r",), at=NOW)
    failed = Failed(call=CALL, code="broken", at=NOW)
    assert told(said("a"), limit, said("b"), failed, Asked(question=question, at=NOW)) == (
        TurnTold(number=1, at=NOW, said="a", tried=(limit,)),
        TurnTold(number=2, at=NOW, said="b", tried=(failed,), question=question),
    )
    assert told() == ()
