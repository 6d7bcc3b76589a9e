"""Thirty planted faults: `python -m bench.faults [--tool facade schemathesis prism] [--only NAME]`.

Each fault sits in a copy of the demo help desk of its own (`bench.faulty_desk`), and each tool tests that copy knowing
nothing but its description, its address and the two accounts' keys. A fault is *found* when the tool complains about
its operation and does not so complain about the sound copy.

- facade: `facade test --writes`, both keys.
- schemathesis: its own command line with all of its checks, the first key.
- prism: a validating proxy between a client and the copy; the client reads, creates, changes and deletes one of each
  thing, asks for what is not there and sends a bad input. `prism` of `@stoplight/prism-cli` must be on the PATH.
"""

import argparse
import asyncio
import json
import re
import socket
import sys
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import aiohttp
import yaml
from rich.console import Console
from rich.progress import Progress

from bench.faulty_desk import FAULTS, KEY_HEADER, described
from facade.cli.processes import Running, running

Complaints = frozenset[tuple[str, str]]
"""Operation (`METHOD /template`) and what was complained about."""

EXAMPLES: Final = "3"


@asynccontextmanager
async def desk(fault: str) -> AsyncGenerator[Running]:
    """One copy, for as long as the block runs."""
    async with running("bench.faulty_desk", fault) as copy:
        yield copy


async def _output(folder: Path, *command: str, limit_s: float = 240) -> str:
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        async with asyncio.timeout(limit_s):
            out, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        out, _ = await process.communicate()
    return out.decode(errors="replace")


async def facade(copy: Running, spec: Path, folder: Path) -> Complaints:
    """What `facade test` complains about."""
    first, second = copy.said["keys"]
    report = folder / "report.json"
    report.unlink(missing_ok=True)
    headers = ("-H", f"{KEY_HEADER}: {first}", "--other-header", f"{KEY_HEADER}: {second}")
    options = ("--url", copy.url, *headers, "--writes", "--examples", EXAMPLES, "--json", str(report))
    await _output(folder, sys.executable, "-m", "facade", "test", str(spec), *options)
    operations: Sequence[dict[str, Any]] = json.loads(report.read_text())["operations"]
    return frozenset(
        (operation["request"], problem["check"])
        for operation in operations
        for problem in operation["problems"]
        if problem["level"] == "failure"
    )


_SECTION: Final = re.compile(r"^_{3,} (GET|PUT|POST|PATCH|DELETE) (/\S*) _{3,}$")
_COMPLAINT: Final = re.compile(r"^- (.+)$")


async def schemathesis(copy: Running, spec: Path, folder: Path) -> Complaints:
    """What Schemathesis alone complains about, as its report lists it by operation."""
    command = Path(sys.executable).with_name("schemathesis")
    header = f"{KEY_HEADER}: {copy.said['keys'][0]}"
    options = ("--url", copy.url, "-H", header, "--checks", "all", "-n", "5", "--seed", "1", "--no-color")
    told = await _output(folder, str(command), "run", str(spec), *options)
    found: set[tuple[str, str]] = set()
    operation = ""
    for line in told.splitlines():
        if section := _SECTION.match(line.strip()):
            operation = f"{section[1]} {section[2]}"
        elif operation and (complaint := _COMPLAINT.match(line.strip())):
            found.add((operation, complaint[1]))
    return frozenset(found)


def walk() -> list[tuple[str, str, str, Any]]:
    """What a careful client would do once: template, method, target, body."""
    customer, ticket, invoice = "C-1017", "4560", "INV-1801"
    lists = ("/customers", "/tickets", "/tags", "/agents", "/invoices", "/products", "/subscriptions")
    new_ticket = {"client_ref": customer, "subject_line": "Contract test"}
    account = "acct_brightwater"
    return [
        *((path, "GET", f"{path}?per_page=2&page=2", None) for path in lists),
        ("/tickets", "GET", "/tickets?status=new", None),
        ("/accounts/{account_id}", "GET", f"/accounts/{account}", None),
        ("/customers/{customer_id}", "GET", f"/customers/{customer}", None),
        ("/customers/{customer_id}", "GET", "/customers/C-9999", None),
        ("/tickets/{ticket_id}", "GET", f"/tickets/{ticket}", None),
        ("/agents/{agent_id}", "GET", "/agents/11", None),
        ("/invoices/{invoice_number}", "GET", f"/invoices/{invoice}", None),
        ("/invoices/{invoice_number}", "GET", "/invoices/INV-9999", None),
        ("/invoices", "GET", "/invoices?status=nonsense", None),
        ("/products/{sku}", "GET", "/products/BW-AUDIT", None),
        ("/contacts/{contact_id}", "GET", "/contacts/1", None),
        ("/tickets", "POST", "/tickets", new_ticket),
        ("/tickets/search", "POST", "/tickets/search", {}),
        ("/customers/{customer_id}/contacts", "POST", f"/customers/{customer}/contacts", {"name": "Contract Test"}),
        ("/tickets/{ticket_id}", "PATCH", f"/tickets/{ticket}", {"priority": "high"}),
        ("/tickets/{ticket_id}", "DELETE", f"/tickets/{ticket}", None),
        ("/contacts/{contact_id}", "DELETE", "/contacts/1", None),
    ]


async def prism(copy: Running, spec: Path, _: Path) -> Complaints:
    """What Prism's proxy says of the answers, in the header that it adds."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ("proxy", str(spec), copy.url, "--port", str(port))
    silent = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec("prism", *options, stdout=silent, stderr=silent)
    try:
        async with aiohttp.ClientSession(headers={KEY_HEADER: copy.said["keys"][0]}) as http:
            await _listens(port)
            found = [await _violations(http, f"http://127.0.0.1:{port}", step) for step in walk()]
    finally:
        process.terminate()
        await process.wait()
    return frozenset(complaint for complaints in found for complaint in complaints)


async def _listens(port: int) -> None:
    async with asyncio.timeout(120):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.1)
            else:
                writer.close()
                return


async def _violations(http: aiohttp.ClientSession, base: str, step: tuple[str, str, str, Any]) -> Complaints:
    template, method, target, body = step
    async with http.request(method, base + target, json=body) as answered:
        await answered.read()
        told = json.loads(answered.headers.get("sl-violations", "[]"))
    wrong = {" ".join(["response", *each["location"][1:2]]) for each in told if each["location"][:1] == ["response"]}
    return frozenset((f"{method} {template}", what) for what in wrong)


TOOLS = {"facade": facade, "schemathesis": schemathesis, "prism": prism}


def concerns(fault: str, complaints: Complaints) -> list[str]:
    """What is said about the fault's own operation."""
    method, path = FAULTS[fault].method, FAULTS[fault].path
    return sorted(
        {
            what
            for operation, what in complaints
            if operation.split(" ")[0] == method
            and re.fullmatch(path, re.sub(r"\{[^}]*\}", "x", operation.split(" ", 1)[1]))
        }
    )


async def played(tools: Sequence[str], names: Sequence[str]) -> dict[str, dict[str, list[str]]]:
    """Fault -> tool -> what it newly complains about at the fault's operation."""
    results: dict[str, dict[str, list[str]]] = {name: {} for name in names}
    with tempfile.TemporaryDirectory() as place, Progress(console=Console(stderr=True)) as progress:
        folder = Path(place)
        spec = folder / "openapi.yaml"
        spec.write_text(yaml.safe_dump(described()))
        task = progress.add_task("faults", total=len(tools) * (len(names) + 1))
        for tool in tools:
            async with desk("none") as copy:
                sound = await TOOLS[tool](copy, spec, folder)
            progress.advance(task)
            if sound:
                sys.stderr.write(f"{tool} complains about the sound copy: {sorted(sound)}\n")
            for name in names:
                async with desk(name) as copy:
                    results[name][tool] = concerns(name, await TOOLS[tool](copy, spec, folder) - sound)
                progress.advance(task)
                sys.stderr.write(f"{tool} {name}: {results[name][tool]}\n")
    return results


def table(results: dict[str, dict[str, list[str]]], tools: Sequence[str]) -> str:
    """The result as Markdown."""
    lines = [f"| fault | kind | where | {' | '.join(tools)} |", "|---|---|---|" + "---|" * len(tools)]
    for name, by_tool in results.items():
        fault = FAULTS[name]
        where = f"`{fault.method} {fault.path.replace('|', ' or ')}`"
        cells = [", ".join(by_tool[tool]) or "-" for tool in tools]
        lines.append(f"| {name} | {fault.kind} | {where} | {' | '.join(cells)} |")
    counts = [str(sum(bool(by_tool[tool]) for by_tool in results.values())) for tool in tools]
    lines.append(f"| **found of {len(results)}** | | | {' | '.join(counts)} |")
    return "\n".join(lines)


def main() -> None:
    """Plant, test, print."""
    parser = argparse.ArgumentParser(prog="python -m bench.faults")
    parser.add_argument("--tool", nargs="+", choices=tuple(TOOLS), default=["facade"])
    parser.add_argument("--only", nargs="+", choices=tuple(FAULTS), default=list(FAULTS))
    options = parser.parse_args()
    print(table(asyncio.run(played(options.tool, options.only)), options.tool))


if __name__ == "__main__":
    main()
