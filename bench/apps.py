"""Play an application's cases through chat: `python -m bench.apps APPDIR [--pin path.event=event] [--json FILE]`.

APPDIR holds `tokens.json` (base address, description, tenants with their users' credential headers, seeded ids) and
`cases.jsonl`; the application itself is already running. `facade init` writes the settings, the users' own credentials
are mapped and passed through (D2), `facade serve` stands in front, every case is one fresh conversation of its user,
and whatever is asked to be approved is approved. A *wrong write* is a write that the application accepted and that
either is not among the case's own, or left the case's check false.
"""

import argparse
import asyncio
import json
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import yaml
from rich.console import Console
from rich.progress import track
from rich.table import Table

from bench.app_cases import Case, cases, holds
from bench.processes import run_facade
from facade.cli.processes import NotReady, Running, running

_READS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How one case went."""

    case: Case
    passed: bool
    wrong_write: bool
    outcome: str
    said: str
    calls: Sequence[Mapping[str, Any]]


def settings_for(app: Mapping[str, Any], folder: Path, pins: Mapping[str, str]) -> Path:
    """`facade init`, then what a provider adds by hand: whose credential is whose, and the pins."""
    path = folder / "facade.yaml"
    run_facade("init", "--spec", app["spec"]["file"], "--upstream", app["base_url"], "--out", str(path))
    settings = yaml.safe_load(path.read_text())
    api = next(iter(settings["apis"].values()))
    api["context"] = {
        "credential": "passthrough",
        "pins": {pin: f"{{attributes.{attribute}}}" for pin, attribute in pins.items()},
    }
    users = [(tenant, user) for tenant in app["tenants"] for user in tenant["users"]]
    settings["identity"] = {
        "saas": {
            "headers": ["authorization"],
            "mapping": [
                {
                    "credential": user["header"]["Authorization"],
                    "tenant": _id(tenant),
                    "user": user["login"],
                    "roles": [user.get("role", "member")],
                }
                for tenant, user in users
            ],
        }
    }
    settings["tiers"] = {"bench": {"autonomy": "confirm", "rates": ["6000 requests/minute burst 1000"]}}
    settings["tenants"] = {
        _id(t): {"tier": "bench", "attributes": {a: str(t[a]) for a in set(pins.values())}} for t in app["tenants"]
    }
    for key in ("roles", "provision"):
        settings.pop(key, None)
    settings["listen"] = {"host": "127.0.0.1", "port": 0}
    path.write_text(yaml.safe_dump(settings, sort_keys=False))
    return path


def _id(tenant: Mapping[str, Any]) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", tenant["name"]).strip("-.")


async def play(case: Case, app: Mapping[str, Any], base: str, http: aiohttp.ClientSession) -> Result:
    """One conversation, then the proof."""
    header = _header(app, case.login)
    reply = await _post(http, f"{base}/agent/v1/chat/completions", header, _message(case.utterance))
    extra = reply.get("facade", {})
    said, calls = _text(reply), list(extra.get("calls", ()))
    outcome = "answer" if calls else "question" if extra.get("choices") else "words"
    if approval := extra.get("approval"):
        url = f"{base}/agent/v1/approvals/{approval['id']}"
        done = await _post(http, url, header, {"decision": "approve"})
        said += "\n" + _text(done)
        calls += done.get("facade", done).get("calls", ())
        outcome = "approved"
    true_now = await _true(case, app, http)
    passed = true_now and all(text in said for text in case.answer)
    writes = [c for c in calls if c["method"] not in _READS and c.get("status") and c["status"] < 400]
    wanted = case.gold_writes()
    foreign = [c for c in writes if (c["method"], _plain(c["target"], app)) not in wanted]
    wrong = bool(foreign) or (bool(writes) and not true_now)
    return Result(case=case, passed=passed, wrong_write=wrong, outcome=outcome, said=said, calls=calls)


async def _true(case: Case, app: Mapping[str, Any], http: aiohttp.ClientSession) -> bool:
    check = case.check
    url = app.get("api_base", app["base_url"]) + check["path"]
    params = {k: str(v) for k, v in check.get("args", {}).get("query", {}).items()}
    header = _header(app, check.get("as", case.login))
    async with http.request(check.get("method", "GET"), url, params=params, headers=header) as answer:
        if answer.status != check.get("status", 200):
            return False
        try:
            document = await answer.json(content_type=None)
        except ValueError:
            document = await answer.text()
    return all(holds(e, document) for e in check.get("expect", ()))


def _plain(target: str, app: Mapping[str, Any]) -> str:
    """The described path of a target: without the query and the prefix that the description leaves out."""
    prefix = app.get("api_base", app["base_url"]).removeprefix(app["base_url"])
    return target.split("?", maxsplit=1)[0].removeprefix(prefix)


def _header(app: Mapping[str, Any], login: str) -> dict[str, str]:
    return next(dict(u["header"]) for t in app["tenants"] for u in t["users"] if u["login"] == login)


def _message(words: str) -> dict[str, Any]:
    return {"model": "facade", "messages": [{"role": "user", "content": words}]}


def _text(reply: Mapping[str, Any]) -> str:
    choices = reply.get("choices") or [{}]
    return str((choices[0].get("message") or {}).get("content") or reply.get("text") or reply.get("error") or "")


async def _post(http: aiohttp.ClientSession, url: str, headers: Mapping[str, str], body: Any) -> dict[str, Any]:
    async with http.post(url, json=body, headers=headers) as answer:
        document = await answer.json(content_type=None)
    return document if isinstance(document, dict) else {}


def figures(results: Sequence[Result]) -> dict[str, Any]:
    """Checks passed by kind, and what went wrong."""
    kinds: dict[str, Counter[str]] = {}
    for r in results:
        for kind in (r.case.kind, "one-call" if r.case.one_call else "several calls", "all"):
            kinds.setdefault(kind, Counter()).update({"cases": 1, "passed": int(r.passed), "wrong": int(r.wrong_write)})
    return {kind: dict(count) for kind, count in kinds.items()}


async def campaign(app: Mapping[str, Any], pins: Mapping[str, str], cases_path: Path) -> list[Result]:
    """Serve, play every case in order, stop. What the facade logs is shown where it does not come up."""
    with tempfile.TemporaryDirectory() as scratch:
        settings, log = settings_for(app, Path(scratch), pins), Path(scratch) / "facade.log"
        try:
            with log.open("wb") as sink:
                async with running("facade", "serve", "-c", str(settings), stderr=sink) as facade:
                    return await _all(app, facade, list(cases(cases_path, app["ids"])))
        except NotReady:
            sys.stderr.write(log.read_text())
            raise


async def _all(app: Mapping[str, Any], facade: Running, todo: Sequence[Case]) -> list[Result]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        shown = track(todo, description="cases", console=Console(stderr=True), disable=not sys.stderr.isatty())
        return [await play(case, app, facade.url, http) for case in shown]


def show(results: Sequence[Result], table: Mapping[str, Mapping[str, int]], *, misses: bool) -> None:
    """The table, and with `misses` what was said instead."""
    console = Console()
    if misses:
        for r in results:
            if not r.passed:
                console.print(
                    f"[bold]{r.case.id}[/] {r.case.utterance}\n  {r.outcome}: {list(r.calls)}\n  {r.said[:300]}"
                )
    shown = Table("kind", "cases", "passed", "wrong writes")
    for kind, row in table.items():
        shown.add_row(kind, str(row["cases"]), str(row["passed"]), str(row["wrong"]))
    console.print(shown)


def main(argv: Sequence[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.apps", description=__doc__)
    parser.add_argument("app", type=Path, help="folder with tokens.json and cases.jsonl of a running application")
    parser.add_argument("--pin", action="append", default=[], metavar="PARAM=ATTRIBUTE", help="path.event=event")
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--misses", action="store_true", help="print what was said where a case failed")
    args = parser.parse_args(argv)
    app = json.loads((args.app / "tokens.json").read_text())
    pins = dict(pin.split("=", 1) for pin in args.pin)
    results = asyncio.run(campaign(app, pins, args.app / "cases.jsonl"))
    table = figures(results)
    show(results, table, misses=args.misses)
    if args.json:
        args.json.write_text(json.dumps(table, indent=1))
    return 1 if any(r.wrong_write for r in results) else 0


if __name__ == "__main__":
    raise SystemExit(main())
