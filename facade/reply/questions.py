"""What is not an answer: questions, refusals, decisions."""

from collections.abc import Sequence

from facade.kernel import Json, Operation
from facade.reply.inert import inert
from facade.reply.phrases import known, phrase
from facade.reply.records import Manner, Reply
from facade.reply.wording import TITLE_LIMIT

MAX_CHOICES = 12
QUESTION_LIMIT = 400
"""Characters of a question; its text quotes names from the description."""


def asked(question: str, choices: Sequence[str], manner: Manner) -> Reply:
    """One short question with its numbered choices."""
    offered = [inert(c, TITLE_LIMIT) for c in choices[:MAX_CHOICES]]
    parts = [inert(question, QUESTION_LIMIT)]
    if offered:
        parts += ("\n".join(f"{n}. {label}" for n, label in enumerate(offered, 1)), phrase("choose", manner.language))
    return Reply(text="\n\n".join(parts), data={"choices": list(choices[:MAX_CHOICES])})


def refused(reason: str, nearest: Sequence[Operation], manner: Manner) -> Reply:
    """An honest no, and what could be asked instead. A `reason` that names a phrase is that phrase."""
    if known(reason):
        text = phrase(reason, manner.language)
    elif reason.strip():
        text = phrase("said_why", manner.language, text=inert(reason, QUESTION_LIMIT))
    else:
        text = phrase("no_operation", manner.language)
    if nearest:
        titles = (f"- {inert(o.title, TITLE_LIMIT)}" for o in nearest[:MAX_CHOICES])
        text = "\n".join((text, "", phrase("nearest", manner.language), "", *titles))
    data: Json = {"refused": reason or "no_operation", "nearest": [o.key.operation_id for o in nearest[:MAX_CHOICES]]}
    return Reply(text=text, data=data)


def declined(approval: str, manner: Manner) -> Reply:
    """A proposal was declined."""
    return Reply(text=phrase("declined", manner.language), data={"approval": approval, "decision": "declined"})


def repeated(approval: str, text: str, data: Json, manner: Manner) -> Reply:
    """An approval that was used before; `text` is our own reply of then, already inert."""
    return Reply(
        text=f"{phrase('repeated', manner.language)}\n\n{text}",
        data={"approval": approval, "decision": "repeated", "result": data},
    )
