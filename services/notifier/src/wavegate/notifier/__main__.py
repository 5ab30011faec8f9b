"""`python -m wavegate.notifier`."""

import asyncio

from wavegate.notifier.app import run
from wavegate.notifier.settings import NotifierSettings


def main() -> None:
    """Run the service with settings from the environment."""
    asyncio.run(run(NotifierSettings()))


if __name__ == "__main__":
    main()
