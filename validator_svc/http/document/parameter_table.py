"""What every parameter means and takes: for the document, and for the checks, whose bounds are here."""

from typing import Literal, NamedTuple

from validator_svc.batches.stored_results import ONLY
from validator_svc.formats.output_formats import BY_NAME
from validator_svc.http.document.doc import Schema
from validator_svc.numbering.facts import LINE_TYPES, REASONS, REQUEST_TYPES
from validator_svc.numbering.reading import MAX_TEXT
from validator_svc.record.finished import CHECKED_AT
from validator_svc.screening.registry import SYSTEMS

ParameterPlace = Literal["query", "path", "header"]

TEXT: Schema = {"type": "string"}
FLAG: Schema = {"type": "boolean", "default": False}
DAY_OR_TIME: Schema = {
    "anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]
}
UUID: Schema = {"type": "string", "format": "uuid"}


class Parameter(NamedTuple):
    """A named value of a request."""

    name: str
    description: str
    schema: Schema
    example: object
    place: ParameterPlace = "query"
    is_required: bool = False

    def number(self, keyword: Literal["default", "maximum"]) -> int:
        """A number that its schema has under a keyword."""
        value = self.schema[keyword]
        assert isinstance(value, int)
        return value


def whole(default: int, maximum: int) -> Schema:
    """A whole number within bounds."""
    return {"type": "integer", "minimum": 0, "maximum": maximum, "default": default}


# What goes with packages of Twilio's of which nothing is known here.
NOT_LOOKED_AT = (
    *("FirstName", "LastName", "AddressLine1", "AddressLine2", "City", "State", "PostalCode"),
    *(
        "AddressCountryCode",
        "NationalId",
        "DateOfBirth",
        "LastVerifiedDate",
        "VerificationSid",
        "PartnerSubId",
    ),
)
LOOKUP_PARAMETERS = ("Fields", "CountryCode", *NOT_LOOKED_AT)

TABLE = (
    Parameter(
        "phone_number",
        "The number, as a person wrote it. A `+` need not be percent-encoded.",
        {"type": "string", "minLength": 1, "maxLength": MAX_TEXT},
        "6281234567000",
        is_required=True,
    ),
    Parameter(
        "type",
        "How deep to look: `format` and the plan's part of the others are free; with a live source `analysis`"
        " and `validation` cost money.",
        {"type": "string", "enum": [*REQUEST_TYPES]},
        "format",
        is_required=True,
    ),
    Parameter(
        "country",
        "Where numbers without calling code belong: ISO 3166-1 alpha-2. Of a file also `column:NAME`, where"
        " each row names its own.",
        TEXT,
        "ID",
    ),
    Parameter("force", "Ask a live source anew, whatever is cached.", FLAG, False),
    Parameter(
        "max_age",
        "Take cached answers younger than this only, in seconds.",
        {"type": "integer", "minimum": 0},
        86_400,
    ),
    Parameter(
        "show",
        "`checked_at` adds to each answer from the cache when it was given; in JSON and NDJSON.",
        {"type": "string", "enum": [CHECKED_AT]},
        CHECKED_AT,
    ),
    Parameter(
        "column",
        "The column with the numbers: name, or number from 1; of NDJSON the key. Found when not given.",
        TEXT,
        "phone",
    ),
    Parameter(
        "header", "Whether the first row names the columns; seen when not given.", {"type": "boolean"}, True
    ),
    Parameter("encoding", "The character encoding of the file; seen when not given.", TEXT, "utf-8"),
    Parameter("sheet", "The sheet of a workbook; else the first visible one with numbers.", TEXT, "Sheet1"),
    Parameter("name", "What to call the batch; the ending tells the format, too.", TEXT, "people.csv"),
    Parameter(
        "max_cost",
        "Pause before it costs more, in USD.",
        {"type": "string", "pattern": r"^[0-9]{1,9}(\.[0-9]{1,9})?$"},
        "12.50",
    ),
    Parameter(
        "webhook_url",
        "Where to tell of the batch's end; signed as Standard Webhooks has it.",
        {"type": "string", "format": "uri"},
        "https://example.com/hook",
    ),
    Parameter(
        "from",
        "The first day, or a time; else 30 days before the end.",
        DAY_OR_TIME,
        "2026-01-01",
    ),
    Parameter(
        "to", "The last day, or a time up to which, but not with it; else now.", DAY_OR_TIME, "2026-01-31"
    ),
    Parameter("key", "The `id` of a key; without it all that the caller may see.", TEXT, "0a1b2c3d4e5f"),
    Parameter(
        "kind",
        "`screen`: the rows are requests to the system of `system`, to be screened.",
        {"type": "string", "enum": ["screen"]},
        "screen",
    ),
    Parameter(
        "errors",
        "`native` answers a refused request as its system would.",
        {"type": "string", "enum": ["native"]},
        "native",
    ),
    Parameter(
        "path",
        "The path of the request as the system has it, below its base URL.",
        {"type": "string", "minLength": 1},
        "v1/calls",
        "path",
        is_required=True,
    ),
    Parameter(
        "system",
        "The system that the request is for.",
        {"type": "string", "enum": [*SYSTEMS]},
        "wavix-call",
        "path",
        is_required=True,
    ),
    Parameter("explain", "Add `meanings`: what each field of the record says, in words.", FLAG, True),
    Parameter(
        "q",
        "A text that the row's own cells, the number in any form or the carrier's name must hold, in upper or"
        " lower case.",
        {"type": "string", "maxLength": MAX_TEXT},
        "7946",
    ),
    Parameter("country_code", "Rows of this `country_code` only.", TEXT, "GB"),
    Parameter(
        "phone_type", "Rows of this `phone_type` only.", {"type": "string", "enum": [*LINE_TYPES]}, "mobile"
    ),
    Parameter("carrier_name", "Rows of this `carrier_name` only.", TEXT, "Telkomsel"),
    Parameter("reason", "Rows of this `reason` only.", {"type": "string", "enum": [*REASONS]}, "too_short"),
    Parameter("page", "The page, from 1.", whole(1, 1_000_000), 1),
    Parameter("per_page", "How many a page has.", whole(50, 500), 50),
    Parameter("offset", "Rows to leave out at the beginning.", whole(0, 2**53), 0),
    Parameter("limit", "Rows of the list to look at.", whole(1_000, 100_000), 1_000),
    Parameter(
        "format",
        "The format of the results; else by Accept.",
        {"type": "string", "enum": [*BY_NAME]},
        "csv",
    ),
    Parameter(
        "dialect",
        "`excel` makes CSV that survives a spreadsheet.",
        {"type": "string", "enum": ["default", "excel"], "default": "default"},
        "excel",
    ),
    Parameter("only", "Rows of one outcome only.", {"type": "string", "enum": [*ONLY]}, "valid"),
    Parameter(
        "batch_id",
        "The `request_uuid` that its creation answered.",
        UUID,
        "d8433070-bfb2-427e-869d-94055eb57aaa",
        "path",
        is_required=True,
    ),
    Parameter("asset", "A file of the page.", TEXT, "style.css", "path", is_required=True),
    Parameter("key_id", "The `id` of a key.", {"type": "string"}, "0a1b2c3d4e5f", "path", is_required=True),
    Parameter(
        "PhoneNumber",
        "The number, in E.164 or as it is dialled.",
        TEXT,
        "+14159929960",
        "path",
        is_required=True,
    ),
    Parameter(
        "Fields",
        "Packages of data with commas between: `line_type_intelligence` and `line_status` are answered, and"
        " may cost money; the others come with an `error_code`.",
        TEXT,
        "line_type_intelligence",
    ),
    Parameter("CountryCode", "Where numbers without calling code belong; US when not given.", TEXT, "ID"),
    *(Parameter(name, "Known, and not looked at.", TEXT, "any") for name in NOT_LOOKED_AT),
    Parameter(
        "Idempotency-Key",
        "The same list under the same key becomes one batch, however often it is sent.",
        {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
        "monday-0001",
        "header",
    ),
    Parameter(
        "Content-Encoding",
        "How the body is packed.",
        {"type": "string", "enum": ["identity", "gzip"]},
        "identity",
        "header",
    ),
)

PARAMETERS = {each.name: each for each in TABLE}
