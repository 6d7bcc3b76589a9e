"""The ports over their adapters."""

import asyncio

from facade.adapters.ids import UuidV7
from facade.adapters.planner import EmbeddedPlanner
from facade.adapters.probe import OperatorProbe
from facade.adapters.records import DeclaredTenants
from facade.adapters.stores import open_stores
from facade.adapters.stores.journal import JournalSettings, open_journal
from facade.adapters.stores.memory import MemoryLimiter
from facade.adapters.upstream import BudgetedRetries, CallUpstream, open_session
from facade.adapters.upstream.several import SeveralRetries, SeveralUpstreams
from facade.admission import period_start
from facade.app.contracts import contracts_of
from facade.app.identity import verifier_of
from facade.app.opened import Opened
from facade.config import approval_lives_of, context_rules_of, policy_of, tenants_of, upstream_settings_of
from facade.contract import Catalogue
from facade.kernel import Period
from facade.ports import Ports


async def ports_of(opened: Opened) -> Ports:
    """Open every adapter on the stack, in the order in which they need each other."""
    settings, stack, clock = opened.settings, opened.stack, opened.clock
    catalogue = Catalogue(contracts=await contracts_of(settings, opened.log))
    planner = await asyncio.to_thread(EmbeddedPlanner, catalogue)
    stores = await stack.enter_async_context(open_stores(settings.ledger.database))
    journal_settings = JournalSettings(folder=settings.ledger.journal)
    journal = await stack.enter_async_context(open_journal(journal_settings, stores.ledger.deliver))
    limiter = MemoryLimiter()
    now = clock.now()
    for period in Period:
        limiter.preload(await stores.ledger.charged(since=period_start(now, period)), period=period, now=now)
    reached = upstream_settings_of(settings)
    for name, upstream in reached.items():
        opened.outgoing[name] = await stack.enter_async_context(open_session(upstream))
    return Ports(
        clock=clock,
        ids=UuidV7(clock),
        tokens=await stack.enter_async_context(await verifier_of(opened)),
        tenants=DeclaredTenants(tenants_of(settings)),
        limiter=limiter,
        journal=journal,
        approvals=stores.approvals,
        conversations=stores.conversations,
        upstream=SeveralUpstreams({n: CallUpstream(o, reached[n]) for n, o in opened.outgoing.items()}),
        retries=SeveralRetries({n: BudgetedRetries(s, clock) for n, s in reached.items()}),
        planner=planner,
        probe=OperatorProbe(opened.log, opened.registry),
        catalogue=catalogue,
        policy=policy_of(settings),
        context_rules=context_rules_of(settings),
        approval_lives=approval_lives_of(settings),
    )
