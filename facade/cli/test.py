"""`facade test`."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from facade.adapters.descriptions import description_at
from facade.cli.options import DEFAULT_FILE
from facade.cli.report_table import show_report
from facade.cli.terminal import Terminal
from facade.config import contract_settings_of, read
from facade.conformance.consumers import consumer_of
from facade.conformance.engine import Options, Told, run
from facade.conformance.extras import extra
from facade.conformance.headers import headers_of
from facade.conformance.records import Report
from facade.conformance.rendering import as_json, as_junit, passed
from facade.conformance.traces import exchanges_of, judged
from facade.contract import ContractSettings, parse
from facade.kernel import InvalidRequest, JsonObject

_INTERRUPTED = 130
_FAILED = 1

Spec = Annotated[str | None, typer.Argument(metavar="[SPEC]", help="The description: a file or an address.")]
Settings = Annotated[
    Path | None,
    typer.Option("--config", "-c", metavar="FILE", help="Take description, address and settings from here."),
]
Api = Annotated[str | None, typer.Option(help="Which API of the settings; needed when there are several.")]
Url = Annotated[str | None, typer.Option("--url", help="Where the application is, base path included.")]
Headers = Annotated[
    list[str] | None,
    typer.Option("--header", "-H", metavar="'NAME: VALUE'", help="The first tenant's credential; @FILE reads lines."),
]
OtherHeaders = Annotated[
    list[str] | None, typer.Option("--other-header", metavar="'NAME: VALUE'", help="A second tenant's credential.")
]
Writes = Annotated[bool, typer.Option("--writes", help="Test writes too, and remove what was made.")]
Trace = Annotated[Path | None, typer.Option(metavar="FILE", help="Judge recorded traffic (HAR, JSON lines) instead.")]
Consumers = Annotated[list[Path] | None, typer.Option(metavar="FILE", help="What a consumer relies on; repeatable.")]
Globs = Annotated[list[str] | None, typer.Option(metavar="GLOB", help="Operation ids, or 'METHOD /path'; repeatable.")]
Checks = Annotated[list[str] | None, typer.Option(metavar="GLOB", help="Checks that count; all when left out.")]
Examples = Annotated[int, typer.Option(min=0, max=10_000, help="Generated inputs of each kind for an operation.")]
Seed = Annotated[int, typer.Option(help="The same seed makes the same requests.")]
Seconds = Annotated[float, typer.Option(min=1, help="Stop and report after so long.")]
Strict = Annotated[bool, typer.Option("--strict", help="Warnings fail the run too.")]
Out = Annotated[Path | None, typer.Option(metavar="FILE", help="Write the report there as well.")]


def command(
    ctx: typer.Context,
    *,
    spec: Spec = None,
    config: Settings = None,
    api: Api = None,
    url: Url = None,
    header: Headers = None,
    other_header: OtherHeaders = None,
    writes: Writes = False,
    trace: Trace = None,
    consumer: Consumers = None,
    only: Globs = None,
    skip: Globs = None,
    checks: Checks = None,
    examples: Examples = 25,
    seed: Seed = 1,
    max_seconds: Seconds = 300,
    strict: Strict = False,
    junit: Out = None,
    json: Out = None,
) -> None:
    """Test an application, or recorded traffic, against its description.

    Reads alone unless --writes is given. Exits with 1 when a check fails.

    \b
    Examples:
      facade test openapi.yaml --url https://app.example/api --header 'Authorization: Bearer ...'
      facade test -c facade.yaml --header @first.txt --other-header @second.txt --writes --junit report.xml
      facade test openapi.yaml --trace recorded.har
    """
    terminal: Terminal = ctx.obj
    described = _described(terminal, spec, config, api)
    options = Options(
        document=described.document,
        url=url or described.url,
        settings=described.settings,
        credential=headers_of(header or (), "--header"),
        other=headers_of(other_header or (), "--other-header"),
        writes=writes,
        only=tuple(only or ()),
        skip=tuple(skip or ()),
        checks=tuple(checks or ()),
        examples=examples,
        seed=seed,
        seconds=max_seconds,
        consumers=tuple(consumer_of(path) for path in consumer or ()),
    )
    report = _tested(terminal, options) if trace is None else judged(exchanges_of(trace), options, name=str(trace))
    _told(terminal, report, strict=strict, junit=junit, json=json)


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """A description with the address and the settings that go with it."""

    document: JsonObject
    url: str = ""
    settings: ContractSettings = field(default_factory=ContractSettings)


def _described(terminal: Terminal, spec: str | None, config: Path | None, api: str | None) -> Described:
    if config is None and spec is None:
        config = DEFAULT_FILE
    if config is None:
        return Described(document=_document(spec or ""))
    if not config.exists():
        raise InvalidRequest(f"{config} does not exist; name a description, or settings with -c.")
    settings = read(config, environ=terminal.environ)
    names = list(settings.apis)
    chosen = api or names[0]
    if chosen not in names or (api is None and len(names) > 1):
        raise typer.BadParameter(f"choose one of: {', '.join(names)}", param_hint="--api")
    entry = settings.apis[chosen]
    upstream = entry.upstream if isinstance(entry.upstream, str) else entry.upstream[0]
    shaping = replace(contract_settings_of(settings)[chosen], pins=())  # tests fill in themselves what contexts pin
    return Described(document=_document(spec or entry.spec), url=upstream, settings=shaping)


def _document(locator: str) -> JsonObject:
    return parse(asyncio.run(description_at(locator)), place=locator)


def _tested(terminal: Terminal, options: Options) -> Report:
    if not options.url:
        raise typer.BadParameter("say where the application is", param_hint="--url")
    with _tidy(), _bar(terminal) as bar:
        task = bar.add_task("starting", total=1.0)

        def progress(done: float, what: str) -> None:
            bar.update(task, completed=done, description=what[:40])

        return asyncio.run(_until_stopped(options, progress=progress))


async def _until_stopped(options: Options, *, progress: Told) -> Report:
    """Ctrl-C ends the tests and lets the clean-up run; a second one ends everything."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop() -> None:
        stopped.set()
        loop.remove_signal_handler(signal.SIGINT)

    loop.add_signal_handler(signal.SIGINT, stop)
    report = await run(options, progress=progress, stopped=stopped.is_set)
    return replace(report, interrupted=stopped.is_set())


@contextmanager
def _tidy() -> Iterator[None]:
    """Hypothesis keeps tables on the disk; they go with the run, and nothing appears where the command was called."""
    configuration = extra("hypothesis.configuration")
    with TemporaryDirectory(prefix="facade-test-") as folder:
        configuration.set_hypothesis_home_dir(folder)
        try:
            yield
        finally:
            configuration.set_hypothesis_home_dir(None)


@contextmanager
def _bar(terminal: Terminal) -> Iterator[Progress]:
    """A progress bar beside the result, for people alone."""
    console = Console(file=terminal.err, no_color=terminal.environ.get("NO_COLOR", "") != "")
    columns = (TextColumn("{task.description:40}"), BarColumn(), TimeElapsedColumn())
    hidden = not (terminal.interactive and terminal.err.isatty())
    with Progress(*columns, console=console, transient=True, disable=hidden) as bar:
        yield bar


def _told(terminal: Terminal, report: Report, *, strict: bool, junit: Path | None, json: Path | None) -> None:
    document = as_json(report, strict=strict)
    if junit is not None:
        junit.write_bytes(as_junit(report, strict=strict))
    if json is not None:
        json.write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n")
    if terminal.interactive:
        show_report(terminal, report)
    else:
        terminal.show_json(document)
    if report.interrupted:
        raise typer.Exit(_INTERRUPTED)
    if not passed(report, strict=strict):
        raise typer.Exit(_FAILED)
