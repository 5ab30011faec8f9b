"""Repositories by `git ls-remote`."""

from collections.abc import Mapping

from wavegate.git import GitRunner, ls_remote
from wavegate.git.address import parse


class GitRemotes:
    """Asks repositories for their refs."""

    def __init__(self, runner: GitRunner, *, allow_http: bool) -> None:
        self._runner = runner
        self._allow_http = allow_http

    async def refs(self, url: str) -> Mapping[str, str]:
        """Return every ref with its tip."""
        return (await ls_remote(self._runner, parse(url, allow_http=self._allow_http))).refs
