"""What every part of the settings shares: frozen, complete, documented, and refusing what it does not know."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationInfo, WithJsonSchema
from pydantic_core import PydanticCustomError

from facade.kernel import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What settings may refer to outside their own text: the environment, and files relative to `base_dir`."""

    base_dir: Path
    environ: Mapping[str, str] = field(default_factory=dict)


class Section(BaseModel):
    """One mapping of the settings file. The docstring under an attribute is its line in the reference page."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", arbitrary_types_allowed=True, use_attribute_docstrings=True, allow_inf_nan=False
    )


def surroundings_of(info: ValidationInfo) -> Surroundings:
    """The surroundings that `load` validates in; validation without them refers to nothing."""
    context = info.context
    return context if isinstance(context, Surroundings) else Surroundings(base_dir=Path())


def _secret_from(value: object, info: ValidationInfo) -> Secret:
    match value:
        case Secret():
            return value
        case str():
            text = value
        case {"env": str(name), **rest} if not rest:
            text = _from_environment(name, surroundings_of(info).environ)
        case {"file": str(name), **rest} if not rest:
            text = _from_file(surroundings_of(info).base_dir / name)
        case _:
            raise PydanticCustomError("secret", "should be text, {{env: NAME}} or {{file: PATH}}")
    if not text:
        raise PydanticCustomError("secret", "is empty; give a value, or leave the key out")
    return Secret(text)


def _from_environment(name: str, environ: Mapping[str, str]) -> str:
    if not environ.get(name):
        message = "the environment variable {name} is not set, or empty; set it, or name another"
        raise PydanticCustomError("secret.env", message, {"name": name})
    return environ[name]


def _from_file(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        raise PydanticCustomError(
            "secret.file", "cannot read {path}; create it, or name another file", {"path": str(path)}
        ) from None


def _resolved(value: object, info: ValidationInfo) -> object:
    return surroundings_of(info).base_dir / value if isinstance(value, str) and value else value


def _plain_number_as_text(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def one_as_many(value: object) -> object:
    """A list of one for a text that stands alone."""
    return (value,) if isinstance(value, str) else value


def _network(text: str) -> str:
    try:
        return str(ip_network(text))
    except ValueError:
        raise PydanticCustomError("network", "should be an address or a network such as 10.0.0.0/8") from None


_SECRET_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {"type": "string", "minLength": 1},
        {"type": "object", "properties": {"env": {"type": "string"}}, "required": ["env"], "maxProperties": 1},
        {"type": "object", "properties": {"file": {"type": "string"}}, "required": ["file"], "maxProperties": 1},
    ]
}

SecretText = Annotated[Secret, BeforeValidator(_secret_from), WithJsonSchema(_SECRET_SCHEMA)]
"""A secret: its text, `{env: NAME}` or `{file: PATH}`. Never shown in a representation or an error."""

LocalPath = Annotated[Path, BeforeValidator(_resolved)]
"""A file or folder, relative to the settings file."""

Label = Annotated[
    str, BeforeValidator(_plain_number_as_text), WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "integer"}]})
]
"""Text that people often write as a whole number, such as an account id."""

Texts = Annotated[
    tuple[str, ...],
    BeforeValidator(one_as_many),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
"""One text, or a list of them."""

Networks = Annotated[
    tuple[Annotated[str, AfterValidator(_network)], ...],
    BeforeValidator(one_as_many),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
"""One address or network, or a list of them."""
