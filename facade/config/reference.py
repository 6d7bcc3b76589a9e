"""The reference page and the JSON Schema of the settings file, made from the models alone."""

import json
from collections.abc import Iterator
from typing import Any

from facade.config.settings import Settings

_HEAD = """# Settings

<!-- Made by `make docs` from facade/config; change it there. -->

One YAML file, usually `facade.yaml`. An unknown key stops the start, and every problem is told at once by
`facade check`. `${env:NAME}` in any text is replaced by that environment variable. A *secret* is a text,
`{env: NAME}` or `{file: PATH}`. Paths are relative to the settings file. `specs/settings.schema.json` is the same as
JSON Schema, for editors. **Required** keys have no default.
"""


def settings_schema() -> str:
    """JSON Schema (draft 2020-12) of the settings file."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **Settings.model_json_schema()}
    schema["title"] = "Settings of a facade"
    return json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def settings_page() -> str:
    """The reference page, Markdown: one table for each mapping of the file."""
    schema = Settings.model_json_schema()
    parts = [_HEAD, *_section("", schema, schema["$defs"], set())]
    return "\n".join(parts)


def _section(path: str, schema: dict[str, Any], defs: dict[str, Any], told: set[str]) -> Iterator[str]:
    told.add(schema["title"])
    yield f"## {f'`{path}`' if path else 'The file'}\n"
    yield f"{_line(schema['description'])}\n"
    yield "| key | value | default | meaning |\n|---|---|---|---|"
    required = schema.get("required", ())
    for name, field in schema["properties"].items():
        default = "**required**" if name in required else _default(field)
        yield f"| `{name}` | {_value(field, defs)} | {default} | {_meaning(field, defs)} |"
    yield ""
    for name, field in schema["properties"].items():
        for below, inner in _inner(f"{path}.{name}".lstrip("."), field, defs):
            if inner["title"] not in told:
                yield from _section(below, inner, defs, told)


def _inner(path: str, field: dict[str, Any], defs: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for option in (field, *field.get("anyOf", ())):
        if "$ref" in option:
            yield from _inner(path, defs[option["$ref"].rpartition("/")[2]], defs)
        elif "items" in option:
            yield from _inner(f"{path}[]", option["items"], defs)
        elif _members(option) is not None:
            yield from _inner(f"{path}.NAME", _members(option) or {}, defs)
        elif "properties" in option and "description" in option:
            yield path, option


def _members(schema: dict[str, Any]) -> dict[str, Any] | None:
    patterned = schema.get("patternProperties")
    values = next(iter(patterned.values())) if patterned else schema.get("additionalProperties")
    return values if isinstance(values, dict) else None


def _value(field: dict[str, Any], defs: dict[str, Any]) -> str:
    options = [o for o in field.get("anyOf", (field,)) if o.get("type") != "null"]
    return " or ".join(dict.fromkeys(_kind(o, defs) for o in options))


def _kind(schema: dict[str, Any], defs: dict[str, Any]) -> str:
    if "$ref" in schema or "anyOf" in schema:
        return _value(defs.get(schema.get("$ref", "").rpartition("/")[2], schema), defs)
    if "enum" in schema or "const" in schema:
        return ", ".join(f"`{v}`" for v in schema.get("enum", [schema.get("const")]))
    if "items" in schema:
        return f"list of {_kind(schema['items'], defs)}"
    return _mapping(schema, defs) if schema.get("type") == "object" else _scalar(schema)


def _mapping(schema: dict[str, Any], defs: dict[str, Any]) -> str:
    members = _members(schema)
    if members is not None:
        return f"names: {_kind(members, defs)}"
    keys = [f"`{name}`" for name in schema.get("properties", {})]
    return f"{{{', '.join(keys)}}}" if len(keys) == 1 else "mapping"


def _scalar(schema: dict[str, Any]) -> str:
    word = {"integer": "whole number", "number": "number", "boolean": "`true`, `false`"}.get(schema["type"], "text")
    if schema.get("format") == "path":
        word = "path"
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum", 0) - 1 if "exclusiveMaximum" in schema else None)
    if low is None or high is None:
        return word
    return f"{word}, {'over ' if 'exclusiveMinimum' in schema else ''}{low} to {high}"


def _default(field: dict[str, Any]) -> str:
    value = field.get("default")
    if value is None or value in ("", [], {}) or isinstance(value, dict):
        return ""
    if isinstance(value, list):
        return ", ".join(f"`{v}`" if v else "''" for v in value)
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _meaning(field: dict[str, Any], defs: dict[str, Any]) -> str:
    """The attribute's own words; the schema drops them where they equal the section's."""
    section = defs.get(field.get("$ref", "").rpartition("/")[2], {})
    return _line(field.get("description") or section.get("description", ""))


def _line(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
