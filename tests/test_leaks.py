"""What looks for whole numbers and keys finds them, and nothing else."""

import hashlib
import random
import uuid

import pytest

from tests.leaks import in_log, in_store, leaks_in, numbers_in

NUMBERS = [
    "+6281234567000", "6281234567000", "0812-3456-7000", "+44 20 7946 0958", "447911120000", "00447911120000",
    "(212) 555-3333", "+1.212.555.3333", "12125553333", "+33 6 12 34 56 78",
]  # fmt: skip
OTHERS = [
    "2026-11-26T09:33:05.123456Z", "1796000000123", "d8433070-bfb2-4279-8691-940551234567",
    "4479111200004479111200004479111200004479", "127.0.0.1:45217", "+6281…", "2026-11-26 09:33:05",
    "5000000000", "0.005",
    "2 2 4 2 2 0 0 0 0 0 0 7", "12025550123", "2147483648", "1.2015550123", "1.2015550123e+09",
    "3-1a2", "pid 1234567",
]  # fmt: skip
KEY = "vs_0123456789ab_" + "x" * 32


@pytest.mark.parametrize("number", NUMBERS)
def test_a_whole_number_is_found(number: str) -> None:
    for text in (number, f"no column {number}", f'{{"path": "/v1/{number}", "pid": 7}}', f"'{number}'"):
        assert numbers_in(text), text
        assert in_log([text.encode()])
    assert [*in_store([(b"vs:batch:{7}", [f'{{"rows": ["{number}"]}}'.encode()])])]


@pytest.mark.parametrize("text", OTHERS)
def test_what_is_none_is_left_alone(text: str) -> None:
    assert numbers_in(f'{{"what": "{text}"}}') == []


def test_no_id_time_or_size_is_taken_for_a_number() -> None:
    chance = random.Random(13)
    for _ in range(5_000):
        digits = str(chance.randrange(10**9, 10**15))
        some_id = str(uuid.UUID(int=chance.getrandbits(128)))
        digest = hashlib.sha256(digits.encode()).hexdigest()
        figures = f"{chance.random() * 10**9} [{digits}, {digits[::-1]}] 127.0.0.1:{digits[:5]}"
        words = (digits, f"-{digits}", some_id, some_id[4:], digest[:12], figures)
        for word in words:
            assert leaks_in(word.encode()) == [], word


@pytest.mark.parametrize("text", [KEY, f"GET /v1?appid={KEY[:3]}", f"Bearer {KEY[:30]}"])
def test_a_key_is_found(text: str) -> None:
    assert leaks_in(text.encode())
    assert [*in_store([(b"vs:live:analysis:6281234567000", [text.encode()])])]
    assert not [*in_store([(b"vs:live:analysis:6281234567000", [b"6281234567000"])])]


def test_names_are_their_owners() -> None:
    assert not [*in_store([(b"vs:batch:{7}", [b'{"name": "6281234567000", "count": 7}'])])]
    assert [*in_store([(b"vs:batch:{7}", [b'{"why": "6281234567000", "count": 7}'])])]
