"""`python -m wavegate.git_watcher`."""

import asyncio

from wavegate.git_watcher.app import main
from wavegate.git_watcher.settings import GitWatcherSettings

asyncio.run(main(GitWatcherSettings()))
