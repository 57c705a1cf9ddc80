"""The attacks find a service unharmed, and say so."""

import pytest

from loadtest.attack import __main__ as attack


def test_the_attacks_are_answered_as_they_should_be(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # How long things take is for `make attack` to say, on a machine that does nothing else.
    monkeypatch.setattr(attack, "LOOP_MS", 60_000.0)
    names = ["HEAD", "pages of other origins", "one Idempotency-Key", "odd heads", "a sidecar of blank lines"]
    status = attack.main(names)
    printed = capsys.readouterr().out
    assert status == 0, printed
    assert "no body" in printed
    assert "one batch each" in printed
    assert "HARM" not in printed
