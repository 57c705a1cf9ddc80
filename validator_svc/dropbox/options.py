"""What is asked of a file: by its sidecar, its name, the folder's defaults, in that order.

`contacts.csv.toml` beside `contacts.csv` is a sidecar; `contacts.analysis.ID.csv` says type and country
in its name; `dropbox.toml` in the drop folder is for all files.
"""

import re
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from phonenumbers import SUPPORTED_REGIONS
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from validator_svc.batches.spec import Order
from validator_svc.dropbox.disk import NotAFileError, opened
from validator_svc.dropbox.errors import ChangedError
from validator_svc.dropbox.folder import Folder
from validator_svc.dropbox.names import SIDECAR, printable
from validator_svc.dropbox.stability import Seen
from validator_svc.formats.compression import unpacked_name
from validator_svc.formats.layout import Hints, Layout
from validator_svc.formats.output_formats import BY_NAME, CSV, NAMES, XLSX, OutputFormat, in_dialect
from validator_svc.moments import now_ms
from validator_svc.numbering.facts import REQUEST_TYPES, RequestType

MAX_BYTES = 16 * 1024
# What it takes to read TOML grows with the square of the parts of a key, all on one line.
MAX_LINE = 1_000
COLUMN = "column:"
TOML_PLACE = re.compile(r"(.*) \(at line (\d+), column \d+\)")


class OptionsError(Exception):
    """Options that cannot be used; the message names the file, the line and what was expected."""


def checked_country(country: str) -> str:
    """A region, or `column:NAME`. Raises ValueError."""
    if country.startswith(COLUMN):
        return country
    if country.upper() not in SUPPORTED_REGIONS:
        raise ValueError("expected an ISO 3166-1 alpha-2 code such as ID, or column:NAME")
    return country.upper()


def checked_format(name: str) -> str:
    """The name of an output format. Raises ValueError."""
    if name not in BY_NAME:
        raise ValueError(f"expected {NAMES}")
    return name


class Options(BaseModel):
    """Every option with its default; the parameters of `POST /v1/batches` have the same names."""

    model_config = ConfigDict(extra="forbid", strict=True)

    type: RequestType = "validation"
    country: Annotated[str, AfterValidator(checked_country)] | None = None
    column: str | int | None = None
    header: bool | None = None
    encoding: str | None = None
    sheet: str | None = None
    format: Annotated[str, AfterValidator(checked_format)] | None = None
    dialect: Literal["default", "excel"] = "default"
    max_cost: Annotated[Decimal, Field(strict=False, ge=0, max_digits=18, decimal_places=9)] | None = None
    force: bool = False


class Wanted(NamedTuple):
    """What is asked of one file."""

    order: Order
    hints: Hints
    format: OutputFormat | None
    """Of the results; None: nobody says."""
    is_forced: bool
    """Nothing that is known from before will do."""

    def format_for(self, layout: Layout) -> OutputFormat:
        """The format of the results of a file of this layout: a workbook for a workbook."""
        by_default = XLSX if layout.container == XLSX.name else CSV
        return (self.format or by_default).of(layout)


def wanted_of(folder: Folder, seen: Seen) -> Wanted:
    """What is asked of a file. Blocks. Raises OptionsError, ChangedError, OSError."""
    by_folder = given_in(folder.defaults) if seen.defaults else {}
    by_sidecar = given_in(folder.inbox / (seen.name + SIDECAR)) if seen.sidecar else {}
    options = Options.model_validate(by_folder | given_by_name(seen.name) | by_sidecar)
    try:
        output_format = output_format_of(options)
    except ValueError as error:
        raise OptionsError(f"dialect: {error}") from None
    country = options.country or ""
    column = country[len(COLUMN) :] if country.startswith(COLUMN) else None
    order = Order(
        request_type=options.type,
        region_code=options.country if column is None else None,
        region_column=column,
        not_before_ms=now_ms() if options.force else 0,
        name=printable(seen.name)[:200],
        max_cost=None if options.max_cost is None else format(options.max_cost, "f"),
    )
    hints = Hints(
        name=unpacked_name(seen.name),
        column=None if options.column is None else str(options.column),
        region_code=order.region_code,
        has_header=options.header,
        encoding=options.encoding,
        sheet=options.sheet,
    )
    return Wanted(order, hints, output_format, options.force)


def output_format_of(options: Options) -> OutputFormat | None:
    """The format that they say; None where they say none. Raises ValueError."""
    if options.format is None and options.dialect == "default":
        return None
    return in_dialect(BY_NAME[options.format or CSV.name], options.dialect)


def given_by_name(name: str) -> dict[str, Any]:
    """Type and country as parts of a file's name, before its ending: `x.analysis.csv`, `x.ID.csv.gz`."""
    _, *parts = unpacked_name(name).split(".")
    given: dict[str, Any] = {}
    if parts and not option_in(parts[-1]):
        parts.pop()
    while parts and (option := option_in(parts.pop())) and given.keys().isdisjoint(option):
        given |= option
    return given


def option_in(part: str) -> dict[str, Any]:
    """The option that a part of a name says; none for most. A country is written in capitals."""
    if part.lower() in REQUEST_TYPES:
        return {"type": part.lower()}
    return {"country": part} if part in SUPPORTED_REGIONS else {}


def given_in(path: Path) -> dict[str, Any]:
    """The options in a TOML file, checked. Blocks. Raises OptionsError, ChangedError, OSError."""
    text = text_of(path)
    check_lines(path, text)
    try:
        given = tomllib.loads(text)
    except RecursionError:
        raise OptionsError(said(path, None, "nested too deeply; expected lines of NAME = VALUE")) from None
    except tomllib.TOMLDecodeError as error:
        found = TOML_PLACE.fullmatch(str(error))
        message, line = (found[1], int(found[2])) if found else (str(error), None)
        raise OptionsError(said(path, line, f"{message}; expected TOML")) from None
    try:
        Options.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        key = str(first["loc"][0])
        raise OptionsError(said(path, line_of(text, key), f"{key[:40]}: {message_of(first)}")) from None
    return given


def text_of(path: Path) -> str:
    """A small text file. Blocks. Raises OptionsError, ChangedError, OSError."""
    try:
        with opened(path) as file:
            data = file.read(MAX_BYTES + 1) or b""
    except NotAFileError as error:
        raise OptionsError(said(path, None, f"is {error}; expected a file")) from None
    except FileNotFoundError:
        raise ChangedError from None
    except PermissionError:
        raise OptionsError(said(path, None, "may not be read by the service")) from None
    if len(data) > MAX_BYTES:
        raise OptionsError(said(path, None, f"expected at most {MAX_BYTES} bytes"))
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise OptionsError(said(path, line, "expected UTF-8")) from None


def check_lines(path: Path, text: str) -> None:
    """Raise OptionsError for a line that no option needs."""
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > MAX_LINE:
            raise OptionsError(said(path, number, f"expected at most {MAX_LINE} characters on a line"))


def message_of(error: Any) -> str:
    """What is wrong with an option, and what was expected."""
    if error["type"] == "extra_forbidden":
        return f"there is no such option; expected one of {', '.join(Options.model_fields)}"
    return str(error["msg"]).removeprefix("Value error, ").replace("Input should be", "expected")


def line_of(text: str, key: str) -> int | None:
    """The line on which a key of a TOML file stands; None when it is written in an unusual way."""
    for number, line in enumerate(text.split("\n"), 1):
        bare = line.lstrip("\t [").lstrip("\"'")
        if bare.startswith(key) and bare[len(key) :].lstrip("\"'").lstrip("\t ").startswith(("=", ".", "]")):
            return number
    return None


def said(path: Path, line: int | None, message: str) -> str:
    """A message with its place before it."""
    return f"{printable(path.name)}{'' if line is None else f', line {line}'}: {message}"
