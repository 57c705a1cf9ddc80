"""Encodings are found from the bytes alone."""

import io

import pytest

from validator_svc.formats.encoding import find_encoding, known_encoding
from validator_svc.formats.errors import UnreadableFileError
from validator_svc.formats.sample import SAMPLE_BYTES, SampledFile
from validator_svc.formats.text_codecs import NAMES, decoder_of


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


TEXTS = {
    "pl": ("cp1250 iso8859-2", "Imię;Telefon\nŁukasz Żółć;+48 512\nKraków;1\nWójcik;2\n"),
    "pl, one line": ("cp1250", "name;city\nŁódź;x\n"),
    "cs": ("cp1250 iso8859-2", "Jméno;Město\nJiří Kučera;Plzeň\nOndřej Novák;Ústí nad Labem\n"),
    "hu": ("cp1250 iso8859-2", "Név;Város\nKőszegi Ödön;Győr\nSzűcs Ágnes;Budapest\n"),
    "sk": ("cp1250", "Meno;Mesto\nĽuboš Šťastný;Košice\nŽaneta Kováčová;Prešov\n"),
    "hr": ("cp1250", "Ime;Grad\nIvan Horvatić;Čakovec\nŽeljka Đurić;Šibenik\n"),
    "ro": ("cp1250 iso8859-2", "Nume;Oraş\nIonuţ Ştefan;Braşov\nMădălina;Bucureşti\n"),
    "de": ("cp1252 iso8859-1 iso8859-15", "Name;Straße\nJürgen Müller;Köln\nBjörn Weiß;Düsseldorf\n"),
    "de, one word": ("cp1252", "Müller\n"),
    "fr": ("cp1252 iso8859-15", "Prénom;Téléphone\nHélène Lefèvre;Orléans\nFrançois Bôle;Nîmes\n"),
    "es": ("cp1252", "Teléfono;Dirección\nMuñoz;Málaga\nPeña;León\n"),
    "pt": ("cp1252", "Nome;Endereço\nJoão Gonçalves;São Paulo\nConceição;Brasília\n"),
    "da": ("cp1252", "Navn;By\nSøren Kjær;Århus\nJørgen;Ærø\n"),
    "sv": ("cp1252", "Namn;Ort\nÅsa Björk;Malmö\nHåkan;Göteborg\n"),
    "it": ("cp1252", "Nicolò Città però\n"),
    "ca": ("cp1252", "Lluís Núria Àngel Façana\n"),
    "nl": ("cp1252", "Zoë België ideeën\n"),
    "is": ("cp1252", "Nafn;Bær\nÞórður Björnsson;Reykjavík\nSigríður;Akureyri\nGuðrún Ýr;Höfn\n"),
    "west": ("cp1252", "Müller\nLefèvre\nMuñoz\nSøren\nJoão\nGonçalves\nÅsa\n"),
    "east": ("cp1250", "Müller\nKučera\nŁukasz\nGyőr\nŽeljka\nŞtefan\nJiří\nWąsik\n"),
    "en": ("cp1252", "price £5\n“Ann” O’Brien\n"),
    "tr": ("cp1254 iso8859-9", "İsim;Şehir\nAyşe Yılmaz;İstanbul\nIşık Güneş;Eskişehir\nÇağla;Muğla\n"),
    "lt": ("cp1257", "Vardas;Miestas\nŽydrūnas Čepė;Šiauliai\nEglė;Panevėžys\n"),
    "ru": ("cp1251 koi8-r", "Имя;Телефон\nИван Петров;Москва\nОльга;Санкт-Петербург\n"),
    "uk": ("cp1251", "Ім’я;Місто\nОлександр;Київ\nЇжакевич;Львів\n"),
    "el": ("cp1253 iso8859-7", "Όνομα;Πόλη\nΓιώργος;Αθήνα\nΕλένη;Θεσσαλονίκη\n"),
    "ar": ("cp1256", "الاسم;الهاتف\nمحمد;القاهرة\n"),
    "ja": ("cp932 euc_jp iso2022_jp", "番号,名前,電話\n1,山田太郎,090-1234-5678\n2,鈴木花子,090\n"),
    "zh": ("gb18030 gbk", "姓名,电话\n张三,13812345678\n李四,139\n"),
    "zh-TW": ("big5", "姓名,電話\n陳大文,0912345678\n林小姐,0922\n"),
    "ko": ("cp949 euc_kr", "이름,전화번호\n김철수,010-1234-5678\n이영희,010\n"),
}


@pytest.mark.parametrize(
    ("language", "encoding"), [(name, each) for name, (all_, _) in TEXTS.items() for each in all_.split()]
)
def test_a_text_reads_as_it_was_written(language: str, encoding: str) -> None:
    text = TEXTS[language][1]
    data = text.encode(encoding)
    assert data.decode(found(data)) == text


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


NO_TEXT = [
    *(
        "zlib",
        "zip",
        "bz2",
        "hex",
        "base64",
        "uu",
        "quopri",
        "rot13",
        "idna",
        "punycode",
        "utf-7",
        "undefined",
    ),
    *(
        "unicode_escape",
        "raw_unicode_escape",
        "mbcs",
        "oem",
        "klingon",
        "",
        " ",
        "a" * 5_000,
        "utf-8\0",
        "../x",
    ),
]


@pytest.mark.parametrize("name", NO_TEXT)
def test_what_is_no_encoding_of_text_is_refused(name: str) -> None:
    with pytest.raises(UnreadableFileError, match="unknown encoding"):
        known_encoding(name)


def test_every_encoding_that_is_known_decodes_what_it_writes_in_any_blocks() -> None:
    for name in sorted(NAMES):
        for text in ("phone\r\n+6281234567000\n", "\n"):
            for data in (text.encode(name), text.encode(name) + b"\xff", b"\x00"):
                whole = decoder_of(name, "replace").decode(data, True)
                decoder = decoder_of(name, "replace")
                cut = "".join([*(decoder.decode(data[at : at + 1]) for at in range(len(data)))])
                assert cut + decoder.decode(b"", True) == whole
                assert whole.encode("utf-8")
            assert decoder_of(name, "replace").decode(text.encode(name), True) == text


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
@pytest.mark.parametrize("order", ["le", "be"])
def test_wide_text_needs_no_mark(encoding: str, order: str) -> None:
    data = "+62é\n".encode(f"{encoding}-{order}")
    assert decoder_of(encoding, "replace").decode(data, True) == "+62é\n"
