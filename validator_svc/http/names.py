"""Names that a route does not know: refused, naming the one that was meant."""

import difflib
import re
from collections.abc import Iterable, Sequence

from validator_svc.http.errors import ApiError, bad_parameter

# What other services and people call what is called otherwise here.
MEANT = {
    "region": "country",
    "regioncode": "country",
    "countrycode": "country",
    "iso": "country",
    "cc": "country",
    "defaultcountry": "country",
    "budget": "max_cost",
    "limit": "max_cost",
    "costlimit": "max_cost",
    "spend": "max_cost",
    "ttl": "max_age",
    "refresh": "force",
    "nocache": "force",
    "charset": "encoding",
    "filename": "name",
    "title": "name",
    "callback": "webhook_url",
    "callbackurl": "webhook_url",
    "field": "column",
    "level": "type",
    "kind": "type",
    "mode": "type",
    "filter": "only",
    "skip": "offset",
    "start": "offset",
    "count": "limit",
    "numbers": "phone_numbers",
    "items": "phone_numbers",
    "msisdn": "phone_number",
    "tel": "phone_number",
    "background": "async",
}
# Shown of a name; more than three digits in a row might be of a phone number.
SHOWN = 40
DIGITS = re.compile(r"\d{4,}")
A_KEY = re.compile(r"vs_[0-9a-fA-F]{12}_.*", re.DOTALL)


def refuse_unknown(given: Iterable[str], known: Sequence[str], what: str, elsewhere: str = "") -> None:
    """Raise ApiError 400 for the first name that is not known; `what` it is: a parameter, field or key.

    `elsewhere` says where names that this route takes in another place belong.
    """
    for name in given:
        if name not in known:
            meant = meant_by(name, known)
            hint = f" did you mean {meant}?" if meant else ""
            raise ApiError(
                400,
                "unknown_parameter",
                f"unknown {what} '{shown(name)}'{elsewhere};{hint} known: {', '.join(known)}",
            )


def refuse_second(name: str, values: Iterable[str]) -> None:
    """Raise ApiError 400 when something of this name was given before."""
    if name in values:
        raise bad_parameter(shown(name), "expected once, was given more often")


def meant_by(name: str, known: Sequence[str]) -> str | None:
    """The known name that comes nearest to `name`; None when none is near."""
    by_squashed = {squashed(each): each for each in known}
    alias = MEANT.get(squashed(name))
    if alias in known:
        return alias
    near = difflib.get_close_matches(squashed(name)[:SHOWN], by_squashed, 1)
    return by_squashed[near[0]] if near else None


def squashed(name: str) -> str:
    """A name without what differs between spellings of the same: `maxCost` and `max-cost` are `max_cost`."""
    return re.sub(r"[\W_]+", "", name).casefold()


def shown(name: str, most: int = SHOWN) -> str:
    """A name, or what else a caller wrote, as it may stand in a message: at most so many characters."""
    text = DIGITS.sub("…", A_KEY.sub("vs_…", name)[:most])
    return "".join(each if each.isprintable() else "\ufffd" for each in text)
