"""An operation as the hot path needs it: everything looked up, parsed and compiled once."""

from collections.abc import Mapping
from dataclasses import dataclass

from facade.contract.reading import Reading
from facade.contract.styles import Codec, Shape
from facade.contract.trie import Segment
from facade.contract.validators import Validator
from facade.kernel import Operation, Parameter


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledParameter:
    """One declared parameter.

    Attributes:
        reserved: its own pattern admits characters that delimit a URL, and not just any.
        words: the strings its own `enum` or `const` lists.
        may_be_empty: `allowEmptyValue`; an empty text is not checked.
    """

    parameter: Parameter
    codec: Codec
    reading: Reading
    validator: Validator
    reserved: bool = False
    words: frozenset[str] = frozenset()
    may_be_empty: bool = False

    @property
    def shape(self) -> Shape:
        """How clients lay the value out; a `content` parameter is one text."""
        return Shape.SCALAR if self.codec.json else self.reading.shape()


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledBody:
    """The request body that we write, and what else the description takes.

    Attributes:
        media_type: of the Content-Type header.
        chosen: the declared media type that the validator and `media_type` belong to.
        declared: every media type that the description lists.
        fields: top-level fields a caller may send; None when the description leaves the object open.
        read_only: fields that the application alone sets.
        form: how each field of a form is written; None for JSON.
    """

    media_type: str
    chosen: str
    declared: tuple[str, ...]
    required: bool
    validator: Validator
    fields: frozenset[str] | None = None
    read_only: frozenset[str] = frozenset()
    form: Mapping[str, tuple[Codec, Reading]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """Serialisers and validators of one operation.

    Attributes:
        segments: of the whole path on the wire, the settings' base path included.
        responses: by declared status, then by media type; None where nothing is to be checked.
    """

    operation: Operation
    segments: tuple[Segment, ...]
    parameters: tuple[CompiledParameter, ...]
    body: CompiledBody | None
    responses: Mapping[str, Mapping[str, Validator | None]]
    accept: str
    findings_limit: int
    target_bytes: int
