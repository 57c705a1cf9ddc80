"""Encodings are found from the bytes alone."""

import io

import pytest

from validator_svc.batches.encoding import find_encoding, known_encoding
from validator_svc.batches.errors import UnreadableFileError
from validator_svc.batches.sampled import SAMPLE_BYTES, SampledFile


class Pipe(io.BytesIO):
    """Cannot seek, and gives fewer bytes than it is asked for."""

    def seekable(self) -> bool:
        return False

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(1000, size or -1))


def found(content: bytes) -> str:
    return find_encoding(SampledFile(io.BytesIO(content)))


@pytest.mark.parametrize(
    ("text", "encoding", "expected"),
    [
        ("+6281234567000\n", "ascii", "utf-8"),
        ("José,+34612345678\n", "utf-8", "utf-8"),
        ("José,+34612345678\n", "utf-8-sig", "utf-8-sig"),
        ("José,+34612345678\n", "utf-16", "utf-16"),
        ("José,+34612345678\n", "utf-16-le", "utf-16-le"),
        ("José,+34612345678\n", "utf-16-be", "utf-16-be"),
        ("José,+34612345678\n", "utf-32", "utf-32"),
        ("José;+34612345678\n", "cp1252", "cp1252"),
        ("Straße – „ok“ €5\nZoë\n", "cp1252", "cp1252"),
        ("Łukasz Żółć;Kraków\nPříliš žluťoučký kůň\n", "cp1250", "cp1250"),
        ("Телефон;Имя\n+79123456789;Иван Петров\n", "cp1251", "cp1251"),
        ("電話番号,名前\n+81312345678,山田太郎\n", "shift_jis", "cp932"),
        ("姓名,电话\n张三,+8613123456789\n王五,上海市浦东新区\n", "gb18030", "gb18030"),
    ],
)
def test_an_encoding_is_found(text: str, encoding: str, expected: str) -> None:
    assert found(text.encode(encoding)) == expected


@pytest.mark.parametrize("bytes_cut_off", range(1, 4))
def test_a_sample_may_end_inside_a_character(bytes_cut_off: int) -> None:
    content = b"a" * (SAMPLE_BYTES - 4 + bytes_cut_off) + "😀".encode() + b"\n"
    assert found(content) == "utf-8"


def test_a_file_that_is_ascii_for_long_is_looked_through() -> None:
    content = b"+6281234567000\n" * 40_000 + "José\n".encode("cp1252") * 3
    file = io.BytesIO(content)
    sampled = SampledFile(file)
    assert find_encoding(sampled) == "cp1252"
    assert b"".join(sampled.blocks()) == content


def test_a_pipe_is_judged_by_its_sample() -> None:
    content = b"+6281234567000\n" * 40_000 + b"\xe9\n"
    sampled = SampledFile(Pipe(content))
    assert len(sampled.sample) == SAMPLE_BYTES
    assert find_encoding(sampled) == "utf-8"
    assert b"".join(sampled.blocks()) == content


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"PK\x03\x04....", "XLSX"),
        (b"\x1f\x8b\x08....", "gzip"),
        (b"%PDF-1.7", "PDF"),
        (bytes(range(256)) * 4 + b"\0" * 64, "binary"),
    ],
)
def test_what_is_not_text_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(UnreadableFileError, match=message):
        found(content)


def test_an_encoding_is_taken_by_name() -> None:
    assert known_encoding("Latin-1") == "iso8859-1"
    assert known_encoding("UTF8") == "utf-8-sig"
    for name in ("nonsense", "rot13", "base64", "utf-8\0"):
        with pytest.raises(UnreadableFileError, match="unknown encoding"):
            known_encoding(name)
