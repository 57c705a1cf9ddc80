"""The process that watches a service while it is attacked."""

import multiprocessing
import os

import pytest

from loadtest.attack.watch import look, watched
from tests.service import Service


def test_who_is_told_to_stop_at_once_has_looked_once() -> None:
    ours, theirs = multiprocessing.Pipe()
    with ours, theirs:
        ours.send("stop")
        # Nothing answers at the port of no service.
        look(1, os.getpid(), theirs)
        assert ours.recv() == "looking"
        seen = ours.recv()
    assert seen.failures == 1
    assert seen.p99_ms == seen.longest_ms


def test_an_attack_that_is_over_at_once_is_watched(service: Service) -> None:
    with watched(service.port, service.process.pid) as watch:
        pass
    assert watch.seen.failures == 0
    assert watch.seen.peak_mib > 0


def test_a_watcher_that_ended_is_told_and_not_waited_for() -> None:
    # Whichever is first noticed: that nobody listens, or that nobody answers.
    with pytest.raises((EOFError, BrokenPipeError)):
        end_a_watcher()


def end_a_watcher() -> None:
    """Watch, and kill the process that does."""
    others = multiprocessing.active_children()
    with watched(1, -1):
        (watcher,) = set(multiprocessing.active_children()) - set(others)
        watcher.kill()
        watcher.join()
