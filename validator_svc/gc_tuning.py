"""Memory of a process that does bulk work for a long time."""

import ctypes
import gc

# `M_ARENA_MAX`, `M_MMAP_THRESHOLD` and `M_TRIM_THRESHOLD` of glibc's malloc.h.
ARENA_MAX, MMAP_THRESHOLD, TRIM_THRESHOLD = -8, -3, -1
# In bytes. With less left free what blocks take is given back and taken anew for each, in a tenth more time.
LARGE, LEFT_FREE = 1024 * 1024, 16 * 1024 * 1024


def spare_what_is_loaded() -> None:
    """Never look for cycles again among what is there now: modules, and the numbering plan, stay for good.

    What comes later is collected as Python does by itself. Doing that more seldom saves nothing that can
    be measured (streams, batches and `check` take the same time), and a cycle may hold a whole body.
    """
    gc.freeze()


def keep_heap_small() -> None:
    """Let all threads take memory from one heap, and what is large from outside of it, before any is started.

    By itself glibc gives each thread a heap of its own, and each keeps what the largest segments took in it:
    80 MB more in a process that works batches, and not a millisecond less. Into one heap it takes ever larger
    buffers, up to 32 MB, once one of them was given back: 10 MB that are kept after batches. Other C
    libraries have one heap.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(ARENA_MAX, 1)
        mallopt(MMAP_THRESHOLD, LARGE)
        mallopt(TRIM_THRESHOLD, LEFT_FREE)
