"""The registered claims of a token whose signature holds: issuer, audience and times."""

from typing import Final

from facade.identity.paths import claim_at
from facade.identity.records import IssuerRules
from facade.kernel import SECOND, Json, JsonObject, Micros, Unauthenticated

_LAST_SECOND: Final = 9_007_199_254
"""The last second whose microseconds stay below 2^53 (year 2255)."""

_MAX_LEEWAY_S = 60


def check_claims(values: JsonObject, rules: IssuerRules, *, now: Micros) -> Micros:
    """Is this token from this issuer, for us, and valid now?

    Returns:
        The moment until which it is accepted: its `exp` and the issuer's leeway.

    Raises:
        Unauthenticated: anything else, a missing required claim included.

    Source: RFC 7519 section 4.1; RFC 8725 sections 3.8 to 3.10; RFC 9068 section 4.
    """
    if values.get("iss") != rules.issuer:
        raise Unauthenticated("The token is from another issuer.")
    missing = [name for name in ("sub", *rules.required) if claim_at(values, name) in (None, (None,))]
    if missing:
        raise Unauthenticated(f"The token lacks the claim '{missing[0]}'.")
    _check_audience(values, rules)
    return _check_times(values, rules, now=now)


def _check_audience(values: JsonObject, rules: IssuerRules) -> None:
    """An issuer for which no audience is set up must send none: a token that names one is for somebody else."""
    named = _audiences(values)
    if not named and not rules.audiences:
        return
    extra = named.difference(rules.audiences)
    if extra == named or (extra and not rules.allow_extra_audiences):
        raise Unauthenticated("The token is for another audience.")


def _audiences(values: JsonObject) -> frozenset[str]:
    if "aud" not in values:
        return frozenset()
    audience = values["aud"]
    items = audience if isinstance(audience, list) else [audience]
    texts = [item for item in items if isinstance(item, str) and item]
    if not texts or len(texts) != len(items):
        raise Unauthenticated("The claim 'aud' is not a text or a list of texts.")
    return frozenset(texts)


def _check_times(values: JsonObject, rules: IssuerRules, *, now: Micros) -> Micros:
    leeway = min(max(rules.leeway_s, 0), _MAX_LEEWAY_S) * SECOND
    expires, issued = _moment(values, "exp"), _moment(values, "iat")
    if now >= expires + leeway:
        raise Unauthenticated("The token has expired; get a new one.")
    if issued > now + leeway or ("nbf" in values and _moment(values, "nbf") > now + leeway):
        raise Unauthenticated("The token is not valid yet; compare the clocks.")
    if not 0 < expires - issued <= rules.max_age_s * SECOND:
        raise Unauthenticated(f"The token's life is not within {rules.max_age_s} seconds.")
    return Micros(expires + leeway)


def _moment(values: JsonObject, name: str) -> int:
    """A claim in whole seconds, as microseconds since the epoch."""
    value: Json = values.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _LAST_SECOND:
        raise Unauthenticated(f"The claim '{name}' is missing or not a moment in whole seconds.")
    return value * SECOND
