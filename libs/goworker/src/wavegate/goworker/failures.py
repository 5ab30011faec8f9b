"""What can go wrong with a job, by blame: the job's own content, its budget, or the worker."""

from __future__ import annotations


class GoWorkerFailure(Exception):
    """Any failure of a job. The pool itself goes on; the next job finds a working worker."""


class WorkerError(GoWorkerFailure):
    """The library that ran the job refused its content: `message` is that library's own text.

    Attributes:
        code: one of a small closed set, named in `codes.py` of this package.
        message: the library's text, for people; holds no secret that the job did not put there.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class WorkerTimeout(GoWorkerFailure):
    """The job ran past its deadline; its worker was killed.

    Attributes:
        seconds: the deadline that passed.
    """

    def __init__(self, operation: str, seconds: float) -> None:
        super().__init__(f"{operation} did not end within {seconds:g} s")
        self.seconds = seconds


class WorkerOutOfMemory(GoWorkerFailure):
    """The worker's resident memory passed the limit while the job ran; it was killed.

    Attributes:
        limit_bytes: the limit that was passed.
    """

    def __init__(self, operation: str, limit_bytes: int) -> None:
        super().__init__(f"{operation} needed more than {limit_bytes // (1 << 20)} MiB of memory")
        self.limit_bytes = limit_bytes


class WorkerCrashed(GoWorkerFailure):
    """The worker ended by itself, or answered with something that is no answer.

    Attributes:
        detail: the exit status and the last lines that it wrote, bounded.
    """

    def __init__(self, operation: str, detail: str) -> None:
        super().__init__(f"the worker ended during {operation}: {detail}")
        self.detail = detail
