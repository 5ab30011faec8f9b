"""`wavegate demo`: the story on real parts. What it needs is imported when it runs."""

import asyncio
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(demo)


def demo(
    *,
    once: Annotated[
        bool, typer.Option("--once", help="End with the story; exit 0 only if all of it was observed.")
    ] = False,
) -> None:
    """Take commits to an analysed, announced release on this machine, and show every stage."""
    from rich.console import Console

    from wavegate.demo.running import Demonstration

    raise typer.Exit(asyncio.run(Demonstration(Console(), once=once).run()))
