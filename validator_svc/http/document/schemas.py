"""The schemas of what is answered, each in one place (JSON Schema 2020-12, as OpenAPI 3.1 has it)."""

import typing

from validator_svc.access.call_policy import CallPolicy, expected_of
from validator_svc.access.usage import UsageKind
from validator_svc.batches.spec import UNENDED, Status
from validator_svc.formats.assumed import ASSUMED
from validator_svc.http.document.doc import Schema
from validator_svc.http.document.parameter_table import PARAMETERS
from validator_svc.http.twilio.answers import VALIDATION_ERRORS
from validator_svc.http.twilio.packages import BASIC, FIELDS, MOST_NUMBERS
from validator_svc.lookup.circuit_breaker import BreakerState
from validator_svc.numbering.facts import LINE_TYPES, REASONS, REQUEST_TYPES
from validator_svc.numbering.reading import MAX_TEXT
from validator_svc.record.finished import CHECKED_AT
from validator_svc.record.meanings import ERRORS, MEANING
from validator_svc.record.record import Record, fields_of, wire_names

COUNT: Schema = {"type": "integer", "minimum": 0}
COUNTS: Schema = {"type": "object", "additionalProperties": COUNT}
TEXT: Schema = {"type": "string"}
TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
TIME: Schema = {"type": "string", "format": "date-time"}
TIME_OR_NULL: Schema = {"type": ["string", "null"], "format": "date-time"}
MONEY: Schema = {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?$", "description": "USD"}
MONEY_OR_NULL: Schema = MONEY | {"type": ["string", "null"]}
UUID: Schema = {"type": "string", "format": "uuid"}


def ref(name: str) -> Schema:
    """A schema of `SCHEMAS` by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def an_object(description: str, properties: dict[str, Schema], *optional: str) -> Schema:
    """An object that has all of these, but for the optional ones."""
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "required": [name for name in properties if name not in optional],
    }


def list_of(name: str) -> Schema:
    """A page of a list."""
    page = an_object(
        "Where in the list this is.",
        {"total": COUNT, "total_pages": COUNT, "current_page": COUNT, "per_page": COUNT},
    )
    return an_object(
        "A page of a list.", {"items": {"type": "array", "items": ref(name)}, "pagination": page}
    )


def with_stats(page: Schema) -> Schema:
    """A page of a list of usage, with what all of it adds up to."""
    properties = page["properties"]
    assert isinstance(properties, dict)
    return an_object("A page of usage.", {**properties, "stats": ref("UsageStats")})


def value_schema(field: str) -> Schema:
    """A field of a record."""
    types = typing.get_args(hint := typing.get_type_hints(Record)[field]) or (hint,)
    names = {str: "string", bool: "boolean", type(None): "null"}
    kinds = [names[each] for each in types]
    schema: dict[str, object] = {"type": kinds if len(kinds) > 1 else kinds[0], "description": MEANING[field]}
    enums = {"phone_type": [*LINE_TYPES, None], "reason": [*REASONS, None], "error_code": [*ERRORS]}
    return schema | ({"enum": enums[field]} if field in enums else {})


def record_schema(both_names: bool) -> Schema:
    """A record of any type; fields of deeper types are absent."""
    names = wire_names("validation", both_names)
    always = fields_of("format")
    deeper = [name for name, field in names if field not in always]
    return an_object(
        "The answer for one number. Without `analysis` or `validation`, the fields that they add are absent.",
        {name: value_schema(field) for name, field in names}
        | {
            CHECKED_AT: TIME | {"description": "with `show`, of answers from the cache: when they were given"}
        },
        *deeper,
        CHECKED_AT,
    )


def public_record_schema() -> Schema:
    """A record with both generations of names, and perhaps with its fields explained."""
    schema = record_schema(both_names=True)
    properties = schema["properties"]
    assert isinstance(properties, dict)
    meanings = an_object(
        "With `explain`: what each field says, in words.", dict.fromkeys(MEANING, TEXT), *MEANING
    )
    return schema | {"properties": properties | {"meanings": meanings}}


READ_AS = an_object(
    "How a file was read; null where it does not apply.",
    {
        "format": {"type": "string", "enum": ["csv", "ndjson", "json", "xlsx", "text"]},
        "encoding": TEXT_OR_NULL,
        "delimiter": TEXT_OR_NULL,
        "header": {"type": ["boolean", "null"]},
        "column": TEXT_OR_NULL,
        "sheet": TEXT_OR_NULL,
        "country": TEXT_OR_NULL,
    },
)

SUMMARIES: dict[str, Schema] = {
    "reason": COUNTS,
    "country": COUNTS,
    "type": COUNTS | {"description": "by phone_type; empty for `format`, which does not tell"},
    "carrier": COUNTS
    | {
        "description": "by carrier_name, likewise; of a list with very many, the rarest are together under ``"
    },
}

BATCH = an_object(
    "A list that is worked in the background.",
    {
        "request_uuid": UUID,
        "request_id": UUID,
        "name": TEXT,
        "type": {"type": "string", "enum": [*REQUEST_TYPES]},
        "status": {"type": "string", "enum": [*Status]},
        "why": {"type": ["string", "null"], "description": "what it waits for, or why it failed"},
        "count": COUNT,
        "pending": COUNT,
        "valid": COUNT,
        "invalid": COUNT,
        "unknown": {"type": "integer", "description": "rows whose lookup failed"},
        "duplicates": COUNT,
        "cached": COUNT,
        "paid": COUNT,
        ASSUMED: {
            "type": "integer",
            "description": "rows read as international for want of +, 00 and a country",
        },
        "cost": MONEY,
        "saved": MONEY,
        "max_cost": MONEY_OR_NULL,
        "read_as": ref("ReadAs"),
        "created_at": TIME,
        "finished_at": TIME_OR_NULL,
        "eta_s": {"type": ["integer", "null"], "description": "seconds until it should end"},
        "risky": {
            "type": ["integer", "null"],
            "description": "rows with a risky destination; null for `format`, which does not tell",
        },
        "summary": an_object("How often each came.", SUMMARIES),
    },
)

ROW = an_object(
    "A row with its record.",
    {
        "row": {"type": "integer", "minimum": 0, "description": "its place in the list, from 0"},
        "cells": {
            "type": "array",
            "items": TEXT,
            "description": "its own cells; the number, where it has none",
        },
        "record": ref("Record"),
    },
)
TABLE: dict[str, Schema] = {
    "columns": {"type": "array", "items": TEXT, "description": "names of the file's own columns"},
    "column": {"type": "integer", "minimum": 0, "description": "which of them has the numbers, from 0"},
    "items": {"type": "array", "items": ref("Row")},
}
ROWS = an_object(
    "Some rows of a batch.",
    TABLE
    | {
        "count": {"type": "integer", "minimum": 0, "description": "rows of the whole list"},
        "next": {"type": ["integer", "null"], "description": "the `offset` from which to go on"},
    },
)
OVERVIEW = an_object(
    "What goes on now.",
    {
        "batches": an_object(
            "How many there are.", dict.fromkeys(("total", *(each.value for each in UNENDED)), COUNT)
        ),
        "pending": {
            "type": "integer",
            "minimum": 0,
            "description": "rows that are not answered",
        },
        "upstreams": {
            "type": "array",
            "items": an_object(
                "A live source.", {"name": TEXT, "state": {"type": "string", "enum": [*BreakerState]}}
            ),
        },
    },
)
PREVIEW = an_object("The first rows of a file, and how it is read.", {"read_as": ref("ReadAs")} | TABLE)

ESTIMATE = an_object(
    "What a list would cost.",
    {
        "count": COUNT,
        "valid": COUNT,
        "invalid": COUNT,
        "duplicates": COUNT,
        "cached": COUNT,
        "billable": COUNT,
        "cost": MONEY,
        ASSUMED: COUNT,
        "read_as": ref("ReadAs"),
        "summary": an_object("How often each reason came.", {"reason": COUNTS}),
        "country_column": {"type": "string", "description": "looks like countries, and was not named"},
    },
    "country_column",
)

ERROR = an_object(
    "What was wrong, and what was expected.",
    {
        "success": {"const": False},
        "error": {"const": True},
        "code": {"type": "string", "description": "for machines; does not change"},
        "message": {"type": "string", "description": "for people"},
    },
)


def or_null(name: str) -> Schema:
    """A parameter as an optional key of a JSON body."""
    return {"anyOf": [PARAMETERS[name].schema, {"type": "null"}], "description": PARAMETERS[name].description}


NUMBER_LIST = an_object(
    "A list of numbers.",
    {
        "type": PARAMETERS["type"].schema,
        "phone_numbers": {"type": "array", "minItems": 1, "items": {"type": "string", "maxLength": 250}},
        "async": {"type": ["boolean", "null"], "description": "work it in the background; answered with 201"},
        "country": or_null("country"),
        "force": or_null("force"),
        "max_age": or_null("max_age"),
        "show": or_null("show"),
        "appid": {"type": ["string", "null"], "description": "the caller's key"},
    },
    *("async", "country", "force", "max_age", "show", "appid"),
) | {"additionalProperties": False}

ANSWERED_LIST = an_object(
    "The answers, in request order.",
    {
        "status": {"type": "string", "enum": [each for each in Status if each is not Status.QUEUED]},
        "count": COUNT,
        "pending": COUNT,
        "items": {"type": "array", "items": ref("PublicRecord")},
    },
)

# What an administrator sets of a key; a limit that is null is none.
KEY_FIELDS: dict[str, Schema] = {
    "name": {"type": "string", "minLength": 1, "maxLength": 200},
    "enabled": {"type": "boolean"},
    "allowed_networks": {
        "type": ["array", "null"],
        "items": TEXT,
        "description": "CIDR; none: from anywhere",
    },
    "requests_per_second": {"type": ["number", "null"], "minimum": 0.001, "maximum": 1_000_000},
    "numbers_per_day": {"type": ["integer", "null"], "minimum": 0},
    "spend_per_day": MONEY_OR_NULL,
    "allowed_types": {"type": ["array", "null"], "items": {"type": "string", "enum": [*REQUEST_TYPES]}},
    "policy": {
        "type": ["object", "null"],
        "description": "what its requests may ask for, where that differs from the service's policy",
        "properties": {name: {"description": expected_of(name)} for name in CallPolicy.model_fields},
        "additionalProperties": False,
    },
    "may_forward": {"type": "boolean", "description": "whether its requests may be sent on"},
}
KEY_TIMES: dict[str, Schema] = {"created_at": TIME, "last_used_at": TIME_OR_NULL}
KEY_ID: dict[str, Schema] = {"id": TEXT}
SECRET: dict[str, Schema] = {"key": {"type": "string", "description": "the secret, shown this once"}}

USED: dict[str, Schema] = {
    "requests": {"type": "integer", "minimum": 0, "description": "requests or batches that this is of"},
    "count": {"type": "integer", "minimum": 0, "description": "numbers"},
    "valid": COUNT,
    "invalid": COUNT,
    "unknown": {"type": "integer", "minimum": 0, "description": "numbers whose lookup failed"},
    "duplicates": {
        "type": "integer",
        "minimum": 0,
        "description": "valid numbers that came before in the same list; of a stream they are not counted",
    },
    "cached": COUNT,
    "paid": COUNT,
}
SAVED: dict[str, Schema] = {
    "saved": MONEY | {"description": "USD that the cached ones would have cost"},
    "duration_s": {"type": "number", "minimum": 0},
}
USAGE = an_object(
    "What a request or a batch used, or those of one minute where a key sends many.",
    {
        "time": TIME,
        "key": {"type": ["string", "null"], "description": "the `id` of the key that it came with"},
        "type": {"type": "string", "enum": [*REQUEST_TYPES]},
        "kind": {"type": "string", "enum": [*typing.get_args(UsageKind)]},
        "request_uuid": UUID | {"type": ["string", "null"], "description": "the batch that it is of"},
        **USED,
        "cost": MONEY,
        **SAVED,
    },
)
USED_SUMS: dict[str, Schema] = {**USED, "amount": MONEY, **SAVED}
USAGE_STATS = an_object(
    "What all records that are asked for add up to, on whatever page they are; `amount` is what they cost.",
    {**USED_SUMS, "days": {"type": "array", "items": ref("UsageDay")}},
)
USAGE_DAY = an_object("What a day's add up to.", {"date": {"type": "string", "format": "date"}, **USED_SUMS})
LOOKUP_PACKAGES: dict[str, Schema] = {
    name: {
        "type": ["object", "null"],
        "properties": {**{each: {} for each in fields}, "error_code": {"type": ["integer", "null"]}},
        "required": [*fields, "error_code"],
    }
    for name, fields in FIELDS.items()
}
LOOKUP: dict[str, Schema] = {
    "calling_country_code": TEXT_OR_NULL,
    "country_code": TEXT_OR_NULL,
    "phone_number": TEXT,
    "national_format": TEXT_OR_NULL,
    "valid": {"type": "boolean"},
    "validation_errors": {
        "type": "array",
        "items": {"type": "string", "enum": sorted(set(VALIDATION_ERRORS.values()))},
    },
    **LOOKUP_PACKAGES,
}
LOOKUP_OF_BATCH: dict[str, Schema] = {
    "correlation_id": TEXT_OR_NULL,
    "twilio_error_code": {"type": ["integer", "null"]},
    **LOOKUP,
}
LOOKUP_ASKED = an_object(
    "A number, and the packages that are asked for.",
    {
        "correlation_id": TEXT_OR_NULL,
        "phone_number": {"type": "string", "maxLength": MAX_TEXT},
        "fields": {"type": ["array", "null"], "items": {"type": "string", "enum": [BASIC, *FIELDS]}},
        "country_code": TEXT_OR_NULL,
        "identity_match": {"type": ["object", "null"]},
        "reassigned_number": {"type": ["object", "null"]},
        "sms_pumping_risk": {"type": ["object", "null"]},
    },
    *("correlation_id", "fields", "country_code", "identity_match", "reassigned_number", "sms_pumping_risk"),
) | {"additionalProperties": False}
LOOKUP_QUERY = an_object(
    "Numbers to look up.",
    {
        "phone_numbers": {"type": "array", "minItems": 1, "maxItems": MOST_NUMBERS, "items": LOOKUP_ASKED},
        "appid": {"type": ["string", "null"], "description": "the caller's key"},
    },
    "appid",
) | {"additionalProperties": False}

FINDING = an_object(
    "What was found of a parameter.",
    {
        "parameter": {"type": "string", "description": "with dots for nesting; empty: the whole request"},
        "code": {"type": "string", "description": "for machines; does not change"},
        "severity": {"type": "string", "enum": ["error", "warning"]},
        "message": {"type": "string", "description": "for people"},
    },
)
SCREENED = an_object(
    "What was found of a request.",
    {
        "allowed": {"type": "boolean", "description": "whether it may go out: no finding is an error"},
        "findings": {"type": "array", "items": FINDING},
        "numbers": {
            "type": "object",
            "additionalProperties": ref("Record"),
            "description": "the records of its numbers, by parameter",
        },
        "request": {
            "type": ["object", "null"],
            "description": "ready to be sent, its numbers as the system writes them; null: it cannot be read",
        },
    },
)
NATIVE_REFUSAL: Schema = {
    "description": "A refused request in the system's own form, with `errors=native`; or an error of ours.",
    "anyOf": [
        ref("Error"),
        an_object("Wavix says no.", {"success": {"const": False}, "message": TEXT}),
        an_object(
            "SignalWire says no.",
            {
                "errors": {
                    "type": "array",
                    "items": an_object("A finding.", {"code": TEXT, "message": TEXT, "more_info": TEXT}),
                }
            },
        ),
    ],
}
CREATED = an_object("The id, under both names of it.", {"request_uuid": UUID, "request_id": UUID})
STATE = an_object("How the service is.", {"status": TEXT, "upstream": TEXT_OR_NULL}, "upstream")
INDEX = an_object(
    "What this is.",
    {"service": TEXT, "version": TEXT, "routes": {"type": "object", "additionalProperties": TEXT}},
)

SCHEMAS: dict[str, Schema] = {
    "Record": record_schema(both_names=False),
    "Screened": SCREENED,
    "PublicRecord": public_record_schema(),
    "NumberList": NUMBER_LIST,
    "AnsweredList": ANSWERED_LIST,
    "Created": CREATED,
    "ReadAs": READ_AS,
    "Batch": BATCH,
    "BatchList": list_of("Batch"),
    "Row": ROW,
    "Rows": ROWS,
    "Preview": PREVIEW,
    "Overview": OVERVIEW,
    "Estimate": ESTIMATE,
    "KeyChange": an_object("What is to change.", KEY_FIELDS, *KEY_FIELDS) | {"additionalProperties": False},
    "NewKey": an_object("A key to make.", KEY_FIELDS, *(each for each in KEY_FIELDS if each != "name"))
    | {"additionalProperties": False},
    "Key": an_object("A caller's key.", KEY_ID | KEY_FIELDS | KEY_TIMES),
    "CreatedKey": an_object("A key that was just made.", KEY_ID | SECRET | KEY_FIELDS | KEY_TIMES),
    "KeyList": list_of("Key"),
    "Usage": USAGE,
    "UsageDay": USAGE_DAY,
    "UsageStats": USAGE_STATS,
    "UsageList": with_stats(list_of("Usage")),
    "Lookup": an_object("A number, in the shape of Twilio Lookup v2.", {**LOOKUP, "url": TEXT}),
    "LookupQuery": LOOKUP_QUERY,
    "LookupAnswers": an_object(
        "The numbers, in the order in which they were asked for.",
        {"phone_numbers": {"type": "array", "items": an_object("A number.", LOOKUP_OF_BATCH)}},
    ),
    "TwilioError": an_object(
        "What was wrong, in the shape of Twilio's API.",
        {"code": {"type": "integer"}, "message": TEXT, "more_info": TEXT, "status": {"type": "integer"}},
    ),
    "State": STATE,
    "Index": INDEX,
    "Error": ERROR,
}
