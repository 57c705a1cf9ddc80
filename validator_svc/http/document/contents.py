"""Bodies that several routes take or answer, each with an example."""

import orjson

from validator_svc.http.document import schemas
from validator_svc.http.document.doc import Answer, Content
from validator_svc.http.document.schemas import ref
from validator_svc.http.twilio.packages import FIELDS

JSON = "application/json"
LINES = "application/x-ndjson"
CSV = "text/csv"
FORM = "application/x-www-form-urlencoded"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BATCH_PATH = "/v1/batches/{batch_id}"
BATCH_ID = "d8433070-bfb2-427e-869d-94055eb57aaa"


def json(name: str, example: object) -> Content:
    """A JSON body of that schema."""
    return Content(JSON, ref(name), example)


def as_lines(*values: object) -> str:
    """Values as NDJSON."""
    return "".join(orjson.dumps(value).decode() + "\n" for value in values)


PUBLIC_RECORD = {
    "phone_number": "6281234567000",
    "is_valid": True,
    "valid": True,
    "country_code": "ID",
    "e164_format": "+6281234567000",
    "national_format": "0812-3456-7000",
    "cost": "0",
    "charge": "0",
    "error_code": "000",
    "source": "plan",
    "reason": None,
}
RECORD = {name: value for name, value in PUBLIC_RECORD.items() if name not in ("valid", "charge")}
GB_RECORD = RECORD | {
    "phone_number": "+44 20 7946 0958",
    "country_code": "GB",
    "e164_format": "+442079460958",
    "national_format": "020 7946 0958",
}
SHORT_RECORD = RECORD | {
    "phone_number": "12",
    "is_valid": False,
    "country_code": None,
    "e164_format": "",
    "national_format": "",
    "error_code": "021",
    "reason": "too_short",
}
CREATED_EXAMPLE = {"request_uuid": BATCH_ID, "request_id": BATCH_ID}
READ_AS = {
    "format": "csv",
    "encoding": "utf-8",
    "delimiter": ",",
    "header": True,
    "column": "phone",
    "sheet": None,
    "country": None,
}
BATCH_EXAMPLE = CREATED_EXAMPLE | {
    "name": "people.csv",
    "type": "format",
    "status": "success",
    "why": None,
    "count": 2,
    "pending": 0,
    "valid": 1,
    "invalid": 1,
    "unknown": 0,
    "duplicates": 0,
    "cached": 0,
    "paid": 0,
    "assumed_international": 0,
    "cost": "0",
    "saved": "0",
    "max_cost": None,
    "read_as": READ_AS,
    "created_at": "2026-01-05T09:00:00.000Z",
    "finished_at": "2026-01-05T09:00:01.000Z",
    "eta_s": 0,
    "risky": None,
    "summary": {"reason": {"too_short": 1}, "country": {"GB": 1}, "type": {}, "carrier": {}},
}
ROWS_EXAMPLE = {
    "columns": ["name", "phone"],
    "column": 1,
    "items": [{"row": 0, "cells": ["Ada", "+44 20 7946 0958"], "record": GB_RECORD}],
    "count": 2,
    "next": None,
}
PREVIEW_EXAMPLE = {
    "read_as": READ_AS,
    "columns": ["name", "phone"],
    "column": 1,
    "items": [{"row": 0, "cells": ["Ada", "+44 20 7946 0958"], "record": GB_RECORD}],
}
OVERVIEW_EXAMPLE = {
    "batches": {"total": 12, "queued": 0, "progress": 1, "paused": 0},
    "pending": 5_000,
    "upstreams": [{"name": "wavix", "state": "closed"}],
}
ESTIMATE_EXAMPLE = {
    "count": 2,
    "valid": 1,
    "invalid": 1,
    "duplicates": 0,
    "cached": 0,
    "billable": 0,
    "cost": "0",
    "assumed_international": 0,
    "read_as": READ_AS,
    "summary": {"reason": {"too_short": 1}},
}
LIST_EXAMPLE = {"type": "format", "phone_numbers": ["6281234567000", "+44 20 7946 0958"]}
USAGE_FIGURES = {
    "requests": 1,
    "count": 1,
    "valid": 1,
    "invalid": 0,
    "unknown": 0,
    "duplicates": 0,
    "cached": 0,
    "paid": 1,
}
USAGE_REST = {"saved": "0", "duration_s": 0.25}
USAGE_EXAMPLE = {
    "time": "2026-01-05T09:00:00.000Z",
    "key": "0a1b2c3d4e5f",
    "type": "analysis",
    "kind": "number",
    "request_uuid": None,
    **USAGE_FIGURES,
    "cost": "0.005",
    **USAGE_REST,
}
USAGE_SUMS = {**USAGE_FIGURES, "amount": "0.005", **USAGE_REST}
USAGE_STATS = {**USAGE_SUMS, "days": [{"date": "2026-01-05", **USAGE_SUMS}]}
PAGES = {"total": 1, "total_pages": 1, "current_page": 1, "per_page": 50}
KEY_FIELDS = {
    "name": "web shop",
    "enabled": True,
    "allowed_networks": ["192.0.2.0/24"],
    "requests_per_second": 10.0,
    "numbers_per_day": 100_000,
    "spend_per_day": "12.50",
    "allowed_types": ["format", "analysis"],
    "policy": {"deny_countries": ["CU"], "max_price_per_minute": "0.50"},
    "may_forward": False,
}
KEY_TIMES = {"created_at": "2026-01-05T09:00:00.000Z", "last_used_at": None}
KEY_EXAMPLE = {"id": "0a1b2c3d4e5f"} | KEY_FIELDS | KEY_TIMES
CREATED_KEY_EXAMPLE = {"id": "0a1b2c3d4e5f", "key": "vs_…"} | KEY_FIELDS | KEY_TIMES

CSV_FILE = "name,phone\nAda,+44 20 7946 0958\nBob,12\n"
RESULTS_FILE = (
    "name,phone,phone_number,is_valid,country_code,e164_format,national_format,cost,error_code,source,reason\n"
    "Ada,+44 20 7946 0958,+44 20 7946 0958,true,GB,+442079460958,020 7946 0958,0,000,plan,\n"
    "Bob,12,12,false,,,,0,021,plan,too_short\n"
)
USAGE_FILE = (
    "time,key,type,kind,request_uuid,requests,count,valid,invalid,unknown,duplicates,cached,paid,cost,saved,"
    "duration_s\r\n"
    "2026-01-05T09:00:00.000Z,0a1b2c3d4e5f,analysis,number,,1,1,1,0,0,0,0,1,0.005,0,0.25\r\n"
)
TEXT_FILE = "+44 20 7946 0958\n6281234567000\n"
LINES_FILE = '{"phone_number": "+44 20 7946 0958"}\n"6281234567000"\n'

WORKBOOK = Content(XLSX, file="people.xlsx")
FILES = (
    Content(CSV, None, CSV_FILE),
    Content("text/tab-separated-values", None, CSV_FILE.replace(",", "\t")),
    Content("text/plain", None, TEXT_FILE),
    Content(LINES, None, LINES_FILE),
    Content(JSON, {"type": "array"}, ["+44 20 7946 0958", {"phone_number": "6281234567000"}]),
    WORKBOOK,
    Content("application/octet-stream", None, CSV_FILE),
)

CALL = {"from": "+442079460958", "to": "+6281234567000", "timeout": 30}
CALL_FORM = "From=%2B442079460958&To=%2B6281234567000&Url=https%3A%2F%2Fexample.com%2Fcall"
REQUESTS = (
    Content(JSON, {"type": "object"}, CALL),
    Content(FORM, None, CALL_FORM),
    Content(LINES, None, '{"from": "+442079460958", "to": "+6281234567000"}\n{"from": "1", "to": "2"}\n'),
)
SCREENED_EXAMPLE = {
    "allowed": False,
    "findings": [
        {
            "parameter": "to",
            "code": "invalid_number",
            "severity": "error",
            "message": "to: is too short (refuse_invalid)",
        }
    ],
    "numbers": {"from": RECORD},
    "request": {"from": "+6281234567000", "to": "12"},
}
NATIVE_REFUSAL = Content(
    JSON, schemas.NATIVE_REFUSAL, {"success": False, "message": "to: is too short (refuse_invalid)"}
)
ITS_OWN = Content(JSON, {"type": "object"}, {"uuid": BATCH_ID, "event_type": "call_setup"})
SCREENED_LINES = Content(LINES, None, as_lines(SCREENED_EXAMPLE), ref("Screened"))
LOOKUP: dict[str, object] = {
    "calling_country_code": "1",
    "country_code": "US",
    "phone_number": "+14159929960",
    "national_format": "(415) 992-9960",
    "valid": True,
    "validation_errors": [],
    **dict.fromkeys(FIELDS),
}
LOOKUP_QUERY = {"phone_numbers": [{"correlation_id": "1", "phone_number": "+14159929960"}]}
LOOKUP_ANSWERS = {"phone_numbers": [{"correlation_id": "1", "twilio_error_code": None} | LOOKUP]}

RECORDS = Content(LINES, None, as_lines(GB_RECORD, RECORD), ref("Record"))
RESULTS = (
    Content(LINES, None, as_lines(GB_RECORD, SHORT_RECORD), {"anyOf": [ref("Record"), ref("Screened")]}),
    Content(CSV, None, RESULTS_FILE),
    Content("text/tab-separated-values", None, RESULTS_FILE.replace(",", "\t")),
    Content(XLSX, file="results.xlsx"),
)
PUBLIC_RECORDS = Content(LINES, None, as_lines(PUBLIC_RECORD), ref("PublicRecord"))
EVENTS = Content(
    "text/event-stream",
    None,
    f"event: end\ndata: {orjson.dumps(BATCH_EXAMPLE).decode()}\n\n",
)
USAGE = (
    json("UsageList", {"items": [USAGE_EXAMPLE], "stats": USAGE_STATS, "pagination": PAGES}),
    Content(LINES, None, as_lines(USAGE_EXAMPLE), ref("Usage")),
    Content(CSV, None, USAGE_FILE),
)
FIGURES = Content(
    "text/plain",
    None,
    'validator_http_request_seconds_count{method="GET",route="/v1/validation",status="200"} 7.0\n',
)
HTML = Content("text/html", None, "<!doctype html>…")
INDEX_EXAMPLE = {
    "service": "validator_svc",
    "version": "0.1.0",
    "routes": {"GET /v1/validation": "One number"},
}
THIS = Content(JSON, {"type": "object"}, {"openapi": "3.1.0", "info": {"title": "validator_svc"}})


ANSWERED = {"status": "success", "count": 1, "pending": 0, "items": [PUBLIC_RECORD]}
THE_BATCH = Answer(200, "The batch.", (json("Batch", BATCH_EXAMPLE),))
SAME = Answer(304, "It is what the client has, by its ETag.")
ASSETS = (
    Content("text/css", None, "main { max-width: 60rem }\n"),
    Content("text/javascript", None, '"use strict";\n'),
    HTML,
    Content("image/svg+xml", None, '<svg xmlns="http://www.w3.org/2000/svg"/>'),
)
THE_KEY = Answer(200, "The key.", (json("Key", KEY_EXAMPLE),))
GONE = Answer(204, "It is gone.")
