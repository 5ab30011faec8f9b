"""`wavegate app`, `wavegate rollout`, `wavegate events`. What they need is imported when they run."""

import asyncio
import json
import sys
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from wavegate.cli.reach import OutOfReach, Reach, cluster, reach

ResultT = TypeVar("ResultT")


class Output(StrEnum):
    """How objects are printed."""

    TABLE = "table"
    JSON = "json"


Platform = Annotated[
    Path | None, typer.Option(help="platform.json of the platform to ask, instead of the one that runs here.")
]
Kubeconfig = Annotated[Path | None, typer.Option(help="The cluster to ask, instead of the platform's.")]
As = Annotated[Output, typer.Option("-o", "--output", help="How to print.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    applications = typer.Typer(help="Applications: what is deployed, and where it stands.", no_args_is_help=True)
    applications.command("list")(app_list)
    applications.command("get")(app_get)
    rollouts = typer.Typer(help="Rollouts: how far a canary is, and what was measured.", no_args_is_help=True)
    rollouts.command("get")(rollout_get)
    app.add_typer(applications, name="app")
    app.add_typer(rollouts, name="rollout")
    app.command("events")(events)


def app_list(
    *,
    namespace: Annotated[str, typer.Option("-n", "--namespace", help="Where Applications lie.")] = "argocd",
    output: As = Output.TABLE,
    platform: Platform = None,
    kubeconfig: Kubeconfig = None,
) -> None:
    """List Applications with their sync, health and last operation."""
    from wavegate.cli import applications, asking, showing

    with _failures_named():
        config = cluster(reach(Reach(kubeconfig), platform))
        found = _run(asking.applications(config, namespace))
    _print(found if output is Output.JSON else showing.table(applications.listed(found, _now())))


def app_get(
    name: str,
    *,
    namespace: Annotated[str, typer.Option("-n", "--namespace", help="Where Applications lie.")] = "argocd",
    output: As = Output.TABLE,
    platform: Platform = None,
    kubeconfig: Kubeconfig = None,
) -> None:
    """Show one Application: its objects, its history, and why it stands where it stands."""
    from wavegate.cli import applications, asking, showing

    with _failures_named():
        config = cluster(reach(Reach(kubeconfig), platform))
        found = _run(asking.one(config, applications.APPLICATION, name, namespace))
    if output is Output.JSON:
        _print(found)
        return
    tables = (applications.resources(found), applications.history(found, _now()))
    _print(showing.page(applications.facts(found), *tables))


def rollout_get(
    name: str,
    *,
    namespace: Annotated[str | None, typer.Option("-n", "--namespace", help="Where it is; all are searched.")] = None,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Go on, until Ctrl-C.")] = False,
    output: As = Output.TABLE,
    platform: Platform = None,
    kubeconfig: Kubeconfig = None,
) -> None:
    """Show one Rollout: its step, its weight, and its analyses."""
    from wavegate.cli import asking, rollouts, showing

    with _failures_named():
        config = cluster(reach(Reach(kubeconfig), platform))
        if watch:
            _watch(config, name, namespace, output)
            return
        found, runs = _run(asking.rollout(config, name, namespace))
    if output is Output.JSON:
        _print(found)
    else:
        _print(showing.page(rollouts.facts(found), rollouts.analyses(found, runs, _now())))


def events(  # noqa: PLR0913 - a command's options are its parameters
    *,
    app: Annotated[str, typer.Option("--app", help="Only events about objects of this name.")] = "",
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what comes, until Ctrl-C.")] = False,
    since: Annotated[str, typer.Option(help="How far back to begin: 30m, 2h, 1d, all.")] = "1h",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    platform: Platform = None,
    nats: Annotated[str, typer.Option(help="The bus to read, instead of the platform's.")] = "",
    nats_seed: Annotated[Path | None, typer.Option(help="File with the observer's nkey seed.")] = None,
    nats_ca: Annotated[Path | None, typer.Option(help="CA of the bus's certificate.")] = None,
) -> None:
    """Show what happened, from the event stream."""
    from wavegate.cli import asking
    from wavegate.cli import events as words

    async def show() -> None:
        found = reach(Reach(None, nats, nats_seed, nats_ca), platform)
        async for event in asking.events(found, app, words.start(since, _now()), follow=follow):
            typer.echo(json.dumps(words.as_json(event), ensure_ascii=False) if as_json else words.line(event))

    with _failures_named():
        _run(show())


def _watch(kubeconfig: Path, name: str, namespace: str | None, output: Output) -> None:
    from rich.live import Live

    from wavegate.cli import asking, rollouts, showing

    if output is Output.JSON or not sys.stdout.isatty():

        def tell(found: dict[str, Any], runs: list[dict[str, Any]]) -> None:
            del runs
            typer.echo(json.dumps(found) if output is Output.JSON else f"{_now():%H:%M:%S}  {rollouts.summary(found)}")

        _run(asking.follow_rollout(kubeconfig, name, namespace, tell))
        return
    with Live(auto_refresh=False) as live:

        def draw(found: dict[str, Any], runs: list[dict[str, Any]]) -> None:
            shown = showing.page(rollouts.facts(found), rollouts.analyses(found, runs, _now()))
            live.update(shown, refresh=True)

        _run(asking.follow_rollout(kubeconfig, name, namespace, draw))


def _run(work: Coroutine[Any, Any, ResultT]) -> ResultT:
    return asyncio.run(work)


def _print(shown: Any) -> None:
    from rich.console import Console

    if isinstance(shown, dict | list):
        typer.echo(json.dumps(shown, indent=2, ensure_ascii=False))
    else:
        Console(soft_wrap=not sys.stdout.isatty()).print(shown)


@contextmanager
def _failures_named() -> Iterator[None]:
    """Say what went wrong in one line; Ctrl-C ends quietly."""
    from wavegate.contracts.failures import Failure

    try:
        yield
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    except (OutOfReach, Failure, OSError, ValueError) as failure:
        typer.echo(f"wavegate: {failure}", err=True)
        raise typer.Exit(1) from None


def _now() -> datetime:
    return datetime.now(UTC)
