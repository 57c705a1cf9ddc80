"""The faults: their names, how a setting is read, and whether one happens now."""

import difflib
import random
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from loadtest.wavix_emulator import gate
from loadtest.wavix_emulator.ledger import KINDS, Kind
from loadtest.wavix_emulator.options import PARSERS, Options

REFUSALS = {
    "http401": "401, as for an unknown key",
    "http403": "403, as for a key that may not do this",
    "http429": "429 with Retry-After (see `rate` for a real limit)",
}
LOSSES_BEFORE = {
    "http500": "500, nothing looked up, nothing billed",
    "http502": "502 with an HTML page, nothing billed",
    "http503": "503 with Retry-After, nothing billed",
    "reset": "the connection is reset, nothing billed",
    "hang": "no reply ever, nothing billed",
}
LOSSES_AFTER = {
    "http500_after": "500 after looking up: billed, the answer lost",
    "http502_after": "502 after looking up",
    "http503_after": "503 after looking up, without Retry-After",
    "reset_after": "connection reset after looking up",
    "hang_after": "no reply ever, after looking up",
}
BODIES = {
    "truncated": "only the first half of the JSON, as if it were all",
    "cut_off": "the connection closes in the middle of the body",
    "malformed": "text that is not JSON",
    "html": "an HTML page instead of JSON, with the status of success",
    "wrong_shape": "JSON of another shape than promised",
    "huge": "a body of `huge_size`",
    "slow": "the right body, dribbled over `slow_for`",
}
PER_REPLY = {
    "partial": "only the first part of the items; the rest is not looked up, not billed",
    "reordered": "items in another order",
    "stuck": "an async job that never gets past its half; the rest is never billed",
    "early_success": "status `success` while numbers are pending",
    "forgotten": "the job is unknown (404) from this poll on, as after a restart",
}
PER_NUMBER = {
    "missing": "billed, but left out of the items",
    "duplicated": "its item comes twice",
    "foreign": "its item is of another number",
    "strange": "its error code is a list, its charge `1e-999999`",
    "code013": "fails with 013 (internal error)",
    "code041": "fails with 041 (upstream timeout)",
    "code042": "fails with 042 (upstream query failed)",
}
GROUPS = {
    "each request": REFUSALS | LOSSES_BEFORE | LOSSES_AFTER | BODIES | PER_REPLY,
    "each number": PER_NUMBER,
}
GATED = GROUPS["each request"] | GROUPS["each number"]


class FaultError(ValueError):
    """A fault setting that cannot be read; the message names it and what was expected."""


class Faults:
    """The faults in force. The same settings and seed give the same run of faults.

    `settings` maps names to values as on the command line: `{"http500": "0.1", "reset@poll":
    "first:2", "latency": "20ms"}`. A name with `@kind` holds for one kind of request only.
    Raises FaultError.
    """

    def __init__(self, settings: Mapping[str, str], seed: int = 0) -> None:
        self.settings = dict(settings)
        self.seed = seed
        self.options = Options()
        self.fired: Counter[str] = Counter()
        self._gates: dict[str, list[tuple[Kind | None, gate.Gate]]] = {}
        for name, value in settings.items():
            try:
                self._set(name, value)
            except ValueError as error:
                raise FaultError(f"fault {name}: {error}") from None

    def _set(self, name: str, value: str) -> None:
        bare_name, at, scope = name.partition("@")
        if bare_name in PARSERS:
            if at:
                raise ValueError("holds for every kind of request, @ cannot narrow it")
            self.options = replace(self.options, **{bare_name: PARSERS[bare_name][0](value)})
            return
        if bare_name not in GATED:
            raise ValueError(f"unknown{suggestion(bare_name)}")
        if at and scope not in KINDS:
            raise ValueError(f"{scope!r} is not one of {', '.join(KINDS)}")
        kind = next((kind for kind in KINDS if kind == scope), None)
        self._gates.setdefault(bare_name, []).append((kind, gate.parse_gate(value, self.rng(name))))

    def rng(self, name: str) -> random.Random:
        """A stream of chance of its own, so that one fault does not change when another happens."""
        return random.Random(f"{self.seed}:{name}")

    def fires(self, name: str, kind: Kind) -> bool:
        """Whether this fault happens to this request or number; each call is one occasion."""
        for scope, each in self._gates.get(name, ()):
            if scope in (None, kind) and each.opens():
                self.fired[name] += 1
                return True
        return False

    def first(self, names: Iterable[str], kind: Kind) -> str | None:
        """The first of these faults that happens; the others have no occasion then."""
        return next((name for name in self.among(names) if self.fires(name, kind)), None)

    def among(self, names: Iterable[str]) -> list[str]:
        """Those of these faults that are set at all."""
        return [name for name in names if name in self._gates]


def parse_settings(texts: Iterable[str]) -> dict[str, str]:
    """`NAME=VALUE` texts as settings for `Faults`. Raises FaultError for a text without `=`."""
    settings = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise FaultError(f"fault {text!r}: expected NAME=VALUE, such as http500=0.1")
        settings[name.strip()] = value.strip()
    return settings


def suggestion(name: str) -> str:
    """`; did you mean …?` for a name that is nearly right."""
    near = difflib.get_close_matches(name, [*GATED, *PARSERS], n=1)
    return f"; did you mean {near[0]}?" if near else ""


def help_text() -> str:
    """Every fault and option, a line each, for --help."""
    lines = [f"A fault is NAME=WHEN or NAME@KIND=WHEN. KIND: {', '.join(KINDS)}.", f"WHEN: {gate.GRAMMAR}."]
    for title, group in GROUPS.items():
        lines += ["", f"faults, an occasion for {title}:"]
        lines += [f"  {name:<14} {text}" for name, text in group.items()]
    lines += ["", "options, as NAME=VALUE:"]
    lines += [f"  {name:<14} {text}" for name, (_, text) in PARSERS.items()]
    return "\n".join(lines)
