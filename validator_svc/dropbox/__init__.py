"""The drop folder: a file put into `DIR/inbox` is worked as a batch, its answer appears in `DIR/outbox`.

Any number of processes may watch one folder. `watcher` finds files that have stopped changing and
claims them; an `file_job` sees one of them through. Every step of it can be repeated, and Redis has what
another process needs to go on with it (`records`), so a kill at any moment costs nothing but time:

    options → batch (found or taken in) → its end → results → report → input moved to done/ or failed/
"""
