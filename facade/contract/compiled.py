"""An operation as the hot path needs it: everything looked up, parsed and compiled once."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from facade.contract.media import Kind
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
class FormField:
    """How one field of an urlencoded or multipart form is written and read.

    Attributes:
        reading: the types of its value, or of an item where it is `many`.
        many: an array, each item of which is a field or part of its own.
        codec: set where the description names a style; it lays the value out then, and nothing below counts.
        file: its value is a file argument.
        json: its value, or each item, is one JSON text.
        media_types: what the part may say that it is; empty where the value decides.
        headers: sent with each part.
    """

    name: str
    reading: Reading
    many: bool = False
    codec: Codec | None = None
    file: bool = False
    json: bool = False
    media_types: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A request body of one declared media type.

    Attributes:
        media_type: of the Content-Type header that we send; a range where nobody but the caller can choose.
        validator: of the value that is written; of one character per octet for octets, see `files.as_text`.
        charset: of a text.
        fields: of a form.
        files: those of them whose values are files.
    """

    media_type: str
    kind: Kind
    validator: Validator
    charset: str = "utf-8"
    fields: Mapping[str, FormField] = field(default_factory=dict)
    files: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledBody:
    """The request body that we write, and what else the description takes.

    Attributes:
        chosen: the declared media type that calls are written in.
        declared: every media type that the description lists.
        contents: by declared media type; those that cannot be read are missing, and go unchecked.
        fields: top-level fields a caller may send; None when the description leaves the object open.
        read_only: fields that the application alone sets.
    """

    chosen: str
    declared: tuple[str, ...]
    contents: Mapping[str, Content]
    required: bool
    fields: frozenset[str] | None = None
    read_only: frozenset[str] = frozenset()

    @property
    def content(self) -> Content:
        """What calls are written in."""
        return self.contents[self.chosen]


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
    checked_bytes: int
