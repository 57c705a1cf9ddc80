"""Looking numbers up: the truth, the failures that were asked for, the funds, and what is billed."""

import random
from collections.abc import Sequence

from loadtest.wavix_emulator.answers import FINE, Item, answer, digits_of
from loadtest.wavix_emulator.faults import Faults
from loadtest.wavix_emulator.ledger import Entry, Ledger

FAILURES = ("code013", "code041", "code042")
NO_FUNDS = "091"
KEPT_WHEN_FAILED = ("phone_number", "is_valid", "e164_format", "national_format", "cost", "error_code")

OF_LISTS = ("missing", "duplicated", "foreign", "strange")
OF_SINGLES = ("foreign", "strange")


def look_up(numbers: Sequence[str], entry: Entry, faults: Faults, ledger: Ledger) -> list[Item]:
    """Look each number up, bill what is to be billed to `entry`; one item per number, in order.

    `entry.request_type` says what is asked. Equal numbers are looked up and billed each.
    """
    items = []
    billed = []
    for number in numbers:
        item, is_billed = look_up_one(number, entry, faults, ledger)
        items.append(item)
        if is_billed:
            billed.append(digits_of(number))
    ledger.bill(entry, billed)
    return items


def look_up_one(number: str, entry: Entry, faults: Faults, ledger: Ledger) -> tuple[Item, bool]:
    """The item of one number, and whether it is to be billed."""
    assert entry.request_type
    item = answer(number, entry.request_type)
    if item["error_code"] != FINE:
        return item, False
    failure = faults.first(FAILURES, entry.kind)
    price = ledger.prices[entry.request_type]
    is_billed = price > 0 and (failure is None or ledger.bill_failed)
    if is_billed and not ledger.can_pay():
        return failed(item, NO_FUNDS), False
    if failure:
        item = failed(item, failure.removeprefix("code"))
    if is_billed:
        item["cost"] = str(price)
    return item, is_billed


def failed(item: Item, error_code: str) -> Item:
    """The item of a lookup that failed.

    The public reference does not say what its other fields hold, so this is the worst of it:
    `is_valid` false, though nothing is known.
    """
    blank = {name: value if name in KEPT_WHEN_FAILED else None for name, value in item.items()}
    return blank | {"is_valid": False, "error_code": error_code}


def mangled(items: list[Item], entry: Entry, faults: Faults, rng: random.Random) -> list[Item]:
    """The items as the reply will hold them: some missing, twice, of other numbers, in another order."""
    names = OF_SINGLES if entry.kind == "single" else OF_LISTS
    if not faults.among((*names, "reordered")):
        return items
    out: list[Item] = []
    for item in items:
        match faults.first(names, entry.kind):
            case "missing":
                continue
            case "foreign":
                out.append(foreign(item, entry))
            case "duplicated":
                out += [item, item]
            case "strange":
                out.append(item | {"error_code": [item["error_code"]], "cost": "1e-999999"})
            case _:
                out.append(item)
    if faults.fires("reordered", entry.kind):
        rng.shuffle(out)
    return out


def foreign(item: Item, entry: Entry) -> Item:
    """The item of a number that differs in its last digit, at the same cost."""
    assert entry.request_type
    number = item["phone_number"]
    other = number[:-1] + ("2" if number.endswith("1") else "1")
    return answer(other, entry.request_type) | {"cost": item["cost"]}
