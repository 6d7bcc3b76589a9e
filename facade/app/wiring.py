"""The ports over their adapters."""

from pathlib import Path

from facade.adapters.ids import UuidV7
from facade.adapters.planner import EmbeddedPlanner
from facade.adapters.probe import OperatorProbe
from facade.adapters.records import DeclaredTenants
from facade.adapters.stores import Stores, open_stores
from facade.adapters.stores.journal import JournalSettings, open_journal
from facade.adapters.stores.shared import open_shared
from facade.adapters.upstream import BudgetedRetries
from facade.adapters.upstream.several import SeveralRetries, SeveralUpstreams
from facade.app.identity import sign_in_of, verifier_of
from facade.app.opened import Opened
from facade.app.reaching import applications_of
from facade.app.recovery import drain_workers, preloaded, worker_folder
from facade.config import approval_lives_of, context_rules_of, policy_of, tenants_of, upstream_settings_of
from facade.contract import Catalogue
from facade.ports import Limiter, Ports


async def ports_of(opened: Opened) -> Ports:
    """Open every adapter on the stack, in the order in which they need each other."""
    settings, stack, clock = opened.settings, opened.stack, opened.clock
    edition = await opened.editions.of(settings)
    stores = await stack.enter_async_context(open_stores(settings.ledger.database))
    if opened.among is None:
        await drain_workers(settings.ledger.journal, stores)
    journal_settings = JournalSettings(folder=_journal_folder(opened))
    journal = await stack.enter_async_context(open_journal(journal_settings, stores.ledger.deliver))
    limiter = await _limiter(opened, stores)
    opened.applications.update(await applications_of(opened))
    tokens = await stack.enter_async_context(await verifier_of(opened))
    return Ports(
        clock=clock,
        ids=UuidV7(clock),
        tokens=tokens,
        sign_in=await sign_in_of(opened, tokens),
        tenants=DeclaredTenants(tenants_of(settings)),
        limiter=limiter,
        journal=journal,
        approvals=stores.approvals,
        conversations=stores.conversations,
        upstream=SeveralUpstreams({name: each.calls for name, each in opened.applications.items()}),
        retries=SeveralRetries({n: BudgetedRetries(s, clock) for n, s in upstream_settings_of(settings).items()}),
        planner=EmbeddedPlanner(edition.index),
        probe=OperatorProbe(opened.log, opened.registry),
        catalogue=Catalogue(contracts=edition.contracts),
        policy=policy_of(settings),
        context_rules=context_rules_of(settings),
        approval_lives=approval_lives_of(settings),
    )


def _journal_folder(opened: Opened) -> Path:
    folder = opened.settings.ledger.journal
    return folder if opened.among is None else worker_folder(folder, opened.among.number)


async def _limiter(opened: Opened, stores: Stores) -> Limiter:
    if opened.among is not None:
        return await opened.stack.enter_async_context(open_shared(opened.among.limiter))
    return await preloaded(stores, opened.clock)
