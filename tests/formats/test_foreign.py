"""What is no list of numbers is refused by name with what to do, at every entrance; what is one never is."""

import contextlib
import io
import tarfile
import zipfile
from pathlib import Path

import aiohttp
import pytest

from tests.batches.asking import refused
from tests.test_check import check
from validator_svc.formats.contents import open_numbers
from validator_svc.formats.errors import UnreadableFileError
from validator_svc.formats.layout import Hints

NUMBER = "+44 7400 123456"


def zipped(**files: str) -> bytes:
    """A ZIP archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("_", "."), text)
    return file.getvalue()


def tarred() -> bytes:
    """A tar archive."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a.csv"), io.BytesIO(b""))
    return file.getvalue()


TABLE = f"<table><tr><td>Anna</td><td>{NUMBER}</td></tr></table>"
LIST = f'[{{"phone": "{NUMBER}"}}]'

FOREIGN: dict[str, tuple[str | bytes, str]] = {
    "table.xls": (TABLE, "HTML"),
    "page.html": (f"<!DOCTYPE html>\n<html>{TABLE}</html>", "HTML"),
    "excel.xls": (f'<html xmlns:x="urn:schemas-microsoft-com:office:excel">{TABLE}', "HTML"),
    "blank before.csv": (f"\r\n  <HTML><BODY>{TABLE}", "HTML"),
    "xhtml.xls": (f'<?xml version="1.0"?>\n<html>{TABLE}</html>', "HTML"),
    "marked.xls": ("\ufeff<html>" + TABLE, "HTML"),
    "2003.xml": (
        f'<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook><Data>{NUMBER}</Data>',
        "an XML spreadsheet of 2003",
    ),
    "2003 plain.xls": (
        '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">',
        "an XML spreadsheet of 2003",
    ),
    "people.xml": (f'<?xml version="1.0"?>\n<people><phone>{NUMBER}</phone></people>', "XML"),
    "part.xml": (f"<phones>\n<phone>{NUMBER}</phone>\n</phones>", "XML"),
    "ann.vcf": (f"BEGIN:VCARD\r\nVERSION:3.0\r\nTEL:{NUMBER}\r\nEND:VCARD\r\n", "vCard"),
    "people.ldif": (f"version: 1\n\ndn: cn=Anna,dc=x\ntelephoneNumber: {NUMBER}\n", "LDIF"),
    "plain.ldif": (f"# export\ndn: cn=Anna,dc=x\ntelephoneNumber: {NUMBER}\n", "LDIF"),
    "letter.rtf": (r"{\rtf1\ansi " + NUMBER + "}", "RTF"),
    "page.mht": (f"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n{TABLE}", "an e-mail"),
    "dump.sql": (f"-- dump\nINSERT INTO people VALUES ('Anna', '{NUMBER}');\n", "SQL"),
    "schema.sql": ("CREATE TABLE people (phone text);\n", "SQL"),
    "wrapped.json": (f'{{"contacts": {LIST}}}', "a JSON object around a list"),
    "wrapped lines.json": (f'{{"contacts": [\n{LIST[1:-1]},\n{LIST[1:-1]}\n]}}\n', "a JSON object around"),
    "pretty.json": (f'{{\n  "phone": "{NUMBER}"\n}}\n', "a JSON object around a list, or written over"),
    "pretty many.json": (f'{{\n  "phone": "{NUMBER}"\n}}\n' * 20_000, "a JSON object around"),
    "body.json": (f'{{"phone_numbers": ["{NUMBER}"]}}', "a JSON object around a list"),
    "body.txt": (f'{{"type":"format",\n"phone_numbers": ["{NUMBER}"]}}', "a JSON object around a list"),
    "rows.json": (f'[["Anna", "{NUMBER}"], ["Budi", "{NUMBER}"]]', "line 1: the values are arrays"),
    "archive.zip": (zipped(contacts_csv=f"phone\n{NUMBER}\n"), "a ZIP archive and no XLSX workbook; unpack"),
    "letter.docx": (zipped(word="", **{"[Content_Types]_xml": ""}), "a ZIP archive and no XLSX workbook"),
    "empty.zip": (zipped(), "a ZIP archive and no XLSX workbook"),
    "archive.tar": (tarred(), "a tar archive"),
    "old.xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "an old binary workbook (.xls)"),
    "list.pdf": (b"%PDF-1.7\n%\xe2\xe3\n", "PDF"),
    "photo.jpg": (b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(100), "a picture"),
    "photo.png": (b"\x89PNG\r\n\x1a\n" + bytes(100), "a picture"),
    "list.7z": (b"7z\xbc\xaf\x27\x1c" + bytes(100), "a 7-Zip archive"),
    "list.rar": (b"Rar!\x1a\x07\x01\x00", "a RAR archive"),
    "list.bz2": (b"BZh91AY&SY", "bzip2"),
    "list.parquet": (b"PAR1" + bytes(100), "Parquet"),
    "base.sqlite": (b"SQLite format 3\x00" + bytes(100), "an SQLite database"),
    "unknown.bin": (bytes(range(256)) * 10, "the file holds binary data"),
    "blank.csv": (b"", "the file is empty"),
    "marks.csv": (b"\xef\xbb\xbf\xef\xbb\xbf", "the file is empty"),
    "mark.txt": (b"\xff\xfe", "the file is empty"),
}


def data_of(name: str) -> bytes:
    """The bytes of a file."""
    data = FOREIGN[name][0]
    return data.encode() if isinstance(data, str) else data


@pytest.mark.parametrize("name", FOREIGN)
async def test_a_batch_of_it_is_refused(client: aiohttp.ClientSession, name: str) -> None:
    for file_name in (name, ""):
        status, code, message = await refused(
            client, data_of(name), "application/octet-stream", name=file_name
        )
        assert (status, code) == (422, "unreadable_file")
        assert FOREIGN[name][1] in message
        assert NUMBER not in message


@pytest.mark.parametrize("name", ["table.xls", "ann.vcf", "pretty.json", "archive.zip", "old.xls"])
def test_a_check_of_it_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(data_of(name))
    done = check(tmp_path / name, "-o", tmp_path / "out.csv", status=2)
    assert FOREIGN[name][1] in done.stderr.decode()
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8-sig"])
@pytest.mark.parametrize("name", ["page.html", "people.xml", "ann.vcf", "wrapped.json", "pretty.json"])
def test_it_is_known_in_other_encodings(name: str, encoding: str) -> None:
    text = FOREIGN[name][0]
    assert isinstance(text, str)
    with pytest.raises(UnreadableFileError, match=FOREIGN[name][1]):
        open_numbers(io.BytesIO(text.encode(encoding)), Hints(name))


@pytest.mark.parametrize(
    "text",
    [
        f'{{"phone_number": "{NUMBER}", "tags": ["a"]}}\n',
        f'{{"phone_number": "{NUMBER}"}}\n{{"phone_number": "{NUMBER}"}}\n',
        f'{{"phone": "{NUMBER}", "x": {{"y": 1}}}}\n',
        f"<anna@example.com>\t{NUMBER}\n<budi@example.com>\t{NUMBER}\n",
        f"dn,phone\nAnna,{NUMBER}\n",
        f"{{broken\n{NUMBER}\n",
        f"PK,{NUMBER}\nPK,{NUMBER}\n",
        f"MM,{NUMBER}\nII,{NUMBER}\n",
        f"Received,phone\nyes,{NUMBER}\n",
        f"BM,{NUMBER}\nBM,{NUMBER}\n",
        f"-- ,{NUMBER}\nx,{NUMBER}\n",
    ],
)
def test_lists_that_look_a_little_like_it_are_read(text: str) -> None:
    numbers = open_numbers(io.BytesIO(text.encode()), Hints())
    found = [number for block in numbers.row_blocks() for number in block.texts]
    assert found.count(NUMBER) == text.count(NUMBER)


@pytest.mark.parametrize(
    "piece", ["-- ", "# ", "version: 1 ", "<!-- ", "/* ", "<?xml ", "{ ", "[ ", "1 ", "+1 ", "-1,"]
)
def test_no_beginning_takes_for_ever(piece: str) -> None:
    for text in (piece * 10_000, (piece * 20 + "\n") * 1_000):
        with contextlib.suppress(UnreadableFileError):
            open_numbers(io.BytesIO(text.encode()), Hints())
