"""What was done -> words and tables for people. Pure; may import `kernel` only (and Babel, for numbers and dates).

Everything that comes from the application, its description or the user is shown inert: no link, image, markup or
control character of theirs reaches a reader's screen alive (`inert`). Our own sentences are in `phrases` alone.

Choices: replies are Markdown, because every chat frontend renders it and it stays readable where none does. Numbers and
dates follow the tenant's locale through Babel rather than tables of our own; what identifies something (an id, a
code) is never reformatted. What asks for consent is written from the exact request and not from what a planner meant
by it, and shows invisible characters instead of dropping them.
"""

from facade.reply.answers import answered
from facade.reply.outcomes import failed
from facade.reply.proposals import Field, fields_of, proposed
from facade.reply.questions import asked, declined, refused, repeated
from facade.reply.records import Column, Grid, Manner, Reply, joined

__all__ = [
    "Column",
    "Field",
    "Grid",
    "Manner",
    "Reply",
    "answered",
    "asked",
    "declined",
    "failed",
    "fields_of",
    "joined",
    "proposed",
    "refused",
    "repeated",
]
