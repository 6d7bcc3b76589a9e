"""Settings -> the records that the rooms speak."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from facade.adapters.tokens import SignInRules
from facade.config.apis import ApiSettings, OperationSettings
from facade.config.identity import IssuerSettings, SignInSettings
from facade.config.settings import Settings
from facade.config.tenants import RightsSettings, RuleSettings, TenantSettings, TierSettings
from facade.contract import Bounds, ContractSettings, Override
from facade.identity import IssuerRules
from facade.kernel import SECOND, Location, Micros, Quota, RateLimit, Rights, Rule, TenantRecord, Tier
from facade.tenancy import ContextRules, HeaderRule, PinRule, Policy


def tiers_of(settings: Settings) -> Mapping[str, Tier]:
    """Tiers by name."""
    return {name: _tier(name, tier) for name, tier in settings.tiers.items()}


def policy_of(settings: Settings) -> Policy:
    """Tiers, roles and provisioning. Roles are required when an API gets a tenant-wide credential (D2)."""
    wide = any(api.tenant_wide for api in settings.apis.values())
    return Policy(
        tiers=tiers_of(settings),
        roles={name: _rights(rights) for name, rights in settings.roles.items()},
        roles_required=wide and not settings.roles_optional,
        provision=settings.provision,
    )


def tenants_of(settings: Settings) -> Mapping[str, TenantRecord]:
    """Records of the customers that the file declares."""
    return {name: _tenant(name, tenant) for name, tenant in settings.tenants.items()}


def context_rules_of(settings: Settings) -> Mapping[str, ContextRules]:
    """What each API is told about the tenant, by API name."""
    return {name: _context(api) for name, api in settings.apis.items()}


def contract_settings_of(settings: Settings) -> Mapping[str, ContractSettings]:
    """What shapes each contract besides its description, by API name."""
    return {name: _contract(api) for name, api in settings.apis.items()}


def issuer_rules_of(settings: Settings) -> tuple[IssuerRules, ...]:
    """How the tokens of each configured issuer are read, in their order; the development issuer is not among them."""
    return tuple(_issuer(issuer) for issuer in settings.identity.issuers)


def dev_rules_of(settings: Settings) -> IssuerRules | None:
    """How development tokens are read; None without a development issuer."""
    dev = settings.identity.dev
    if dev is None:
        return None
    return IssuerRules(issuer=dev.issuer, algorithms=("EdDSA",), audiences=(dev.audience,))


def sign_ins_of(settings: Settings) -> tuple[SignInRules, ...]:
    """How people sign in, by issuer, for those that have it set up."""
    return tuple(_sign_in(issuer, issuer.sign_in) for issuer in settings.identity.issuers if issuer.sign_in)


def _sign_in(issuer: IssuerSettings, rules: SignInSettings) -> SignInRules:
    given = {"audience": rules.audience, "resource": rules.resource}
    return SignInRules(
        issuer=issuer.issuer,
        label=rules.label or urlsplit(issuer.issuer).hostname or issuer.issuer,
        client_id=rules.client_id,
        client_secret=rules.client_secret,
        scopes=rules.scopes,
        use=rules.use,
        parameters={name: value for name, value in given.items() if value is not None},
        authorization_url=rules.authorization_url or "",
        token_url=rules.token_url or "",
    )


def approval_lives_of(settings: Settings) -> Micros:
    """How long a proposal waits."""
    return Micros(settings.approvals.expires_s * SECOND)


def _tier(name: str, tier: TierSettings) -> Tier:
    return Tier(
        name=name,
        autonomy=tier.autonomy,
        rates=tuple(
            RateLimit(
                name=r.label,
                counts=r.counts,
                rate=r.rate,
                per=Micros(r.per_s * SECOND),
                burst=r.burst or r.rate,
            )
            for r in tier.rates
        ),
        quotas=tuple(Quota(name=q.label, counts=q.counts, amount=q.amount, period=q.period) for q in tier.quotas),
        concurrency=tier.concurrency,
        rights=_rights(tier),
        max_writes=tier.max_writes,
        price_list=tier.price_list,
    )


def _rights(rights: RightsSettings) -> Rights:
    return Rights(allow=tuple(_rule(r) for r in rights.allow), deny=tuple(_rule(r) for r in rights.deny))


def _rule(rule: RuleSettings) -> Rule:
    return Rule(tags=rule.tags, operations=rule.operations, methods=rule.methods, paths=rule.paths, apis=rule.apis)


def _tenant(name: str, tenant: TenantSettings) -> TenantRecord:
    return TenantRecord(
        id=name,
        tier=tenant.tier,
        state=tenant.state,
        attributes=tenant.attributes,
        secret=tenant.secret,
        locale=tenant.locale,
        time_zone=tenant.time_zone,
    )


def _context(api: ApiSettings) -> ContextRules:
    context = api.context
    headers = [HeaderRule(name=name, value=value) for name, value in context.headers.items()]
    if context.credential.header is not None and context.credential.value is not None:
        headers.append(HeaderRule(name=context.credential.header, value=context.credential.value))
    return ContextRules(
        headers=tuple(headers),
        pins=tuple(_pin(name, value) for name, value in context.pins.items()),
        pass_credential=context.credential.kind == "passthrough",
    )


def _contract(api: ApiSettings) -> ContractSettings:
    pins = (_pin(name, value) for name, value in api.context.pins.items())
    return ContractSettings(
        overrides={name: _override(operation) for name, operation in api.operations.items()},
        base_path=api.base_path,
        pins=tuple((pin.location, pin.name) for pin in pins),
        bounds=Bounds(checked_bytes=api.checked_bytes),
    )


def _override(operation: OperationSettings) -> Override:
    return Override(
        write_class=operation.write_class,
        title=operation.title,
        description=operation.description,
        hide=operation.hide,
        allow=operation.allow,
        idempotency_header=operation.idempotency_header,
    )


def _pin(name: str, value: str) -> PinRule:
    location, _, parameter = name.partition(".")
    return PinRule(location=Location(location), name=parameter, value=value)


def _issuer(issuer: IssuerSettings) -> IssuerRules:
    return IssuerRules(
        issuer=issuer.issuer,
        algorithms=issuer.algorithms,
        audiences=issuer.audiences,
        allow_extra_audiences=issuer.allow_extra_audiences,
        types=tuple(t.lower() for t in issuer.types),
        required=issuer.required,
        leeway_s=issuer.leeway_s,
        max_age_s=issuer.max_age_s,
        tenant_claim=issuer.claims.tenant,
        user_claim=issuer.claims.user,
        roles_claim=issuer.claims.roles,
        tier_claim=issuer.claims.tier,
    )
