"""Garbage collection for bulk work."""

import gc


def spare_what_is_loaded() -> None:
    """Never look for cycles again among what is there now: modules, and the numbering plan, stay for good.

    What comes later is collected as Python does by itself. Doing that more seldom saves nothing that can
    be measured (streams, batches and `check` take the same time), and a cycle may hold a whole body.
    """
    gc.freeze()
