"""Run as a script between the supervisor and a child: ties the child's life to the supervisor's, then becomes it.

Even a supervisor killed with SIGKILL then leaves nothing behind. Usage: lifeline.py SUPERVISOR_PID PROGRAM ARGUMENT...
It imports nothing of ours, so that it costs a few milliseconds.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Become the program, to be killed when the supervisor goes."""
    supervisor, *command = arguments
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != int(supervisor):
        # It went before the tie was made.
        sys.exit(1)
    os.execvp(command[0], command)  # noqa: S606 - becoming that program is what this script is for


if __name__ == "__main__":
    main(sys.argv[1:])
