"""Splits a stream of bytes into lines without ever holding more than a bounded one."""

from __future__ import annotations

from collections.abc import Iterator


class LineTooLong(ValueError):
    """A line exceeds the bound: the stream cannot be followed further."""


class LineSplitter:
    """Collects chunks and gives back whole lines."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._parts: list[bytes] = []
        self._held = 0

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Yield the lines that `chunk` completes, without their line ends; empty lines are passed over.

        Raises:
            LineTooLong: more than `longest` bytes came without a line end.
        """
        head, *rest = chunk.split(b"\n")
        self._hold(head)
        for part in rest:
            line = b"".join(self._parts)
            self._parts, self._held = [], 0
            self._hold(part)
            if line.strip():
                yield line

    def _hold(self, part: bytes) -> None:
        self._held += len(part)
        if self._held > self._longest:
            raise LineTooLong(f"a line exceeds {self._longest} bytes")
        if part:
            self._parts.append(part)
