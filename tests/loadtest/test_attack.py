"""The attacks find a service unharmed, and say so."""

import pytest

from loadtest.attack import __main__ as attack

# All that take no more than a second or two; how long things are held is for `make attack` to say.
SHORT = [
    *("texts for regular expressions", "JSON arrays without an end", "HEAD", "a sidecar of blank lines"),
    *("an open quote in packets", "pages of other origins", "charsets and forms", "odd heads"),
    *("one Idempotency-Key", "whole numbers and keys", "odd requests to screen", "lookups in Twilio's shape"),
    *("overviews and usage", "keys without end", "hostile texts in words"),
]


def test_the_attacks_are_answered_as_they_should_be(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # How long things take is for `make attack` to say, on a machine that does nothing else.
    monkeypatch.setattr(attack, "LOOP_MS", 60_000.0)
    status = attack.main(SHORT)
    printed = capsys.readouterr().out
    assert status == 0, printed
    assert "no body" in printed
    assert "one batch each" in printed
    assert "HARM" not in printed
