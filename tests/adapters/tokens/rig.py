"""Makes keys, tokens of any shape, key servers and verifiers. Signs by itself, so that no library tidies a token up."""

import base64
import hashlib
import hmac
import json
from collections import deque

from aiohttp import web
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from facade.adapters.tokens import (
    Fetched,
    FetchFailed,
    Issuer,
    JwksKeys,
    SessionFetch,
    Verifier,
    keys_from_jwks,
    keys_from_secret,
    open_key_session,
)
from facade.identity import Credential, IssuerRules
from facade.kernel import SECOND, CredentialKind, Secret
from facade.testing.clock import FakeClock

ISSUER = "https://id.example"
ED = ed25519.Ed25519PrivateKey.generate()
ED_OTHER = ed25519.Ed25519PrivateKey.generate()
EC = ec.generate_private_key(ec.SECP256R1())
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
SECRET = "correct horse battery staple, and then some more"


def b64(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def rules(**changed):
    fields = {"issuer": ISSUER, "algorithms": ("EdDSA", "ES256", "RS256"), "audiences": ("facade",)}
    return IssuerRules(**{**fields, **changed})


def values(clock, **changed):
    now = clock.now() // SECOND
    fields = {"iss": ISSUER, "sub": "u-1", "aud": "facade", "tenant": "acme", "iat": now, "exp": now + 3600}
    return {name: value for name, value in {**fields, **changed}.items() if value is not ...}


def sign(key, data):
    if isinstance(key, str | bytes):
        return hmac.new(key.encode() if isinstance(key, str) else key, data, hashlib.sha256).digest()
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(data, padding.PKCS1v15(), hashes.SHA256())
    if isinstance(key, ec.EllipticCurvePrivateKey):
        r, s = decode_dss_signature(key.sign(data, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")
    return key.sign(data)


def token(key, header, claims):
    """A compact token; header and claims are taken as bytes, or written as JSON."""
    parts = [b64(part if isinstance(part, bytes) else json.dumps(part).encode()) for part in (header, claims)]
    signed = ".".join(parts)
    return f"{signed}.{b64(sign(key, signed.encode()))}"


def pem(key):
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def der(key):
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def jwk(key, kid=None, **changed):
    kinds = ((ed25519.Ed25519PrivateKey, OKPAlgorithm), (rsa.RSAPrivateKey, RSAAlgorithm), (object, ECAlgorithm))
    writer = next(writer for kind, writer in kinds if isinstance(key, kind))
    members = writer.to_jwk(key.public_key(), as_dict=True)
    members.pop("key_ops", None)
    members.pop("use", None)
    merged = {**members, **({} if kid is None else {"kid": kid}), **changed}
    return {name: value for name, value in merged.items() if value is not ...}


def jwks(*keys):
    return json.dumps({"keys": list(keys)}).encode()


ED_SET = jwks(jwk(ED, "ed"))
ALL_SET = jwks(jwk(ED, "ed"), jwk(EC, "ec"), jwk(RSA, "rsa"))


def bearer(text):
    return Credential(kind=CredentialKind.JWT, header="authorization", value=Secret(text))


def static_verifier(clock, document=ALL_SET, **changed):
    own = rules(**changed)
    return Verifier(issuers=[Issuer(rules=own, keys=keys_from_jwks(document, own))], clock=clock)


def secret_verifier(clock, secret=SECRET):
    own = rules(algorithms=("HS256",))
    return Verifier(issuers=[Issuer(rules=own, keys=keys_from_secret(Secret(secret), own))], clock=clock)


class ScriptedFetch:
    """A `Fetch` that answers what it was told, in order, and the last answer for ever."""

    def __init__(self, *answers):
        self._answers = deque(answers)
        self.asked = []

    def then(self, *answers):
        self._answers = deque(answers)

    async def fetch(self, method, where, headers):
        self.asked.append((method, where, dict(headers)))
        answer = self._answers.popleft() if len(self._answers) > 1 else self._answers[0]
        if callable(answer):
            answer = await answer()
        if isinstance(answer, Exception):
            raise answer
        return answer


def ok(body):
    return Fetched(status=200, body=body if isinstance(body, bytes) else json.dumps(body).encode())


BROKEN = FetchFailed("broken")


class KeyServer:
    """A real HTTP server for a JWKS, whose answer tests change; counts what it was asked."""

    def __init__(self):
        self.hits = 0
        self.publish(ED_SET)

    def publish(self, document):
        self.answer = lambda _: web.Response(body=document, content_type="application/json")

    async def handle(self, request):
        self.hits += 1
        answer = self.answer(request)
        return await answer if hasattr(answer, "__await__") else answer


class KeyServed:
    """A verifier whose one issuer's keys come from a `KeyServer` over real HTTP."""

    def __init__(self, make_server, **options):
        self.clock = FakeClock()
        self.server = KeyServer()
        self._make_server = make_server
        self._options = options

    async def __aenter__(self):
        app = web.Application()
        app.router.add_get("/jwks", self.server.handle)
        self.http = await self._make_server(app)
        self._session_context = open_key_session()
        session = await self._session_context.__aenter__()
        self.keys = JwksKeys(
            url=str(self.http.make_url("/jwks")),
            rules=rules(),
            fetch=SessionFetch(session, **self._options),
            clock=self.clock,
        )
        self.verifier = Verifier(issuers=[Issuer(rules=rules(), keys=self.keys)], clock=self.clock)
        await self.verifier.__aenter__()
        return self

    async def __aexit__(self, *error):
        await self.verifier.__aexit__(*error)
        await self._session_context.__aexit__(*error)

    def token(self, key=ED, kid="ed", **changed):
        return token(key, {"alg": "EdDSA", "kid": kid}, values(self.clock, **changed))

    async def accepts(self, text):
        claims = await self.verifier.claims(bearer(text))
        return claims.values["tenant"]
