"""Settings -> how each application is reached: deadlines, TLS, shares, and when it is given a rest."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from facade.adapters.upstream.addresses import HealthRules, Path
from facade.adapters.upstream.breaker import BreakerRules
from facade.adapters.upstream.health import OutlierRules
from facade.adapters.upstream.settings import UpstreamSettings
from facade.adapters.upstream.shares import ShareRules
from facade.adapters.upstream.tls import TlsSettings
from facade.config.apis import ApiSettings
from facade.config.settings import Settings
from facade.kernel import SECOND, Micros

_COUNTED: Final[Mapping[str, frozenset[Path]]] = {
    "calls": frozenset({"calls"}),
    "all": frozenset({"calls", "passages", "questions"}),
    "none": frozenset(),
}

_QUESTIONS: Final = 8
"""Connections besides those of `connections`, for our own questions about credentials."""


def upstream_settings_of(settings: Settings) -> Mapping[str, UpstreamSettings]:
    """How each application is reached, by API name. The base path is the contract's: its targets begin with it."""
    told = settings.limits.deadline_header or ""
    return {name: _upstream(api, told) for name, api in settings.apis.items()}


def description_tls_of(settings: Settings) -> Mapping[str, TlsSettings | None]:
    """How TLS is spoken with the address of each description, by API name: as with the application, on its hosts."""
    return {
        name: _tls(api) if urlsplit(api.spec).hostname in {urlsplit(each).hostname for each in api.upstream} else None
        for name, api in settings.apis.items()
    }


def health_rules_of(settings: Settings) -> Mapping[str, HealthRules]:
    """When each application, or one of its addresses, is given a rest, by API name."""
    return {name: _health_rules(api) for name, api in settings.apis.items()}


def share_rules_of(settings: Settings) -> Mapping[str, ShareRules]:
    """Who may hold how much of each application at once, by API name."""
    return {name: _share_rules(api) for name, api in settings.apis.items()}


def _upstream(api: ApiSettings, deadline_header: str) -> UpstreamSettings:
    return UpstreamSettings(
        base=api.upstream[0],
        others=api.upstream[1:],
        tls=_tls(api),
        client_host=api.host_header == "client",
        networks=api.networks,
        connect_s=api.timeouts.connect_s,
        first_byte_s=api.timeouts.first_byte_s,
        total_s=api.timeouts.total_s,
        relay_idle_s=api.timeouts.idle_s,
        keep_alive_s=api.timeouts.keep_alive_s,
        pool_size=api.connections + _QUESTIONS,
        queue_s=api.shares.wait_s,
        max_response_bytes=api.max_response_bytes,
        retry_attempts=api.attempts,
        deadline_header=deadline_header,
    )


def _tls(api: ApiSettings) -> TlsSettings | None:
    tls = api.tls
    if tls is None:
        return None
    return TlsSettings(
        ca_file=tls.ca_file,
        client_cert_file=tls.client_cert_file,
        client_key_file=tls.client_key_file,
        server_name=tls.server_name,
        verify=tls.verify,
        minimum=tls.minimum,
    )


def _share_rules(api: ApiSettings) -> ShareRules:
    shares, places = api.shares, api.connections
    return ShareRules(
        places=places,
        per_tenant=shares.per_tenant or max(1, places // 4),
        unvouched=shares.anonymous or max(1, places * 3 // 4),
        wait_s=shares.wait_s,
        waiting=shares.waiting,
    )


def _health_rules(api: ApiSettings) -> HealthRules:
    breaker, outliers = api.breaker, api.outliers
    return HealthRules(
        gateway_counts=_COUNTED[breaker.gateway_errors],
        breaker=BreakerRules(
            enabled=breaker.enabled,
            share=breaker.share,
            least=breaker.least,
            window=_micros(breaker.window_s),
            unreached=breaker.unreached,
            probe_every=_micros(breaker.probe_every_s),
        ),
        outliers=OutlierRules(
            enabled=outliers.enabled,
            in_a_row=outliers.in_a_row,
            share=outliers.share,
            least=outliers.least,
            window=_micros(outliers.window_s),
            first=_micros(outliers.first_s),
            longest=_micros(outliers.longest_s),
        ),
    )


def _micros(seconds: float) -> Micros:
    return Micros(round(seconds * SECOND))
