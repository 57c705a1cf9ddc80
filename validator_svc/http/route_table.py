"""All routes of the service, each with the names that it takes, and its documentation.

Whatever else is given is refused.
"""

from validator_svc.access.key_fields import NAMES as KEY_FIELDS
from validator_svc.batches.search import FILTERS
from validator_svc.http.document import contents as of
from validator_svc.http.document.contents import json
from validator_svc.http.document.doc import Answer, Doc
from validator_svc.http.document.parameter_table import LOOKUP_PARAMETERS
from validator_svc.http.route import Route
from validator_svc.http.routes import (
    api_keys,
    batches,
    document,
    estimate,
    events,
    forward,
    lookup_v2,
    overview,
    page,
    preview,
    results,
    rows,
    screen,
    status,
    stream,
    usage,
    validation,
    validation_jobs,
)

NUMBERS = ("type", "country", "force", "max_age", "show")
FILE = (*NUMBERS, "column", "header", "encoding", "sheet", "name", "max_cost", "webhook_url")
BATCH = "/v1/batches/{batch_id}"
KEY = "/v1/keys/{key_id}"

FILE_REFUSALS = (413, 415, 422, 507)
UPLOAD_HEADERS = ("Content-Encoding",)

ROUTES = (
    Route(
        "GET",
        "/",
        page.index,
        needs="nothing",
        doc=Doc(
            "index",
            "What this is, and where to go on; where HTML is liked better, the page for people",
            (Answer(200, "The routes, or the page.", (json("Index", of.INDEX_EXAMPLE), of.HTML)), of.SAME),
        ),
    ),
    Route(
        "GET",
        "/page/{asset}",
        page.asset,
        needs="nothing",
        doc=Doc(
            "pageAsset",
            "What the page for people needs",
            (Answer(200, "The file.", of.ASSETS), of.SAME),
            refusals=(404,),
        ),
    ),
    Route(
        "GET",
        "/openapi.json",
        document.openapi,
        needs="nothing",
        doc=Doc(
            "openapi",
            "This document (OpenAPI 3.1)",
            (Answer(200, "The document.", (of.THIS,)),),
        ),
    ),
    Route(
        "GET",
        "/docs",
        document.page,
        needs="nothing",
        doc=Doc("docs", "This document as a page", (Answer(200, "The page.", (of.HTML,)), of.SAME)),
    ),
    Route(
        "GET",
        "/docs/{asset}",
        document.asset,
        needs="nothing",
        doc=Doc(
            "docsAsset",
            "What the page needs",
            (Answer(200, "The file.", (*of.ASSETS, of.WORKBOOK)), of.SAME),
            refusals=(404,),
        ),
    ),
    Route(
        "GET",
        "/healthz",
        status.healthz,
        needs="nothing",
        doc=Doc(
            "healthz",
            "Whether the process answers",
            (Answer(200, "It does.", (json("State", {"status": "ok"}),)),),
        ),
    ),
    Route(
        "GET",
        "/readyz",
        status.readyz,
        needs="nothing",
        doc=Doc(
            "readyz",
            "Whether it is ready: the store answers, and the upstream takes the key",
            (Answer(200, "It is.", (json("State", {"status": "ready", "upstream": None}),)),),
        ),
    ),
    Route(
        "GET",
        "/metrics",
        status.figures,
        needs="admin key",
        doc=Doc("metrics", "Figures for Prometheus", (Answer(200, "Figures.", (of.FIGURES,)),)),
    ),
    Route(
        "GET",
        "/v1/overview",
        overview.overview,
        needs="admin key",
        doc=Doc(
            "overview",
            "What goes on now: batches under way, and the upstreams as this process sees them",
            (Answer(200, "The state.", (json("Overview", of.OVERVIEW_EXAMPLE),)),),
        ),
    ),
    Route(
        "GET",
        "/v1/validation",
        validation.validate_one,
        ("phone_number", *NUMBERS, "explain"),
        doc=Doc(
            "validateNumber",
            "One number",
            (Answer(200, "The record.", (json("PublicRecord", of.PUBLIC_RECORD),)),),
        ),
        at_once=validation.validate_one_at_once,
    ),
    Route(
        "POST",
        "/v1/validation",
        validation.validate_list,
        ("show",),
        keys=("phone_numbers", "async", *NUMBERS),
        doc=Doc(
            "validateList",
            "A list of numbers",
            (
                Answer(
                    200,
                    "The records, in request order; with NDJSON each as soon as it is known.",
                    (json("AnsweredList", of.ANSWERED), of.PUBLIC_RECORDS),
                ),
                Answer(
                    201,
                    "With `async` true: the list is worked in the background.",
                    (json("Created", of.CREATED_EXAMPLE),),
                    ("Location",),
                    "/v1/validation/{batch_id}",
                ),
            ),
            headers=("Idempotency-Key", *UPLOAD_HEADERS),
            bodies=(json("NumberList", of.LIST_EXAMPLE),),
            refusals=(409, *FILE_REFUSALS),
        ),
        at_once=validation.validate_list_at_once,
    ),
    Route(
        "GET",
        "/v1/validation/{batch_id}",
        validation_jobs.poll,
        ("offset", "limit"),
        doc=Doc(
            "pollList",
            "What is answered of a list so far",
            (
                Answer(
                    200,
                    "A page of the records; with NDJSON all of them, as they become known.",
                    (json("AnsweredList", of.ANSWERED), of.PUBLIC_RECORDS),
                ),
            ),
            refusals=(404, 409),
        ),
    ),
    Route(
        "DELETE",
        "/v1/validation/{batch_id}",
        validation_jobs.delete,
        doc=Doc("deleteList", "Stop, and erase a list and its answers", (of.GONE,), refusals=(404,)),
    ),
    Route(
        "POST",
        "/v1/stream",
        stream.stream,
        (*NUMBERS, "column", "sheet"),
        takes_file=True,
        doc=Doc(
            "stream",
            "Numbers in, records out, while the request is still being sent",
            (Answer(200, "Record N is the answer to line N.", (of.RECORDS,)),),
            headers=UPLOAD_HEADERS,
            bodies=of.FILES,
            refusals=(413, 415, 422),
        ),
    ),
    Route(
        "POST",
        "/v1/screen/{system}",
        screen.screen,
        (*NUMBERS, "errors"),
        takes_file=True,
        doc=Doc(
            "screen",
            "A request to a telecom system, checked before it is sent",
            (
                Answer(
                    200,
                    "What was found of it; of a list of requests a line each, while it is still being sent.",
                    (
                        json("Screened", of.SCREENED_EXAMPLE),
                        of.SCREENED_LINES,
                    ),
                ),
                Answer(
                    400,
                    "It cannot be read; or it is refused, with `errors=native`.",
                    (of.NATIVE_REFUSAL,),
                ),
            ),
            "The body is that which the system takes, or many of them as NDJSON. `type` is `analysis` unless"
            " it is said.",
            headers=UPLOAD_HEADERS,
            optional=("type",),
            bodies=of.REQUESTS,
            refusals=(404, 413, 415),
        ),
    ),
    Route(
        "POST",
        "/v1/forward/{system}/{path}",
        forward.forward,
        (*NUMBERS, "errors"),
        takes_file=True,
        doc=Doc(
            "forward",
            "A request to a telecom system, sent on if it is allowed",
            (
                *(Answer(each, "The system's own answer.", (of.ITS_OWN,)) for each in (200, 201, 202)),
                Answer(400, "It is refused, or cannot be read; or its own answer.", (of.NATIVE_REFUSAL,)),
            ),
            "The body is that which the system takes. Its answer is passed on as it is, whatever its status."
            " Off unless it is set up; a key needs `may_forward`.",
            headers=UPLOAD_HEADERS,
            optional=("type",),
            bodies=of.REQUESTS[:2],
            refusals=(404, 409, 413, 415, 422, 502, 504),
        ),
    ),
    Route(
        "POST",
        "/v1/batches",
        batches.create,
        (*FILE, "kind", "system"),
        takes_file=True,
        doc=Doc(
            "createBatch",
            "A file, worked in the background",
            (
                Answer(
                    201,
                    "The file is stored, and will be worked.",
                    (json("Created", of.CREATED_EXAMPLE),),
                    ("Location",),
                    of.BATCH_PATH,
                ),
            ),
            "CSV, TSV, NDJSON, a JSON array, a number a line, or XLSX; raw or in a form; gzip and zstd, too."
            " In a form every parameter may be a field. With `kind=screen` a table of requests to a telecom"
            " system, whose columns are named as its parameters are.",
            headers=("Idempotency-Key", *UPLOAD_HEADERS),
            bodies=of.FILES,
            refusals=(409, *FILE_REFUSALS),
        ),
    ),
    Route(
        "POST",
        "/v1/estimate",
        estimate.estimate,
        FILE,
        takes_file=True,
        doc=Doc(
            "estimate",
            "What a file would cost; nothing is kept",
            (Answer(200, "The estimate.", (json("Estimate", of.ESTIMATE_EXAMPLE),)),),
            "Takes what `POST /v1/batches` takes.",
            headers=UPLOAD_HEADERS,
            bodies=of.FILES,
            refusals=FILE_REFUSALS,
        ),
    ),
    Route(
        "POST",
        "/v1/preview",
        preview.preview,
        FILE,
        takes_file=True,
        doc=Doc(
            "preview",
            "How a file is read, with its first rows; nothing is kept",
            (Answer(200, "The preview.", (json("Preview", of.PREVIEW_EXAMPLE),)),),
            "Takes what `POST /v1/batches` takes, of which the beginning will do. Nothing is paid.",
            headers=UPLOAD_HEADERS,
            bodies=of.FILES,
            refusals=FILE_REFUSALS,
        ),
    ),
    Route(
        "GET",
        "/v1/batches",
        batches.listing,
        ("page", "per_page"),
        doc=Doc(
            "listBatches",
            "All batches, the newest first",
            (
                Answer(
                    200,
                    "A page of them.",
                    (json("BatchList", {"items": [of.BATCH_EXAMPLE], "pagination": of.PAGES}),),
                ),
            ),
        ),
    ),
    Route(
        "GET",
        BATCH,
        batches.show,
        doc=Doc("showBatch", "State, counts, cost and time left", (of.THE_BATCH,), refusals=(404, 409)),
    ),
    Route(
        "DELETE",
        BATCH,
        batches.delete,
        doc=Doc("deleteBatch", "Stop, and erase input and results", (of.GONE,), refusals=(404,)),
    ),
    Route(
        "GET",
        f"{BATCH}/events",
        events.events,
        doc=Doc(
            "followBatch",
            "Progress as server-sent events",
            (
                Answer(
                    200,
                    "Event `progress` with the batch whenever it changed, `end` at its end.",
                    (of.EVENTS,),
                ),
            ),
            refusals=(404, 409),
        ),
    ),
    Route(
        "GET",
        f"{BATCH}/results",
        results.results,
        ("format", "dialect", "only", "offset"),
        doc=Doc(
            "batchResults",
            "The records, in input order; follows a batch that runs",
            (
                Answer(
                    200,
                    "The file's own columns first, but for NDJSON. XLSX comes once the batch has ended.",
                    of.RESULTS,
                ),
            ),
            refusals=(404, 409, 422),
        ),
    ),
    Route(
        "GET",
        f"{BATCH}/rows",
        rows.rows,
        ("q", "only", *FILTERS, "offset", "per_page"),
        doc=Doc(
            "searchRows",
            "Rows with their records, searched and filtered, some at a time",
            (Answer(200, "The rows, and where to go on.", (json("Rows", of.ROWS_EXAMPLE),)),),
            "Each answer takes a bounded time: it may have fewer rows than `per_page`, or none, and say in"
            " `next` from where to go on. `next` is null once all rows were looked at. Rows that are not"
            " answered yet are left out.",
            refusals=(404, 409),
        ),
    ),
    Route(
        "POST",
        f"{BATCH}/cancel",
        batches.cancel,
        doc=Doc("cancelBatch", "Stop; what is answered stays", (of.THE_BATCH,), refusals=(404, 409)),
    ),
    Route(
        "POST",
        f"{BATCH}/resume",
        batches.resume,
        ("max_cost",),
        doc=Doc("resumeBatch", "Go on with a paused batch", (of.THE_BATCH,), refusals=(404, 409)),
    ),
    Route(
        "POST",
        f"{BATCH}/retry",
        batches.retry,
        doc=Doc(
            "retryBatch",
            "Look up again what failed, or go on with a batch that failed",
            (of.THE_BATCH,),
            refusals=(404, 409),
        ),
    ),
    Route(
        "GET",
        "/v1/usage",
        usage.usage,
        ("from", "to", "key", "type", "page", "per_page"),
        doc=Doc(
            "listUsage",
            "What was used and what it cost, the newest first",
            (
                Answer(
                    200,
                    "A page of it, with what all of it adds up to; with NDJSON or CSV all of it, unless"
                    " `page` or `per_page` is given.",
                    of.USAGE,
                ),
            ),
            "A key sees what came with it, the administrator all. Requests are counted within a second, a"
            " batch when it has ended.",
            refusals=(404,),
            optional=("type",),
        ),
    ),
    Route(
        "GET",
        "/v2/PhoneNumbers/{PhoneNumber}",
        lookup_v2.fetch,
        LOOKUP_PARAMETERS,
        doc=Doc(
            "fetchLookup",
            "One number, as Twilio Lookup v2 has it",
            (
                Answer(
                    200,
                    "The number, whether it is valid or not.",
                    (
                        json(
                            "Lookup",
                            of.LOOKUP | {"url": "http://127.0.0.1:8080/v2/PhoneNumbers/+14159929960"},
                        ),
                    ),
                ),
            ),
            refusals=(404,),
            is_twilio=True,
        ),
    ),
    Route(
        "POST",
        "/v2/batch/query",
        lookup_v2.query,
        keys=("phone_numbers",),
        doc=Doc(
            "queryLookups",
            "Several numbers, as Twilio Lookup v2 has it",
            (Answer(200, "The numbers, in order.", (json("LookupAnswers", of.LOOKUP_ANSWERS),)),),
            bodies=(json("LookupQuery", of.LOOKUP_QUERY),),
            refusals=(413, 415),
            is_twilio=True,
        ),
    ),
    Route(
        "POST",
        "/v1/keys",
        api_keys.create,
        keys=KEY_FIELDS,
        needs="admin key always",
        doc=Doc(
            "createKey",
            "Make a key",
            (
                Answer(
                    201,
                    "The key, with its secret, which is shown this once.",
                    (json("CreatedKey", of.CREATED_KEY_EXAMPLE),),
                    ("Location",),
                    KEY,
                ),
            ),
            bodies=(json("NewKey", of.KEY_FIELDS),),
            refusals=(413, 415),
        ),
    ),
    Route(
        "GET",
        "/v1/keys",
        api_keys.listing,
        ("page", "per_page"),
        needs="admin key always",
        doc=Doc(
            "listKeys",
            "All keys, the oldest first",
            (
                Answer(
                    200,
                    "A page of them.",
                    (json("KeyList", {"items": [of.KEY_EXAMPLE], "pagination": of.PAGES}),),
                ),
            ),
        ),
    ),
    Route(
        "GET",
        KEY,
        api_keys.show,
        needs="admin key always",
        doc=Doc("showKey", "One key, without its secret", (of.THE_KEY,), refusals=(404,)),
    ),
    Route(
        "PATCH",
        KEY,
        api_keys.change,
        keys=KEY_FIELDS,
        needs="admin key always",
        doc=Doc(
            "changeKey",
            "Change a key; what is not named stays",
            (of.THE_KEY,),
            bodies=(json("KeyChange", {"enabled": False}),),
            refusals=(404, 413, 415),
        ),
    ),
    Route(
        "DELETE",
        KEY,
        api_keys.delete,
        needs="admin key always",
        doc=Doc("deleteKey", "Delete a key for good", (of.GONE,), refusals=(404,)),
    ),
)
