"""`python -m wavegate.syncer`."""

import asyncio

from wavegate.syncer.app import run
from wavegate.syncer.settings import SyncerSettings


def main() -> None:
    """Run the service with settings from the environment."""
    asyncio.run(run(SyncerSettings()))


if __name__ == "__main__":
    main()
