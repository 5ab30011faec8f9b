"""A network namespace for the workers, where the kernel and the container allow one.

The worker uses no network by itself; this is the second fence. It needs the `unshare` program and either root or
unprivileged user namespaces. Where that is not allowed (most containers without privileges), workers run without it.
"""

from __future__ import annotations

import asyncio
import shutil
from typing import Final

_TRIES: Final = (("--net",), ("--map-root-user", "--net"))
_TRY_SECONDS: Final = 5.0


async def network_fence() -> tuple[str, ...]:
    """The words to put before a command so that it runs without a network, or none where that is not possible."""
    program, probe = shutil.which("unshare"), shutil.which("true")
    if program is None or probe is None:
        return ()
    for options in _TRIES:
        if await _succeeds(program, *options, probe):
            return (program, *options)
    return ()


async def _succeeds(*command: str) -> bool:
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*command, stdin=quiet, stdout=quiet, stderr=quiet, env={})
    try:
        async with asyncio.timeout(_TRY_SECONDS):
            return await process.wait() == 0
    except TimeoutError:
        process.kill()
        await process.wait()
        return False
