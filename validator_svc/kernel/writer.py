"""Writing records in plain Python."""

from collections.abc import Sequence

import orjson

from validator_svc.kernel.constants import NDJSON, ConstantsMaker, csv_row
from validator_svc.kernel.walk import Format, Place
from validator_svc.numbering.risk import RiskList

HARMLESS = frozenset((NDJSON, ",", ";", "\t", "|"))
"""No national format has one of these delimiters in it, nor anything that is escaped in JSON."""


class RecordWriter:
    """Writes the records of one kind, for the offsets of one quarter hour."""

    def __init__(self, maker: ConstantsMaker, risk_list: RiskList, formats: Sequence[Format]) -> None:
        self.maker = maker
        self.risk_list = risk_list
        self.formats = formats
        self.needs_quotes = maker.delimiter not in HARMLESS
        self.quote = shown_in_json if maker.delimiter == NDJSON else CsvCell(maker.delimiter).shown

    def record(self, text: str, place: Place) -> str:
        """The record of a text, without its line end. As cells it begins with the delimiter before it."""
        record_id, _, digits, shape, _ = place
        verdict = self.risk_list.verdict(digits) if self.risk_list.verdicts and digits else None
        before, after_text, between, end = self.maker.constants(record_id, verdict)
        national_format = self.formats[shape](digits) if digits else ""
        if self.needs_quotes:
            national_format = self.quote(national_format)
        return f"{before}{self.quote(text)}{after_text}{digits}{between}{national_format}{end}"


class CsvCell:
    """Texts as cells between one delimiter."""

    def __init__(self, delimiter: str) -> None:
        self.delimiter = delimiter
        self.special = frozenset(delimiter + '"\r\n')

    def shown(self, text: str) -> str:
        return text if self.special.isdisjoint(text) else csv_row([text], self.delimiter)


def shown_in_json(text: str) -> str:
    """The text as it stands in a JSON string."""
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return text
    return orjson.dumps(text)[1:-1].decode()
