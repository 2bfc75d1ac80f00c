"""What is in the memory of the service stays there when it crashes."""

import ctypes
import resource
import sys

_PR_SET_DUMPABLE = 4


def leave_no_core() -> None:
    """Neither a core file nor a collector of core dumps gets this process's memory, and no other process reads it.

    Drafts, opened keys and tokens are in it. Children started later are not touched; root still reads everything.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, hard))
    if sys.platform == "linux":  # where the limit does not hold for a collector that the kernel pipes to
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
