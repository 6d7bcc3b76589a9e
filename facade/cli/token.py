"""`facade token`."""

from pathlib import Path
from typing import Annotated

import typer

from facade.adapters.clock import SystemClock
from facade.adapters.tokens import Grant, mint
from facade.cli.options import DEFAULT_FILE, SettingsFile
from facade.cli.terminal import Terminal
from facade.config import Settings, dev_key, dev_rules_of, read
from facade.kernel import InvalidRequest


def command(
    ctx: typer.Context,
    *,
    tenant: Annotated[list[str], typer.Option(help="Whose token it is; several grant a choice among them.")],
    user: Annotated[str, typer.Option(help="Which user.")] = "dev",
    role: Annotated[list[str] | None, typer.Option(help="A role of that user; may be given several times.")] = None,
    minutes: Annotated[int, typer.Option(help="How long it is valid.", min=1, max=1440)] = 720,
    config: SettingsFile = DEFAULT_FILE,
) -> None:
    """Mint a development token with the key under `identity.dev`, and print it alone on one line.

    \b
    Examples:
      facade token --tenant demo --user me --role member
      curl -H "Authorization: Bearer $(facade token --tenant demo)" http://127.0.0.1:8080/agent/v1/models
    """
    terminal: Terminal = ctx.obj
    settings = read(config, environ=terminal.environ)
    grant = Grant(subject=user, tenants=tuple(tenant), roles=tuple(role or ()), lifetime_s=minutes * 60)
    token = _minted(settings, grant, config)
    for doubt in _doubts(settings, grant):
        terminal.note(f"facade: {doubt}; the facade will refuse this token")
    terminal.say(token)


def _minted(settings: Settings, grant: Grant, config: Path) -> str:
    dev, rules = settings.identity.dev, dev_rules_of(settings)
    if dev is None or rules is None:
        raise InvalidRequest(f"{config}: identity.dev is missing; add it with a key_file, or ask your own issuer.")
    return mint(dev_key(dev.key_file), rules, grant, now=SystemClock().now())


def _doubts(settings: Settings, grant: Grant) -> list[str]:
    """What the settings already say against such a token."""
    unknown = [] if settings.provision else [t for t in grant.tenants if t not in settings.tenants]
    doubts = [f"{name!r} is not under `tenants`" for name in unknown]
    if settings.roles and not settings.roles_optional and not set(grant.roles) & set(settings.roles):
        doubts.append(f"it has none of the roles {', '.join(settings.roles)}")
    return doubts
