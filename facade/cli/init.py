"""`facade init`."""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit, urlunsplit

import typer

from facade.adapters.descriptions import description_at
from facade.adapters.tokens import generate_key
from facade.cli.starter import Places, starter
from facade.cli.suggest import Suggestions, suggestions_for
from facade.cli.terminal import Terminal
from facade.config import load, mapping_in
from facade.contract import Contract, ContractSettings, compile_contract, parse
from facade.kernel import InvalidRequest, JsonObject, SettingsInvalid, Severity

_OUT = Path("facade.yaml")


def command(
    ctx: typer.Context,
    *,
    spec: Annotated[str, typer.Option(help="OpenAPI description: a file or a URL.")],
    upstream: Annotated[str, typer.Option(help="Address of the application, such as https://app.example.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Where the settings go.")] = _OUT,
    name: Annotated[str, typer.Option(help="Name of the API in the settings.")] = "main",
    header: Annotated[
        list[str] | None, typer.Option(help="`Name: value` to fetch the description with; a copy is then kept.")
    ] = None,
    secret_env: Annotated[
        str | None, typer.Option(help="Environment variable with the demo tenant's credential.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace files that exist.")] = False,
) -> None:
    """Write a commented facade.yaml from a description, with a development key beside it. It runs right away.

    What the description tells is filled in (base path, credential header); what it only hints at (parameters that seem
    to name the customer) is there as a comment.

    \b
    Examples:
      facade init --spec https://app.example/openapi.json --upstream https://app.example
      facade init --spec openapi.yaml --upstream http://127.0.0.1:9000 --secret-env APP_KEY
    """
    terminal: Terminal = ctx.obj
    key_file = out.with_name(f"{out.stem}.dev-key.json")
    origin, path = _split(upstream)
    _refuse_to_replace((out, key_file), force=force)
    raw = asyncio.run(description_at(spec, headers=_headers(header or ())))
    document = parse(raw, place=spec)
    kept = _kept(spec, raw, out) if header else _located(spec, out)
    contract, found = _read(document, name, path)
    secret = f"{{env: {secret_env}}}" if secret_env else "replace-me"
    places = Places(name=name, spec=kept, upstream=origin, key_file=key_file.name, secret=secret)
    text = starter(found, places, kept={name: findings[0].code for name, findings in contract.kept.items()})
    _write(key_file, generate_key().reveal() + "\n", private=True)
    _check(text, {**terminal.environ, **({secret_env: "-"} if secret_env else {})}, out, key_file)
    _write(out, text, private=False)
    _tell(terminal, out, contract, found, secret_env)


def _refuse_to_replace(paths: tuple[Path, ...], *, force: bool) -> None:
    for path in paths:
        if path.exists() and not force:
            raise InvalidRequest(f"{path} exists; name another with --out, or replace it with --force.")


def _split(upstream: str) -> tuple[str, str]:
    """The origin of an address, and its path."""
    parts = urlsplit(upstream)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise InvalidRequest(f"--upstream: {upstream!r} should be an address such as https://app.example.")
    return urlunsplit((parts.scheme, parts.netloc, "", "", "")), parts.path.rstrip("/")


def _headers(written: list[str] | tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    pairs = [tuple(part.strip() for part in line.partition(":")[::2]) for line in written]
    if not all(name and value for name, value in pairs):
        raise InvalidRequest("--header: write it as `Name: value`.")
    return tuple((name, value) for name, value in pairs)


def _located(spec: str, out: Path) -> str:
    """The description as the settings file names it: relative to that file where it can be."""
    if "://" in spec:
        return spec
    return os.path.relpath(Path(spec).resolve(), out.resolve().parent)


def _kept(spec: str, raw: bytes, out: Path) -> str:
    """A copy beside the settings, for a description that not everybody may fetch."""
    suffix = ".json" if raw.lstrip()[:1] == b"{" else ".yaml"
    copy = out.with_name(f"{out.stem}.openapi{suffix}")
    try:
        copy.write_bytes(raw)
    except OSError as error:
        raise InvalidRequest(f"{copy}: the copy of {spec} cannot be written: {error.strerror}.") from None
    return copy.name


def _read(document: JsonObject, name: str, path: str) -> tuple[Contract, Suggestions]:
    contract = compile_contract(document, api=name, settings=ContractSettings())
    return contract, suggestions_for(document, contract.operations.values(), upstream_path=path)


def _check(text: str, environ: Mapping[str, str], out: Path, key_file: Path) -> None:
    """What we write must start; a description that makes us write anything else is told now, not then."""
    try:
        load(mapping_in(text, out), environ=environ, base_dir=out.resolve().parent)
    except SettingsInvalid:
        key_file.unlink(missing_ok=True)
        raise


def _write(path: Path, text: str, *, private: bool) -> None:
    """Whole or not at all; a key is readable by its owner alone."""
    draft = path.with_name(f".{path.name}.draft")
    try:
        draft.unlink(missing_ok=True)
        draft.touch(mode=0o600 if private else 0o644)
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        raise InvalidRequest(f"{path}: cannot be written: {error.strerror}.") from None


def _tell(terminal: Terminal, out: Path, contract: Contract, found: Suggestions, secret_env: str | None) -> None:
    left_out = sum(f.severity is Severity.ERROR for f in contract.findings)
    terminal.say(f"Wrote {out}: {len(contract.operations)} operations of {found.title}.")
    if contract.kept:
        count = len(contract.kept)
        terminal.say(f"{count} more kept from agents by rule: `facade operations -c {out} --kept` tells which and why.")
    if left_out:
        problems = f"{left_out} problem{'s' * (left_out > 1)}"
        terminal.say(f"The description has {problems}: `facade check -c {out}` tells where.")
    if found.credential is not None and secret_env is None:
        header = found.credential.header
        terminal.say(f"Put each tenant's credential of the application into {out}: `secret`, sent as {header}.")
    for account in found.accounts:
        terminal.say(f"{account.pin} seems to name the customer: see `pins` in {out}.")
    terminal.say(f"Next: facade serve -c {out}, and facade token -c {out} --tenant demo --user me --role member;")
    terminal.say("then open http://127.0.0.1:8080/agent/chat and paste the token.")
