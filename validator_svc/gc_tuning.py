"""Memory of a process that does bulk work for a long time."""

import ctypes
import gc

# `M_ARENA_MAX` of glibc's malloc.h.
ARENA_MAX = -8


def spare_what_is_loaded() -> None:
    """Never look for cycles again among what is there now: modules, and the numbering plan, stay for good.

    What comes later is collected as Python does by itself. Doing that more seldom saves nothing that can
    be measured (streams, batches and `check` take the same time), and a cycle may hold a whole body.
    """
    gc.freeze()


def share_one_arena() -> None:
    """Let all threads take memory from one heap, before any is started.

    By itself glibc gives each thread a heap of its own, and each keeps what the largest segments took in it:
    80 MB more in a process that works batches, and not a millisecond less. Other C libraries have one heap.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(ARENA_MAX, 1)
