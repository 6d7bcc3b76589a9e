"""Mapping -> settings, or every problem at once."""

from collections.abc import Mapping
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from facade.config.checks import checked, names_in
from facade.config.problems import Place, findings_of, places_of
from facade.config.reading import filled, mapping_of
from facade.config.section import Surroundings
from facade.config.settings import Settings
from facade.kernel import Finding, SettingsInvalid

_ROUNDS = 6
"""What is left after a removal may lack a key, whose owner is removed then; the file is about this deep."""

_STAND_INS: Mapping[str, Any] = {
    "version": 1,
    "apis": {"stand-in": {"spec": "https://stand.in", "upstream": "https://stand.in"}},
    "identity": {},
    "tiers": {"stand-in": {}},
}
"""Required parts that contradict nothing, for those that had to be removed."""


def read(path: Path, *, environ: Mapping[str, str], workers: int | None = None) -> Settings:
    """The settings in a file.

    Args:
        workers: stands in for `listen.workers`.

    Raises:
        SettingsInvalid: with every problem found.
    """
    mapping = dict(mapping_of(path))
    if workers is not None and isinstance(mapping.get("listen", {}), Mapping):
        mapping["listen"] = {**mapping.get("listen", {}), "workers": workers}
    return load(mapping, environ=environ, base_dir=path.resolve().parent)


def load(mapping: Mapping[str, Any], *, environ: Mapping[str, str], base_dir: Path) -> Settings:
    """The settings in a mapping.

    Args:
        environ: what `${env:NAME}` and `{env: NAME}` refer to.
        base_dir: what relative paths are relative to.

    Raises:
        SettingsInvalid: with every problem found: of single values, of names that do not exist, of parts that
            contradict each other.
    """
    raw, unset = filled(dict(mapping), environ)
    surroundings = Surroundings(base_dir=base_dir, environ=environ)
    try:
        settings = Settings.model_validate(raw, context=surroundings)
    except ValidationError as error:
        objections = _innermost(findings_of(error, Settings))
        rest = _rest_of(raw, error, surroundings)
        further = checked(rest, names_in(raw)) if rest else ()
        findings = (*objections, *_without_echoes(further, objections))
    else:
        findings = checked(settings, names_in(raw))
        if not findings:
            return settings
    raise _invalid((*unset, *_without_echoes(findings, unset)))


def _invalid(findings: tuple[Finding, ...]) -> SettingsInvalid:
    lines = "; ".join(f"{f.place or 'the file'}: {f.message}" for f in findings)
    return SettingsInvalid(f"The settings do not hold together. {lines}", findings=findings)


def _without_echoes(findings: tuple[Finding, ...], told: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Leave out what is only said because something at the same place, or below it, is wrong already."""
    return tuple(f for f in findings if not any(t.place == f.place or t.place.startswith(f"{f.place}.") for t in told))


def _innermost(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """A list whose entries are all wrong is not also too short."""
    return tuple(f for f in findings if not any(g.place.startswith(f"{f.place}.") for g in findings))


def _rest_of(raw: Any, error: ValidationError, surroundings: Surroundings) -> Settings | None:
    """The settings without their wrong parts, so that the rest is still checked as a whole."""
    rest = deepcopy(raw)
    for _ in range(_ROUNDS):
        for place in sorted(set(places_of(error)), key=_last_first):
            _prune(rest, place)
        rest.update({key: value for key, value in _STAND_INS.items() if not rest.get(key)})
        try:
            return Settings.model_validate(rest, context=surroundings)
        except ValidationError as next_error:
            error = next_error
    return None


def _last_first(place: Place) -> tuple[int, list[int]]:
    """Deeper places first, then higher list positions, so that a removal shifts nothing still to be removed."""
    return (-len(place), [-part if isinstance(part, int) else 0 for part in place])


def _prune(value: Any, place: Place) -> None:
    if not place:
        return
    with suppress(KeyError, IndexError, TypeError):
        for part in place[:-1]:
            value = value[part]
        del value[place[-1]]
