"""What a language contributes to planning: tables only, no code. One module a language; `English` today."""

from facade.plan.lexicon.english import ENGLISH
from facade.plan.lexicon.records import Action, Lexicon, Trait, words

__all__ = ["ENGLISH", "Action", "Lexicon", "Trait", "words"]
