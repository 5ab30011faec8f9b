"""`wavegate`: what people type. Each part of the workspace brings its own commands by the entry point below."""

from importlib.metadata import entry_points

import typer

_GROUP = "wavegate.commands"


def application() -> typer.Typer:
    """Return the application with every command that is installed.

    A part whose commands cannot be loaded is named on stderr and the others go on.
    """
    app = typer.Typer(
        name="wavegate",
        help="From a commit to a serving model, through sync waves and analysis gates.",
        no_args_is_help=True,
        pretty_exceptions_show_locals=False,
    )
    app.callback()(_nothing_before_a_command)
    for entry in sorted(entry_points(group=_GROUP), key=lambda each: each.name):
        try:
            register = entry.load()
        except ImportError as failure:
            typer.echo(f"wavegate: the commands of {entry.name} cannot be loaded: {failure}", err=True)
        else:
            register(app)
    return app


def _nothing_before_a_command() -> None:
    """Keep commands as subcommands even when there is only one."""


def main() -> None:
    """Run the command line."""
    application()()


if __name__ == "__main__":
    main()
