"""A fault anywhere in verification is a refusal (SEC-JWT-18), and nothing of a token is told to a log (SEC-JWT-22)."""

import logging
import traceback

import pytest
from structlog.testing import capture_logs

from facade.adapters.tokens import Introspection, Issuer, JwksKeys, MappedCredentials, Question, SaasRules, Verifier
from facade.adapters.tokens.keys import Key
from facade.identity import Credential
from facade.kernel import SECOND, CredentialKind, Secret, Unauthenticated
from facade.testing.clock import FakeClock
from tests.adapters.tokens.rig import ED, ED_OTHER, ED_SET, ScriptedFetch, bearer, ok, rules, token, values
from tests.requirements import requirement

HEADER = {"alg": "EdDSA", "kid": "ed"}
FAULTS = [RuntimeError, ValueError, KeyError, MemoryError, RecursionError, TimeoutError, AssertionError]


class Fuse:
    """Raises at the n-th step that any collaborator takes."""

    def __init__(self, at, fault):
        self.steps = 0
        self._at = at
        self._fault = fault

    def step(self):
        self.steps += 1
        if self.steps == self._at:
            raise self._fault(SECRET_TEXT)


SECRET_TEXT = "canary-in-the-exception"


class FusedClock(FakeClock):
    def __init__(self, fuse):
        super().__init__()
        self.fuse = fuse

    def now(self):
        self.fuse.step()
        return super().now()

    def monotonic(self):
        self.fuse.step()
        return super().monotonic()


class FusedFetch(ScriptedFetch):
    def __init__(self, fuse, *answers):
        super().__init__(*answers)
        self.fuse = fuse

    async def fetch(self, method, where, headers):
        self.fuse.step()
        return await super().fetch(method, where, headers)


class FusedKeys:
    """A key source that steps before every answer."""

    ready = True
    findings = ()

    def __init__(self, fuse, inner):
        self.fuse = fuse
        self.inner = inner

    async def find(self, kid, algorithm):
        self.fuse.step()
        return await self.inner.find(kid, algorithm)

    async def holds(self, key):
        self.fuse.step()
        return await self.inner.holds(key)


class FusedRecogniser:
    def __init__(self, fuse, inner):
        self.fuse = fuse
        self.inner = inner

    async def recognise(self, credential):
        self.fuse.step()
        return await self.inner.recognise(credential)


def fused(fuse):
    clock = FusedClock(fuse)
    keys = JwksKeys(url="https://id.example/jwks", rules=rules(), fetch=FusedFetch(fuse, ok(ED_SET)), clock=clock)
    saas = SaasRules(headers=("x-key",))
    answer = ok({"t": "acme", "u": "ann"})
    introspection = Introspection(
        rules=saas,
        question=Question(target="/me", tenant="/t", user="/u"),
        fetch=FusedFetch(fuse, answer),
        clock=clock,
    )
    recognisers = [FusedRecogniser(fuse, MappedCredentials(saas, {})), FusedRecogniser(fuse, introspection)]
    issuer = Issuer(rules=rules(), keys=FusedKeys(fuse, keys))
    return Verifier(issuers=[issuer], saas=recognisers, clock=clock)


def credentials():
    text = token(ED, HEADER, values(FakeClock()))
    return [bearer(text), Credential(kind=CredentialKind.SAAS, header="x-key", value=Secret("k-1"))]


async def steps_of(credential):
    fuse = Fuse(0, RuntimeError)
    verifier = fused(fuse)
    await verifier.claims(credential)
    await verifier.claims(credential)
    return fuse.steps


async def outcome_of(verifier, credential):
    """The claims' values, or how the refusal and all that hangs on it would be printed."""
    try:
        return (await verifier.claims(credential)).values
    except Unauthenticated as refusal:
        return "".join(traceback.format_exception(refusal))


@requirement("SEC-JWT-18", "invariant:tenant:isolated")
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("which", [0, 1], ids=["jwt", "own"])
async def test_a_fault_in_any_step_is_a_refusal_or_the_true_identity(which, fault):
    """First a new credential, then the same again as a remembered one, with a fault in each step of both."""
    credential = credentials()[which]
    steps = await steps_of(credential)
    assert steps > 5
    true_values = (await fused(Fuse(0, fault)).claims(credential)).values
    outcomes = []
    for at in range(1, steps + 1):
        verifier = fused(Fuse(at, fault))
        outcomes += [await outcome_of(verifier, credential) for _ in range(2)]
    refusals = [outcome for outcome in outcomes if outcome != true_values]
    assert len(refusals) >= steps - 2
    assert [refusal for refusal in refusals if SECRET_TEXT in refusal] == []


@requirement("SEC-JWT-18")
async def test_a_key_that_breaks_the_signature_check_is_a_refusal():
    class Broken:
        ready = True
        findings = ()

        async def find(self, kid, algorithm):
            return Key(kid=kid, algorithms=frozenset({algorithm}), fingerprint="f", material=None)

    verifier = Verifier(issuers=[Issuer(rules=rules(), keys=Broken())], clock=FakeClock())
    with pytest.raises(Unauthenticated):
        await verifier.claims(credentials()[0])


@requirement("SEC-JWT-18")
async def test_a_key_that_does_not_serve_the_algorithm_is_a_refusal():
    class Careless:
        ready = True
        findings = ()

        async def find(self, kid, algorithm):
            return Key(kid=kid, algorithms=frozenset({"RS256"}), fingerprint="f", material=ED.public_key())

    verifier = Verifier(issuers=[Issuer(rules=rules(), keys=Careless())], clock=FakeClock())
    with pytest.raises(Unauthenticated):
        await verifier.claims(credentials()[0])


@requirement("SEC-JWT-22")
async def test_no_log_line_and_no_refusal_holds_anything_of_a_token(caplog, capsys):
    clock = FakeClock()
    good = token(ED, HEADER, values(clock))
    tokens = [
        good,
        good[:-2],
        good + "A",
        good.replace(".", ""),
        token(ED_OTHER, HEADER, values(clock, tenant="canary-tenant")),
        token(ED_OTHER, {**HEADER, "kid": "canary-kid"}, values(clock)),
        token(ED, {**HEADER, "alg": "canary-alg", "typ": "canary-typ"}, values(clock)),
        token(ED, HEADER, values(clock, iss="canary-issuer", aud="canary-audience")),
        token(ED, HEADER, values(clock, exp="canary-exp")),
        token(ED, HEADER, b'{"canary-name":1,"canary-name":1}'),
        token(ED, HEADER, b'{"canary-broken'),
    ]
    fetch = ScriptedFetch(RuntimeError(good), ok(ED_SET))
    details = []
    with capture_logs() as logs, caplog.at_level(logging.DEBUG):
        keys = JwksKeys(url="https://id.example/jwks", rules=rules(), fetch=fetch, clock=clock)
        verifier = Verifier(issuers=[Issuer(rules=rules(), keys=keys)], clock=clock)
        for _ in range(2):
            for text in tokens:
                try:
                    await verifier.claims(bearer(text))
                except Unauthenticated as refusal:
                    details.append(refusal.detail)
            clock.advance(30 * SECOND)
        fused_verifier = fused(Fuse(4, ValueError))
        with pytest.raises(Unauthenticated):
            await fused_verifier.claims(bearer(good))
    written = repr(logs) + caplog.text + "".join(capsys.readouterr()) + repr(details)
    parts = {part for text in tokens for part in text.split(".") if len(part) > 8}
    assert logs != []
    assert [part for part in (*parts, "canary") if part in written] == []
