"""The shape of a language's tables."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    """What a request or an operation does, as far as a verb or an HTTP method tells."""

    LIST = "list"
    GET = "get"
    SEARCH = "search"
    COUNT = "count"
    COMPUTE = "compute"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    SEND = "send"


class Trait(StrEnum):
    """What a parameter is for, as its name or its phrase in a request tells."""

    LIMIT = "limit"
    PAGE = "page"
    CURSOR = "cursor"
    SORT = "sort"
    DIRECTION = "direction"
    START = "start"
    END = "end"
    ORIGIN = "origin"
    TARGET = "target"
    PLACE = "place"
    PERSON = "person"
    TITLE = "title"
    MESSAGE = "message"
    QUERY = "query"
    IDENTITY = "identity"
    MONEY = "money"
    METHOD = "method"
    KIND = "kind"
    YEAR = "year"
    DURATION = "duration"


def words(text: str) -> frozenset[str]:
    """A set of words from one line of text, for tables that read well."""
    return frozenset(text.split())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lexicon:
    """Words of one language; compared by identity, one record a language.

    Keys of word tables are lower case; verbs, nouns and stop words are written unstemmed.

    Attributes:
        actions: verb -> what it can mean, the likeliest first.
        plain: verbs that say no more than their action; the others name what is done.
        stop: words that carry no content.
        above, below: phrases before a number that is the least, or the most, there may be.
        weak: content words that are so common in requests that they tell little.
        generic: nouns that stand in for the real one ("the list of orders").
        headless: nouns that add nothing to the one before them ("email *address*").
        abstract: nouns for parts of a description, which name no thing of the application.
        every: words that ask for all of a kind.
        synonyms: groups of words that mean about the same in business software.
        numbers, ordinals: words -> value. months: 1-12. weekdays: 0 is Monday.
        units: words of a calendar unit -> `day`, `week`, `month`, `year`, `hour`, `minute`.
        roles: preposition or phrase just before a value -> the traits of the parameter it goes to.
        traits: words of a parameter name -> its trait; the words must all occur in the name.
        messages: phrases after which free text begins.
        negations: words that turn a yes/no value around. undoing: beginnings of words that do the same.
        identity: words that are followed by an identifier.
        owning: prepositions between an attribute and the thing that has it.
        leading: prepositions between a noun and the value that it is of.
        particles: words that change a verb before them ("check *out*").
        determiners, questions: words that open a noun phrase, or a question.
        orders: superlatives -> words of the fields that they compare by.
        becomes: words between a thing that is changed and its new value.
    """

    language: str
    actions: Mapping[str, tuple[Action, ...]]
    plain: frozenset[str]
    stop: frozenset[str]
    above: tuple[str, ...]
    below: tuple[str, ...]
    weak: frozenset[str]
    generic: frozenset[str]
    headless: frozenset[str]
    abstract: frozenset[str]
    every: frozenset[str]
    synonyms: tuple[frozenset[str], ...]
    numbers: Mapping[str, int]
    scales: Mapping[str, int]
    ordinals: Mapping[str, int]
    months: Mapping[str, int]
    weekdays: Mapping[str, int]
    units: Mapping[str, str]
    roles: Mapping[str, tuple[Trait, ...]]
    traits: tuple[tuple[frozenset[str], Trait], ...]
    messages: tuple[str, ...]
    negations: frozenset[str]
    undoing: tuple[str, ...]
    identity: frozenset[str]
    becomes: frozenset[str]
    owning: frozenset[str]
    leading: frozenset[str]
    particles: frozenset[str]
    determiners: frozenset[str]
    questions: frozenset[str]
    orders: tuple[tuple[frozenset[str], frozenset[str]], ...]
    descending: frozenset[str]
    ascending: frozenset[str]
    cancel: frozenset[str]
    currencies: Mapping[str, str]
