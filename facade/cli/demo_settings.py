"""The settings of the demo: two customers of one help desk, in two tiers, each person with a role."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from facade.adapters.clock import SystemClock
from facade.adapters.tokens import Grant, generate_key, mint, signing_key_from
from facade.config import dev_rules_of, load
from facade.kernel import DescriptionInvalid

_FILE = """\
# Settings of the demo; `facade settings` is the reference.
version: 1
listen: {{host: 127.0.0.1, port: {port}}}
apis:
  helpdesk:
    spec: {spec}
    upstream: {upstream}
    context:
      credential: {{header: X-Account-Key, value: "{{secret}}"}}
      pins: {{path.account_id: "{{attributes.account_id}}"}}
    observe: {{mode: observe}}
    operations:
      searchTickets: {{write_class: read}}
      createPayment: {{idempotency_header: Idempotency-Key}}
identity:
  dev: {{key_file: dev-key.json}}
  saas:
    headers: [X-Account-Key]
    introspection: {{api: helpdesk, path: /whoami, tenant: /account_id, user: /account_id}}
tiers:
  free:
    rates: ["30 requests/minute burst 10", "20 calls/minute burst 6"]
    quotas: ["200 calls/day"]
    concurrency: 4
  gold:
    rates: ["600 requests/minute burst 100", "600 calls/minute burst 100"]
    concurrency: 32
roles:
  member: {{}}
  viewer: {{allow: [{{methods: [GET, HEAD]}}]}}
tenants:
  {first}: {{tier: gold, secret: {first_key}, attributes: {{account_id: {first}}}}}
  {second}: {{tier: free, secret: {second_key}, attributes: {{account_id: {second}}}}}
ledger: {{database: "sqlite:///facade.db", journal: journal}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A customer of the demo: its tenant id and name, and the token of one of its people."""

    id: str
    name: str
    token: str


def helpdesk_description() -> Path:
    """Where the demo's description is: inside an installed package, or beside a checkout's.

    Raises:
        DescriptionInvalid: in neither place.
    """
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "specs", package.parent / "specs"):
        if (folder / "helpdesk.yaml").is_file():
            return folder / "helpdesk.yaml"
    raise DescriptionInvalid("The demo's description helpdesk.yaml is missing; install the package again.")


def write_settings(folder: Path, *, upstream: str, accounts: Sequence[Mapping[str, Any]], port: int) -> Path:
    """Write the settings file and a fresh development key into a folder."""
    first, second = accounts[0], accounts[1]
    key_file = folder / "dev-key.json"
    key_file.write_text(generate_key().reveal())
    key_file.chmod(0o600)
    path = folder / "facade.yaml"
    path.write_text(
        _FILE.format(
            port=port,
            spec=json.dumps(str(helpdesk_description())),
            upstream=json.dumps(upstream),
            first=first["id"],
            first_key=first["key"],
            second=second["id"],
            second_key=second["key"],
        )
    )
    path.chmod(0o600)
    return path


def customers(folder: Path, accounts: Sequence[Mapping[str, Any]], settings: Mapping[str, Any]) -> list[Customer]:
    """One person of each account, with a token that is valid for twelve hours."""
    rules = dev_rules_of(load(settings, environ={}, base_dir=folder))
    if rules is None:
        raise DescriptionInvalid("The demo's settings lack the development issuer.")
    key = signing_key_from((folder / "dev-key.json").read_text())
    now = SystemClock().now()
    return [
        Customer(
            id=account["id"],
            name=account["name"],
            token=mint(
                key,
                rules,
                Grant(subject="demo", tenants=(account["id"],), roles=("member",), lifetime_s=12 * 3600),
                now=now,
            ),
        )
        for account in accounts
    ]
