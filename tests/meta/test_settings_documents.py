import ast
import json

import jsonschema_rs
from pydantic import BaseModel

from facade.config import Settings
from facade.config.reference import settings_page, settings_schema
from facade.config.section import Section
from tests.meta.source import ROOT, modules, name_of, tree


def sections(kind: type[BaseModel] = Section) -> list[type[BaseModel]]:
    return [*([kind] if kind is not Section else []), *(s for below in kind.__subclasses__() for s in sections(below))]


def test_the_settings_page_is_current() -> None:
    assert (ROOT / "docs/settings.md").read_text() == settings_page(), "run `make docs`"


def test_the_settings_schema_is_current() -> None:
    assert (ROOT / "specs/settings.schema.json").read_text() == settings_schema(), "run `make docs`"


def test_every_setting_is_documented() -> None:
    silent = [f"{s.__name__}.{name}" for s in sections() for name, f in s.model_fields.items() if not f.description]
    assert silent == []
    assert {name for s in sections() for name in s.model_fields} <= set(
        settings_page().replace("|", " ").replace("`", " ").split()
    )


def test_no_setting_is_accepted_and_then_ignored() -> None:
    read = {
        node.attr
        for path in modules("facade")
        if "/config/" not in f"/{name_of(path)}"
        or name_of(path).endswith(("records.py", "reaching.py", "compiling.py", "checks.py", "keys.py"))
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute)
    }
    ignored = {f"{s.__name__}.{name}" for s in sections() for name in s.model_fields if name not in read}
    assert ignored - {"Settings.version", "CredentialSettings.kind"} == set()


def test_the_schema_is_valid_json_schema_and_takes_a_small_file() -> None:
    schema = json.loads(settings_schema())
    validator = jsonschema_rs.validator_for(schema)
    small = {
        "version": 1,
        "apis": {"main": {"spec": "openapi.yaml", "upstream": "https://app.example"}},
        "identity": {"dev": {"key_file": "dev.jwk"}},
        "tiers": {"free": {"rates": ["60 requests/minute burst 20"]}},
    }
    assert validator.is_valid(small)
    assert not validator.is_valid({**small, "tirs": {}})
    assert Settings.model_json_schema()["required"] == ["version", "apis", "identity", "tiers"]
