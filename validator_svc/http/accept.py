"""What a client would like to get: Accept and Accept-Encoding by their grammar (RFC 9110, 12.5)."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from aiohttp import web

from validator_svc.http.plain import Head

# `token` and `quoted-string` of RFC 9110, 5.6.
WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
QUOTED = r'"(?:[^"\\]|\\.)*"'
# One member of a list: what is named, and its parameters; commas in quotes do not part members.
MEMBER = re.compile(rf"\s*+(?P<name>{WORD}(?:/{WORD})?)\s*+(?P<parameters>(?:;(?:[^,;\"]|{QUOTED})*+)*+)")
# Quotes that are never closed go on to the end.
PARTS = re.compile(r"(?:[^,\"]|\"(?:[^\"\\]|\\.)*+\"?)++")
PARAMETER = re.compile(rf";\s*(?P<key>{WORD})\s*=\s*(?P<value>{QUOTED}|[^;\s]*)\s*")
WEIGHT = re.compile(r"0(\.\d{0,3})?|1(\.0{0,3})?")

Offer = TypeVar("Offer", bound=str)


class Liking(NamedTuple):
    """How much something is liked; the greater tuple is liked better."""

    weight: float
    """From 0, which is a refusal, to 1."""
    precision: int
    """2 when it is named itself, 1 by `type/*`, 0 by `*` or `*/*`, -1 when it is refused."""
    place: int
    """The earlier of equals is taken: minus its place in the header."""


def weights_in(headers: Iterable[str]) -> dict[str, Liking]:
    """Each name of a header, in lower case, with its weight; members that cannot be read are left out.

    Several headers of one name are one list. Parameters but `q` are not looked at: nothing is offered in
    more than one version.
    """
    weights: dict[str, Liking] = {}
    for place, part in enumerate(PARTS.findall(",".join(headers))):
        member = MEMBER.fullmatch(part)
        weight = weight_of(member["parameters"]) if member else None
        if member and weight is not None:
            name = member["name"].lower()
            # What is refused comes after what is not named at all.
            weights.setdefault(name, Liking(weight, precision_of(name) if weight else -1, -place))
    return weights


def weight_of(parameters: str) -> float | None:
    """The weight among a member's parameters, 1 when it has none; None when it cannot be read."""
    for parameter in PARAMETER.finditer(parameters):
        if parameter["key"].lower() == "q":
            return float(parameter["value"]) if WEIGHT.fullmatch(parameter["value"]) else None
    return 1.0


def precision_of(name: str) -> int:
    """How precisely a name says what is meant."""
    if name in ("*", "*/*"):
        return 0
    return 1 if name.endswith("/*") else 2


def best_type(request: Head, offers: Sequence[Offer]) -> Offer:
    """The media type that the client likes best, the first one when it likes none or all the same."""
    weights = weights_in(request.headers.getall("Accept", ()))

    def liking(offer: Offer) -> Liking:
        names = (offer, f"{offer.partition('/')[0]}/*", "*/*")
        return next((weights[name] for name in names if name in weights), Liking(0, 0, 0))

    return max(offers, key=liking)


def best_coding(request: web.Request, offers: Sequence[Offer], plain: Offer) -> Offer:
    """The content coding that the client likes best; `plain` unless it names another one.

    Among those that it likes as well the earlier offer is taken. What only `*` allows is taken when
    `plain` is refused: who says `*` has seldom thought of every coding.
    """
    weights = weights_in(request.headers.getall("Accept-Encoding", ()))
    # Its old name (RFC 9110, 8.4.1.3).
    if "x-gzip" in weights:
        weights.setdefault("gzip", weights["x-gzip"])
    named = {offer: weights[offer].weight for offer in offers if offer in weights}
    if plain not in named:
        # The least that can be liked and still be taken.
        named[plain] = 0.0 if is_refused(weights) else 0.0005
    for offer in offers:
        named.setdefault(offer, 0.0001 if "*" in weights and weights["*"].weight else 0.0)
    best = max(offers, key=lambda offer: named[offer])
    return best if named[best] else plain


def is_refused(weights: Mapping[str, Liking]) -> bool:
    """Whether what is not named is refused."""
    return "*" in weights and not weights["*"].weight
