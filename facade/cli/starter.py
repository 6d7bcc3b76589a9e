"""The commented settings file that `facade init` writes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from facade.cli.suggest import Account, Suggestions

_TOP = """\
# Settings of a facade in front of {title}.
# `facade settings` is the reference, `facade check` tells every problem at once.
version: 1

listen:
  host: 127.0.0.1        # 0.0.0.0 for every interface; TLS ends in front, or here: `tls`
  port: 8080

prefix: /agent           # our own entrances; every other path goes to the application
mode: proxy              # agent_only: answer nothing but the prefix

apis:
  {name}:
    spec: {spec}
    upstream: {upstream}
"""

_SHOWN = 5
"""So many of the operations that are kept from agents stand in the file."""

_BASE_PATH = """\
    base_path: {base_path}   # stands before every path of the description
"""

_BOTTOM = """\

identity:
  # Development tokens: `facade token --tenant demo --user me --role member`. Remove this before production, and name
  # your own issuer:
  dev:
    key_file: {key_file}
  # issuers:
  #   - issuer: https://login.example
  #     audiences: [facade]
  #     algorithms: [RS256]
  #     keys: {{jwks_url: "https://login.example/.well-known/jwks.json"}}
  #     claims: {{tenant: org_id, user: sub, roles: roles}}
{saas}
tiers:
  free:
    autonomy: confirm    # read_only never writes, confirm asks before each write, auto writes at once
    rates: ["60 requests/minute burst 20", "30 calls/minute burst 10"]
    quotas: ["1000 calls/day"]
    concurrency: 4
  pro:
    autonomy: confirm
    rates: ["600 requests/minute burst 100", "300 calls/minute burst 50"]
    concurrency: 16

# Rights by role; a user has the union of its roles.
roles:
  viewer:
    allow: [{{methods: [GET, HEAD]}}]
  member: {{}}

# Customers. Those without an entry are refused; `provision: free` would take them into that tier.
tenants:
  demo:
    tier: free
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """What `init` was told: where everything is.

    Attributes:
        secret: YAML of the demo tenant's secret, such as `{env: NAME}`.
    """

    name: str
    spec: str
    upstream: str
    key_file: str
    secret: str


def starter(found: Suggestions, places: Places, *, kept: Mapping[str, str]) -> str:
    """The file as text.

    Args:
        kept: the rule that keeps it from agents, by operation.
    """
    parts = [
        _TOP.format(title=found.title, name=places.name, spec=_quoted(places.spec), upstream=_quoted(places.upstream)),
        _BASE_PATH.format(base_path=_quoted(found.base_path)) if found.base_path else "",
        "    context:\n",
        *(_pin_lines(found.accounts)),
        _credential_lines(found),
        *_kept_lines(kept),
        _BOTTOM.format(key_file=_quoted(places.key_file), saas=_saas_lines(found, places.name)),
        f"    secret: {places.secret}\n" if found.credential else "",
        *_attribute_lines(found.accounts),
    ]
    return "".join(parts)


def _credential_lines(found: Suggestions) -> str:
    credential = found.credential
    if credential is None:
        return (
            "      # The description declares no credential. If the application wants one for each customer:\n"
            '      # credential: {header: Authorization, value: "Bearer {secret}"}\n'
            "      # or, to pass each caller's own on: credential: passthrough\n"
            "      credential: none\n"
        )
    return (
        f"      # One credential for each customer: {credential.why}.\n"
        "      # The application then cannot tell users of a customer apart, so the roles below decide.\n"
        f"      credential: {{header: {_quoted(credential.header)}, value: {_quoted(credential.value)}}}\n"
    )


def _kept_lines(kept: Mapping[str, str]) -> list[str]:
    if not kept:
        return []
    lines = [
        f"    # Kept from agents by rule: {len(kept)}; `facade operations --kept` tells which and why. To allow one:\n",
        "    # operations:\n",
    ]
    lines += [f"    #   {name}: {{allow: true}}   # {rule}\n" for name, rule in list(kept.items())[:_SHOWN]]
    return lines


def _saas_lines(found: Suggestions, name: str) -> str:
    """How existing clients of the application get through: with the credential they have."""
    header = found.credential.header.lower() if found.credential else "authorization"
    path = _quoted(found.who_am_i or "/me")
    return (
        "  # Existing clients keep the credential they have, once the application is asked whose it is:\n"
        "  # saas:\n"
        f"  #   headers: [{_quoted(header)}]\n"
        f"  #   introspection: {{api: {name}, path: {path}, tenant: /account/id, user: /id}}\n"
    )


def _pin_lines(accounts: tuple[Account, ...]) -> list[str]:
    if not accounts:
        return []
    lines = [
        "      # These parameters seem to name the customer. Pinned, they are filled from the tenant, hidden from\n",
        "      # planners, and refused when a client sends another value. Each tenant then needs the attribute.\n",
        "      # pins:\n",
    ]
    lines += [
        f'      #   {a.pin}: "{{attributes.{_attribute(a)}}}"   # in {a.operations} operations\n' for a in accounts
    ]
    return lines


def _attribute_lines(accounts: tuple[Account, ...]) -> list[str]:
    if not accounts:
        return []
    pairs = ", ".join(f"{name}: ..." for name in dict.fromkeys(_attribute(a) for a in accounts))
    return [f"    # attributes: {{{pairs}}}\n"]


def _attribute(account: Account) -> str:
    return "".join(c if c.isalnum() else "_" for c in account.name)


def _quoted(text: str) -> str:
    """A YAML scalar; JSON strings are YAML."""
    return json.dumps(text, ensure_ascii=False)
