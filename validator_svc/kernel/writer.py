"""Writing records in plain Python."""

from collections.abc import Iterable, Sequence

import orjson

from validator_svc.kernel.constants import NDJSON, ConstantsMaker, csv_row
from validator_svc.kernel.finder import Found
from validator_svc.kernel.walk import Format
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

    def records(self, texts: Iterable[str | None], found: Iterable[Found]) -> list[str]:
        """The records of texts, without line ends. As cells they begin with the delimiter before them.

        None stands for a line that could not be read.
        """
        made, formats, quote = self.maker.made, self.formats, self.quote
        has_verdicts = bool(self.risk_list.verdicts)
        records: list[str] = []
        for text, (place, digits, _) in zip(texts, found, strict=True):
            record_id, _, shape = place
            verdict = self.risk_list.verdict(digits) if has_verdicts and digits else None
            constants = made.get((record_id, verdict)) or self.maker.constants(record_id, verdict)
            before, after_text, between, end = constants
            national_format = ""
            if digits:
                template, pieces = formats[shape]
                national_format = template % pieces(digits)
                if self.needs_quotes:
                    national_format = quote(national_format)
            records.append(f"{before}{quote(text or '')}{after_text}{digits}{between}{national_format}{end}")
        return records


class CsvCell:
    """Texts as cells between one delimiter."""

    def __init__(self, delimiter: str) -> None:
        self.delimiter = delimiter
        self.special = frozenset(delimiter + '"\r\n')

    def shown(self, text: str) -> str:
        return text if self.special.isdisjoint(text) else csv_row([text], self.delimiter)


def shown_in_json(text: str) -> str:
    """The text as it stands in a JSON string."""
    if text.isprintable() and '"' not in text and "\\" not in text:
        return text
    return orjson.dumps(text)[1:-1].decode()
