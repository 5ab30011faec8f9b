"""A `FileSource` in memory: for tests, and for callers that hold all their files anyway."""

from __future__ import annotations

from collections.abc import Mapping

from wavegate.goworker.files import FileKind


class MemoryFiles:
    """Files by path; folders are those that the paths imply."""

    def __init__(self, files: Mapping[str, bytes | str]) -> None:
        self._files = {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}

    async def read(self, path: str) -> bytes | None:
        """Content of the file, or None."""
        return self._files.get(path)

    async def list(self, path: str) -> list[tuple[str, bool]] | None:
        """Entries of the folder, or None."""
        prefix = f"{path}/" if path else ""
        below = [name.removeprefix(prefix) for name in self._files if name.startswith(prefix)]
        entries = {name.partition("/")[0]: "/" in name for name in below}
        return sorted(entries.items()) if entries or not path else None

    async def stat(self, path: str) -> FileKind | None:
        """What stands at the path."""
        if path in self._files:
            return "file"
        return "dir" if await self.list(path) is not None else None
