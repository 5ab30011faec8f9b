"""One worker process: start, converse, watch, kill."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from wavegate.goworker import codes
from wavegate.goworker.failures import WorkerCrashed, WorkerError, WorkerOutOfMemory, WorkerTimeout

Answer = Callable[[dict[str, str]], Awaitable[dict[str, Any]]]

MEMORY_WATCH_SECONDS: Final = 0.05
GO_SHARE_OF_MEMORY: Final = 0.8
"""GOMEMLIMIT's part of the memory limit: Go collects harder before the watch has to kill."""
STDERR_TAIL_BYTES: Final = 4096


@dataclass(frozen=True, slots=True)
class ProcessLimits:
    """Bounds of one worker, in bytes."""

    memory: int
    request: int
    response: int


def resident_bytes(pid: int) -> int:
    """Resident memory of a process; 0 when it is gone."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


class WorkerProcess:
    """A worker that runs one job at a time. After any failure but `WorkerError` it is dead."""

    def __init__(self, process: asyncio.subprocess.Process, limits: ProcessLimits) -> None:
        self._process, self._limits = process, limits
        self._errors = bytearray()
        self._drain = asyncio.create_task(self._keep_errors())
        self._jobs = 0
        self._oversized = False
        self._free_since = asyncio.get_running_loop().time()

    @classmethod
    async def start(cls, command: tuple[str, ...], limits: ProcessLimits) -> WorkerProcess:
        """Start the program with an empty environment but for its memory limit, in `/`, in a session of its own."""
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={"GOMEMLIMIT": str(int(limits.memory * GO_SHARE_OF_MEMORY)), "TZ": "UTC"},
            cwd="/",
            limit=limits.response,
            start_new_session=True,
        )
        return cls(process, limits)

    @property
    def alive(self) -> bool:
        """Whether another job can be given to it."""
        return self._process.returncode is None

    @property
    def idle_seconds(self) -> float:
        """Since its last job ended, or it was started."""
        return asyncio.get_running_loop().time() - self._free_since

    async def run(self, operation: str, fields: dict[str, Any], answer: Answer, deadline: float) -> Any:
        """Run one job and give its result.

        Raises:
            WorkerError: the job's content, or its size, is refused.
            WorkerTimeout: `deadline` seconds passed.
            WorkerOutOfMemory: the memory limit was passed.
            WorkerCrashed: the process ended by itself.
        """
        self._jobs += 1
        request = self._encode({"op": operation, "deadline": deadline, **fields})
        if len(request) > self._limits.request:
            raise WorkerError(codes.REQUEST_TOO_LARGE, f"{operation}: the job has {len(request)} bytes")
        watch = asyncio.create_task(self._watch_memory())
        try:
            async with asyncio.timeout(deadline):
                return await self._converse(operation, request, answer)
        except TimeoutError:
            await self.kill()
            raise WorkerTimeout(operation, deadline) from None
        except WorkerError as error:
            if error.code == codes.RESPONSE_TOO_LARGE:
                await self.kill()
            raise
        except BaseException:
            await self.kill()
            raise
        finally:
            watch.cancel()
            self._free_since = asyncio.get_running_loop().time()

    async def kill(self) -> None:
        """End the process and its session, and wait for it."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()
        await self._drain

    def _encode(self, fields: dict[str, Any]) -> bytes:
        try:
            return json.dumps({"id": self._jobs, **fields}, allow_nan=False).encode()
        except ValueError as error:
            raise WorkerError(codes.BAD_REQUEST, str(error)) from None

    async def _converse(self, operation: str, request: bytes, answer: Answer) -> Any:
        await self._send(operation, request)
        while True:
            message = await self._receive(operation)
            if "ask" in message:
                fields = await answer(message["ask"])
                await self._send(operation, self._encode(fields))
            elif message.get("error"):
                raise WorkerError(message["error"]["code"], message["error"]["message"])
            elif message.get("id") == self._jobs:
                return message.get("result")

    async def _send(self, operation: str, line: bytes) -> None:
        pipe = self._process.stdin
        assert pipe is not None  # noqa: S101 - started with a pipe
        try:
            pipe.write(line + b"\n")
            await pipe.drain()
        except (BrokenPipeError, ConnectionResetError):
            await self._raise_ended(operation)

    async def _receive(self, operation: str) -> dict[str, Any]:
        pipe = self._process.stdout
        assert pipe is not None  # noqa: S101 - started with a pipe
        try:
            line = await pipe.readline()
        except ValueError:
            text = f"{operation}: the answer has more than {self._limits.response} bytes"
            raise WorkerError(codes.RESPONSE_TOO_LARGE, text) from None
        if not line.endswith(b"\n"):
            await self._raise_ended(operation)
        try:
            message: dict[str, Any] = json.loads(line)
        except ValueError:
            await self.kill()
            raise WorkerCrashed(operation, f"it wrote {line[:80]!r}, which is no answer") from None
        return message

    async def _raise_ended(self, operation: str) -> None:
        """Say why the process ended, once it has."""
        await self.kill()
        if self._oversized:
            raise WorkerOutOfMemory(operation, self._limits.memory)
        tail = self._errors.decode(errors="replace").strip()
        raise WorkerCrashed(operation, f"exit status {self._process.returncode}; {tail}".removesuffix("; "))

    async def _watch_memory(self) -> None:
        while True:
            if resident_bytes(self._process.pid) > self._limits.memory:
                self._oversized = True
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self._process.pid, signal.SIGKILL)
                return
            await asyncio.sleep(MEMORY_WATCH_SECONDS)

    async def _keep_errors(self) -> None:
        pipe = self._process.stderr
        assert pipe is not None  # noqa: S101 - started with a pipe
        while chunk := await pipe.read(STDERR_TAIL_BYTES):
            # The first lines of a Go crash name its cause; the rest is stacks.
            self._errors += chunk[: STDERR_TAIL_BYTES - len(self._errors)]
