"""`phonenumbers` and its Rust port as peers (see `rounds`): arguments are which of them, the corpus, and
how many lines of it."""

import importlib
import sys
from pathlib import Path
from typing import Any

from loadtest.bench.rounds import answer_rounds

CACHED = "phonenumbers, patterns cached"


def international(text: str) -> str:
    return text if text.startswith("+") else "+" + text.removeprefix("00")


def answer(library: Any, carrier: Any, text: str) -> None:
    """Parse, valid, why not, region, both formats, type, and the carrier where the library knows any."""
    try:
        number = library.parse(international(text))
    except library.NumberParseException:
        return
    if not library.is_valid_number(number):
        library.is_possible_number_with_reason(number)
    library.region_code_for_number(number)
    library.format_number(number, library.PhoneNumberFormat.E164)
    library.format_number(number, library.PhoneNumberFormat.NATIONAL)
    library.number_type(number)
    if carrier is not None:
        carrier.name_for_number(number, "en")


def main() -> None:
    name, corpus, count = sys.argv[1:]
    library = importlib.import_module(name.partition(",")[0])
    carrier = importlib.import_module("phonenumbers.carrier") if library.__name__ == "phonenumbers" else None
    if name == CACHED:
        library.enable_pattern_cache()
    texts = Path(corpus).read_text().split("\n")[: int(count)]

    def answer_all(texts: list[str]) -> None:
        for text in texts:
            answer(library, carrier, text)

    answer_all(texts[: len(texts) // 10])
    answer_rounds(len(texts), lambda: answer_all(texts))


if __name__ == "__main__":
    main()
