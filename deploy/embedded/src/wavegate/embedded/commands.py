"""The commands that start, stop and show the embedded platform. What they need is imported when they run."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from wavegate.embedded.platform import Platform

_LAST_LINES = 10
_LOOK_AGAIN = 0.2


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(up)
    app.command()(down)
    app.command()(logs)
    app.command()(keys)


def up(
    *,
    detach: Annotated[bool, typer.Option("--detach", help="Return once it is ready and leave it running.")] = False,
    instance_id: Annotated[
        str,
        typer.Option("--instance-id", envvar="WAVEGATE_INSTANCE_ID", help="Handle only Rollouts of this instance id."),
    ] = "",
) -> None:
    """Start NATS, a Kubernetes control plane, Prometheus and the services; the last line is platform.json's path."""
    from wavegate.embedded import holding

    try:
        if detach:
            typer.echo(holding.detach(instance_id, _report))
        else:
            _hold(instance_id)
    except holding.FAILURES as failure:
        typer.echo(str(failure), err=True)
        raise typer.Exit(1) from None


def down() -> None:
    """Stop the platform, and clean up after one that crashed."""
    from wavegate.embedded import runs

    ended = [run for run in runs.found_runs() if run.purpose != "test" or not run.supervisor.alive()]
    for run in ended:
        runs.end(run)
    typer.echo(f"stopped and removed {len(ended)}" if ended else "nothing was up")


def logs(
    name: Annotated[str, typer.Argument(help="A part such as syncer; none shows the end of all.")] = "",
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what is added.")] = False,
) -> None:
    """Show the logs of the platform that was started last."""
    folder = _newest_logs()
    if not name:
        for path in sorted(folder.glob("*.log")):
            typer.echo(f"== {path.stem} ({path})")
            typer.echo("\n".join(path.read_text(errors="replace").splitlines()[-_LAST_LINES:]))
        return
    path = folder / f"{name}.log"
    if not path.exists():
        known = ", ".join(sorted(each.stem for each in folder.glob("*.log")))
        typer.echo(f"no log of {name}; there are {known}", err=True)
        raise typer.Exit(1)
    for text in _text(path, follow=follow):
        typer.echo(text, nl=False)


def keys(
    folder: Annotated[Path, typer.Argument(help="A new or empty folder.")],
    port: Annotated[int, typer.Option(help="The port that the bus shall listen on.")] = 4222,
) -> None:
    """Make a key for each user of the bus, and nats.conf with their allow-lists, for a bus of your own."""
    from wavegate.contracts.access import permissions
    from wavegate.embedded import bus

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        typer.echo(f"{folder} is not empty; keys are never overwritten", err=True)
        raise typer.Exit(1)
    allowed = permissions()
    _, public = bus.write_keys(folder, allowed)
    place = bus.Place(host="0.0.0.0", port=port, store="/data", monitor="0.0.0.0:8222")  # noqa: S104 - in a container
    (folder / "nats.conf").write_text(bus.configuration(place, public, allowed))
    typer.echo(folder / "nats.conf")


def _hold(instance_id: str) -> None:
    import asyncio

    from wavegate.embedded.holding import hold
    from wavegate.embedded.platform import EVERYTHING, Platform

    asyncio.run(hold(Platform(EVERYTHING, purpose="up", instance_id=instance_id, report=_report), _ready))


def _ready(platform: "Platform") -> None:
    typer.echo("up; Ctrl-C stops it", err=True)
    typer.echo(platform.description)


def _report(what: str) -> None:
    typer.echo(f"  {what}", err=True)


def _newest_logs() -> Path:
    from wavegate.embedded import runs

    found = sorted(runs.found_runs(), key=lambda run: (run.supervisor.alive(), run.purpose != "test"))
    if not found:
        typer.echo("nothing is up", err=True)
        raise typer.Exit(1)
    return found[-1].folder / "logs"


def _text(path: Path, *, follow: bool) -> Iterator[str]:
    with path.open(errors="replace") as opened:
        while True:
            text = opened.read(1 << 16)
            if text:
                yield text
            elif not follow or not path.exists():
                return
            else:
                time.sleep(_LOOK_AGAIN)
