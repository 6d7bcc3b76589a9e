"""The settings file -> frozen settings -> the records that the rooms speak (D7).

Built once, from a mapping, the environment and a folder, all given as arguments. May import everything below `app`;
reads files that the settings name, and nothing else. Every problem of a file is told at once, each with its place
and its mend; nothing that is accepted here is ignored later.

Choices: YAML is read as its JSON schema, so that `off`, `no`, `0123` and dates stay the text that was written; the
price is that `on`/`yes` are not booleans. A secret may stand in the file, in the environment or in a file of its own,
and is a `Secret` from its first moment. `${env:NAME}` works in every text, because containers are configured so;
secrets that contain `${env:` themselves are written `$${env:`.
"""

from facade.config.allowances import QuotaSettings, RateSettings
from facade.config.apis import ApiSettings, ObserveSettings
from facade.config.checks import notes_of
from facade.config.identity import MappedCredential
from facade.config.keys import dev_key, issuer_keys, key_findings, tls_files_of
from facade.config.loading import load, read
from facade.config.reaching import description_tls_of, health_rules_of, share_rules_of, upstream_settings_of
from facade.config.reading import mapping_in, mapping_of
from facade.config.records import (
    approval_lives_of,
    context_rules_of,
    contract_settings_of,
    dev_rules_of,
    issuer_rules_of,
    policy_of,
    sign_ins_of,
    tenants_of,
    tiers_of,
)
from facade.config.reference import settings_page, settings_schema
from facade.config.replacing import replaced
from facade.config.settings import Settings

__all__ = [
    "ApiSettings",
    "MappedCredential",
    "ObserveSettings",
    "QuotaSettings",
    "RateSettings",
    "Settings",
    "approval_lives_of",
    "context_rules_of",
    "contract_settings_of",
    "description_tls_of",
    "dev_key",
    "dev_rules_of",
    "health_rules_of",
    "issuer_keys",
    "issuer_rules_of",
    "key_findings",
    "load",
    "mapping_in",
    "mapping_of",
    "notes_of",
    "policy_of",
    "read",
    "replaced",
    "settings_page",
    "settings_schema",
    "share_rules_of",
    "sign_ins_of",
    "tenants_of",
    "tiers_of",
    "tls_files_of",
    "upstream_settings_of",
]
