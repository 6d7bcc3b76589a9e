"""Whom we believe: issuers with their keys, and the application's own credentials."""

import asyncio
import hashlib
from dataclasses import replace
from typing import Final

from facade.adapters.tokens import (
    Introspection,
    Issuer,
    IssuerSignIn,
    JwksKeys,
    MappedCredentials,
    OutgoingFetch,
    Question,
    Recogniser,
    Registered,
    SaasRules,
    SessionFetch,
    Verifier,
    open_key_session,
    verifying_keys,
)
from facade.app.opened import Opened
from facade.config import MappedCredential, dev_key, dev_rules_of, issuer_keys, issuer_rules_of, sign_ins_of
from facade.kernel import JsonObject

_SIGN_IN_S: Final = 10.0
"""How long an issuer may take for a code: a person waits, and a code cannot be sent twice."""


async def verifier_of(opened: Opened) -> Verifier:
    """Everything that can vouch for a credential."""
    settings, clock = opened.settings, opened.clock
    fetch = SessionFetch(await opened.stack.enter_async_context(open_key_session()))
    issuers: list[Issuer] = []
    for number, (each, rules) in enumerate(zip(settings.identity.issuers, issuer_rules_of(settings), strict=True)):
        kept = await asyncio.to_thread(issuer_keys, each.keys, rules, number)
        # A key section without keys on this machine has a URL: the settings see to it.
        keys = kept or JwksKeys(url=each.keys.jwks_url or "", rules=rules, fetch=fetch, clock=clock)
        issuers.append(Issuer(rules=rules, keys=keys))
    dev = dev_rules_of(settings)
    if dev is not None and settings.identity.dev is not None:
        key = await asyncio.to_thread(dev_key, settings.identity.dev.key_file)
        issuers.append(Issuer(rules=dev, keys=verifying_keys(key, dev)))
    return Verifier(issuers=issuers, saas=_recognisers(opened), clock=clock)


async def sign_in_of(opened: Opened, verifier: Verifier) -> IssuerSignIn:
    """Where people sign in; the verifier believes what comes of it."""
    rules = {each.issuer: each for each in issuer_rules_of(opened.settings)}
    registered = []
    for each in sign_ins_of(opened.settings):
        # An ID token is for the client that asked for it, whatever audience our own tokens have.
        own = replace(rules[each.issuer], audiences=(each.client_id,), types=("jwt", ""), required=("nonce",))
        registered.append(Registered(rules=each, id_tokens=verifier.under(own), tokens=verifier))
    session = await opened.stack.enter_async_context(open_key_session())
    fetch, codes = SessionFetch(session), SessionFetch(session, deadline_s=_SIGN_IN_S)
    sign_in = IssuerSignIn(registered, fetch=fetch, codes=codes, clock=opened.clock)
    opened.stack.push_async_callback(sign_in.aclose)
    return sign_in


def _recognisers(opened: Opened) -> tuple[Recogniser, ...]:
    saas = opened.settings.identity.saas
    if saas is None:
        return ()
    rules = SaasRules(headers=saas.headers, scheme=saas.scheme)
    asked = saas.introspection
    if asked is None:
        entries: dict[str, JsonObject] = {
            _digest_of(each): {"sub": each.user, "tenant": each.tenant, "roles": list(each.roles)}
            for each in saas.mapping
        }
        return (MappedCredentials(rules, entries),)
    question = Question(
        target=asked.path,
        method=asked.method,
        tenant=asked.tenant,
        user=asked.user,
        roles=asked.roles,
        believed_s=asked.cache_s,
    )
    fetch = OutgoingFetch(opened.applications[asked.api].questions)
    return (Introspection(rules=rules, question=question, fetch=fetch, clock=opened.clock),)


def _digest_of(mapped: MappedCredential) -> str:
    if mapped.credential is None:
        return mapped.sha256 or ""
    return hashlib.sha256(mapped.credential.reveal().encode()).hexdigest()
