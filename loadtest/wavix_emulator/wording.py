"""How a reply is worded: either generation of names, and the spellings that have been seen."""

import random
from typing import Any, NamedTuple

from loadtest.wavix_emulator.answers import Item
from loadtest.wavix_emulator.options import WORDINGS, Options

# The guide's older names, and those of the current public reference.
NEW_NAME = {"is_valid": "valid", "phone_type": "number_type", "cost": "charge"}
OLD_ID, NEW_ID = "request_uuid", "request_id"


class Wording(NamedTuple):
    """The words of one reply; the fields are the options of the same names."""

    names: str
    echo: str
    status: str
    charge: str
    error_code: str


def choose(options: Options, rng: random.Random) -> Wording:
    """The wording of the next reply: what the options say; where they say `mixed`, by chance."""

    def word(name: str) -> str:
        set_to: str = getattr(options, name)
        return set_to if set_to in WORDINGS[name] else rng.choice(WORDINGS[name])

    return Wording(*(word(name) for name in Wording._fields))


def worded(item: Item, words: Wording) -> Item:
    """The item as it goes out; `item` stays as it is."""
    out = dict(item)
    if words.echo != "as-sent":
        bare = out["phone_number"].removeprefix("+")
        out["phone_number"] = f"+{bare}" if words.echo == "plus" else bare
    if words.charge == "number":
        out["cost"] = float(out["cost"])
    if words.error_code == "int" and isinstance(out["error_code"], str):
        out["error_code"] = int(out["error_code"])
    if words.names == "old":
        return out
    if words.names == "new":
        return {NEW_NAME.get(name, name): value for name, value in out.items()}
    return out | {new: out[old] for old, new in NEW_NAME.items() if old in out}


def job_started(job_id: str, words: Wording) -> dict[str, str]:
    """The reply to an async request."""
    names = {"old": (OLD_ID,), "new": (NEW_ID,), "both": (OLD_ID, NEW_ID)}[words.names]
    return dict.fromkeys(names, job_id)


def item_list(items: list[Item], count: int, pending: int, status: str, words: Wording) -> dict[str, Any]:
    """The reply that holds many items: `count` numbers asked, `pending` of them without an item yet."""
    return {
        "status": status,
        "count": count,
        "pending": pending,
        "items": [worded(item, words) for item in items],
    }
