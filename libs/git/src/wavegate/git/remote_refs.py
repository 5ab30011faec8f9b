"""Which refs a repository has: one question for all of them."""

from dataclasses import dataclass, field

from wavegate.contracts.failures import RetryLater
from wavegate.contracts.reasons import Reason
from wavegate.git.address import RepositoryAddress, is_sha
from wavegate.git.hardening import Limits
from wavegate.git.runner import GitExceeded, GitRunner
from wavegate.git.verdicts import verdict

REFS_LIMIT = 200_000
LIMITS = Limits(seconds=30.0, output_bytes=24 << 20, file_bytes=1 << 20)


@dataclass(frozen=True, slots=True)
class RemoteRefs:
    """The refs of a repository: full name → commit id (an annotated tag's is that of the commit it stands for).

    `head` is the full name that HEAD stands for, None where the server does not tell.
    """

    refs: dict[str, str] = field(default_factory=dict)
    head: str | None = None


async def ls_remote(runner: GitRunner, address: RepositoryAddress) -> RemoteRefs:
    """Ask a repository for all its refs.

    Raises:
        RetryLater: REPOSITORY_UNREACHABLE, REPOSITORY_FORBIDDEN, GIT_SERVER_FAULT.
    """
    arguments = ("ls-remote", "--symref", "--quiet", "--end-of-options", address.url)
    try:
        completed = await runner.run(arguments, scheme=address.scheme, limits=LIMITS)
    except GitExceeded as error:
        raise RetryLater(Reason.GIT_SERVER_FAULT, str(error), 30.0) from error
    if completed.status != 0:
        raise verdict(completed.said, completed.status)
    return parse(completed.out)


def parse(output: bytes, limit: int = REFS_LIMIT) -> RemoteRefs:
    """Read what `git ls-remote --symref` printed; lines that are none of its kinds are passed over.

    Raises:
        RetryLater: GIT_SERVER_FAULT for more refs than `limit`.
    """
    refs: dict[str, str] = {}
    peeled: dict[str, str] = {}
    head: str | None = None
    for line in output.decode("utf-8", "replace").split("\n"):
        value, tab, name = line.partition("\t")
        if not tab:
            continue
        if value.startswith("ref: "):
            head = value[5:] if name == "HEAD" else head
        elif name.endswith("^{}") and is_sha(value):
            peeled[name[:-3]] = value
        elif is_sha(value):
            refs[name] = value
    if len(refs) > limit:
        raise RetryLater(Reason.GIT_SERVER_FAULT, f"the repository has more than {limit} refs", 60.0)
    return RemoteRefs({**refs, **peeled}, head)
