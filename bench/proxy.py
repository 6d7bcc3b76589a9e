"""The proxy beside its neighbours, in one run: `python -m bench.proxy [--seconds S] [--rounds N] [--json FILE]`.

Measured is CPU time of the target's process tree per request, because other work on the machine moves wall-clock
figures; rounds are short and interleaved, and the least disturbed one of each target counts. Targets: the application
directly, nginx where it is installed (or named with --nginx), a bare aiohttp pass-through, and the facade doing its
whole job: an RS256 token, the tenant and its tier's rate and quota, the journal, and every exchange observed against
the contract.
"""

import argparse
import asyncio
import json
import shutil
import sys
import tempfile
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import jwt
import yaml
from cryptography.hazmat.primitives.asymmetric import rsa

from facade.cli.processes import running

TICK = 1_000.0
"""Nanoseconds in a microsecond."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A server under load; `pid` is the root of its process tree, 0 for one that is not measured."""

    name: str
    url: str
    pid: int
    header: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One target: CPU microseconds per request, its multiple of the bare pass-through's, requests and latencies."""

    name: str
    cpu_us: float
    ratio: float
    per_second: int
    p50_ms: float
    p99_ms: float
    failed: int
    rss_mib: int


def description() -> Mapping[str, object]:
    """The contract of the application: one operation, its answer described in full."""
    row = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}, "text": {"type": "string"}}}
    customer = {
        "type": "object",
        "required": ["id", "name", "rows"],
        "properties": {
            "id": {"type": "string"},
            "name": {"type": "string"},
            "rows": {"type": "array", "items": row},
        },
    }
    parameters = [
        {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "pattern": "^[a-z0-9_]+$"}},
        {"name": "n", "in": "query", "schema": {"type": "integer"}},
    ]
    answer = {"description": "one customer", "content": {"application/json": {"schema": customer}}}
    operation = {"operationId": "getCustomer", "parameters": parameters, "responses": {"200": answer}}
    return {
        "openapi": "3.0.3",
        "info": {"title": "Bench", "version": "1"},
        "paths": {"/v1/customers/{id}": {"get": operation}},
    }


def write_settings(folder: Path, upstream: str) -> tuple[Path, str]:
    """A settings file with everything switched on, and a token for it."""
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    (folder / "jwks.json").write_text(json.dumps({"keys": [{**public, "kid": "k", "use": "sig", "alg": "RS256"}]}))
    (folder / "openapi.json").write_text(json.dumps(description()))
    issuer = {"issuer": "https://id.bench", "algorithms": ["RS256"], "keys": {"jwks_file": "jwks.json"}}
    settings = {
        "version": 1,
        "listen": {"port": 0},
        "apis": {
            "main": {
                "spec": "openapi.json",
                "upstream": upstream,
                "context": {"headers": {"X-Tenant-ID": "{tenant}"}},
                "observe": {"mode": "observe"},
            }
        },
        "identity": {"issuers": [issuer]},
        "tiers": {"gold": {"rates": ["1000000 requests/second"], "quotas": ["1000000000 requests/day"]}},
        "tenants": {"acme": {"tier": "gold"}},
        "log": {"level": "warning"},
    }
    path = folder / "facade.yaml"
    path.write_text(yaml.safe_dump(settings))
    now = int(path.stat().st_mtime)
    claims = {"iss": "https://id.bench", "sub": "ann", "tenant": "acme", "iat": now, "exp": now + 3_600}
    return path, jwt.encode(claims, key, algorithm="RS256", headers={"kid": "k"})


NGINX = """
worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log stderr crit;
events {{ worker_connections 1024; }}
http {{
  access_log off; keepalive_requests 1000000;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  upstream app {{ server {upstream}; keepalive 64; keepalive_requests 1000000; }}
  server {{ listen 127.0.0.1:{port};
    location / {{ proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection ""; }} }}
}}
"""


@asynccontextmanager
async def nginx(binary: str, folder: Path, upstream: str) -> AsyncGenerator[Target]:
    """nginx with one worker and a kept-alive pool."""
    port = await _free_port()
    config = folder / "nginx.conf"
    config.write_text(NGINX.format(folder=folder, upstream=upstream.removeprefix("http://"), port=port))
    process = await asyncio.create_subprocess_exec(binary, "-c", str(config), "-p", str(folder))
    try:
        await _listening(port)
        yield Target(name="nginx", url=f"http://127.0.0.1:{port}", pid=process.pid)
    finally:
        process.terminate()
        await process.wait()


async def _free_port() -> int:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    async with server:
        return int(server.sockets[0].getsockname()[1])


async def _listening(port: int) -> None:
    for _ in range(100):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return
    sys.exit("nginx did not start")


def tree(pid: int) -> list[int]:
    """A process and all below it."""
    children = [
        int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()
    ]
    return [pid, *(each for child in children for each in tree(child))]


def cpu_ns(pid: int) -> int:
    """Time that every thread of the tree has run."""
    return sum(
        int((task / "schedstat").read_text().split()[0])
        for each in tree(pid)
        for task in Path(f"/proc/{each}/task").iterdir()
    )


def rss_mib(pid: int) -> int:
    """Resident memory of the tree."""
    kib = 0
    for each in tree(pid):
        lines = Path(f"/proc/{each}/status").read_text().splitlines()
        kib += next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))
    return kib // 1024


async def loaded(target: Target, connections: int, seconds: float) -> Mapping[str, float]:
    """Put load on a target; counts, latencies, and what it cost."""
    before = cpu_ns(target.pid) if target.pid else 0
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.actors", "load"),
        *(target.url, target.header, str(connections), str(seconds)),
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()
    figures = json.loads(said)
    spent = (cpu_ns(target.pid) - before) if target.pid else 0
    return {**figures, "cpu_us": spent / TICK / figures["done"], "per_second": figures["done"] / seconds}


async def compared(args: argparse.Namespace) -> list[Figures]:
    """Every target, round by round."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        targets = await _targets(stack, folder, args.nginx)
        rounds: dict[str, list[Mapping[str, float]]] = {target.name: [] for target in targets}
        for target in targets:
            await loaded(target, args.connections, 1)
        for _ in range(args.rounds):
            for target in targets:
                rounds[target.name].append(await loaded(target, args.connections, args.seconds))
        bare = min(each["cpu_us"] for each in rounds["bare aiohttp"])
        return [_figures(target, rounds[target.name], bare) for target in targets]


async def _targets(stack: AsyncExitStack, folder: Path, nginx_binary: str | None) -> list[Target]:
    application = await stack.enter_async_context(running("bench.actors", "application"))
    targets = [Target(name="direct", url=application.url, pid=0)]
    if nginx_binary:
        targets.append(await stack.enter_async_context(nginx(nginx_binary, folder, application.url)))
    bare = await stack.enter_async_context(running("bench.actors", "passthrough", application.url))
    settings, token = write_settings(folder, application.url)
    facade = await stack.enter_async_context(running("facade", "serve", "-c", str(settings)))
    return [
        *targets,
        Target(name="bare aiohttp", url=bare.url, pid=bare.process.pid),
        Target(
            name="facade, full job",
            url=facade.url,
            pid=facade.process.pid,
            header=f"Authorization: Bearer {token}",
        ),
    ]


def _figures(target: Target, rounds: Sequence[Mapping[str, float]], bare_us: float) -> Figures:
    best = min(rounds, key=lambda each: each["cpu_us"] or -each["per_second"])
    return Figures(
        name=target.name,
        cpu_us=round(best["cpu_us"], 1),
        ratio=round(best["cpu_us"] / bare_us, 2),
        per_second=int(best["per_second"]),
        p50_ms=round(best["p50"] * 1_000, 2),
        p99_ms=round(best["p99"] * 1_000, 2),
        failed=int(sum(each["failed"] for each in rounds)),
        rss_mib=rss_mib(target.pid) if target.pid else 0,
    )


def markdown(figures: Sequence[Figures]) -> str:
    """A table for people."""
    head = "| target | CPU us/request | x bare aiohttp | requests/s | p50 ms | p99 ms | not 200 | RSS MiB |"
    rows = [
        f"| {f.name} | {f.cpu_us or '-'} | {f.ratio or '-'} | {f.per_second} | {f.p50_ms} | {f.p99_ms} | {f.failed} "
        f"| {f.rss_mib or '-'} |"
        for f in figures
    ]
    return "\n".join([head, "|---|---|---|---|---|---|---|---|", *rows])


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0], prog="python -m bench.proxy")
    parser.add_argument("--seconds", type=float, default=1.5, help="of load in each round")
    parser.add_argument("--rounds", type=int, default=10, help="of each target, interleaved")
    parser.add_argument("--connections", type=int, default=32, help="kept alive, each with one request at a time")
    parser.add_argument("--nginx", default=shutil.which("nginx"), help="its program, when it is not on the path")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    args = parser.parse_args()
    figures = asyncio.run(compared(args))
    print(markdown(figures))
    if args.json:
        args.json.write_text(json.dumps([asdict(each) for each in figures], indent=2) + "\n")
    if any(each.failed for each in figures):
        sys.exit("some answers were not 200: the figures do not compare like with like")


if __name__ == "__main__":
    main()
