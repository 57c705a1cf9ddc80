"""No whole number and no key in logs, metrics or errors, nor in Redis where its table has none."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp

from loadtest.wavix_emulator import Emulator
from tests.access.keyed import ADMIN, as_holder, new_key
from tests.batches.asking import posted, reached
from tests.batches.processes import processes
from tests.lookup.conftest import KEY
from tests.store import Store, kept_at, running_store
from tests.waiting import wait_until

# Each comes in one way only; what of each may be seen is less than these digits.
NUMBERS = [f"79111{at:05}" for at in range(24680, 24700)]
# Keys of Redis that hold numbers, as the table has it.
HOLD_NUMBERS = ("vs:live:", "vs:moment:", "vs:claim:", "vs:job:")
OPEN = "an-open-quote"


async def some_pieces(text: str) -> AsyncIterator[bytes]:
    yield text.encode()


async def everything_is_sent(client: aiohttp.ClientSession, key: str, folder: Path) -> list[str]:
    """Send numbers by every entrance, rightly and wrongly; returns the errors."""
    errors: list[str] = []

    async def send(method: str, path: str, **given: Any) -> None:
        async with client.request(method, path, **given) as response:
            text = await response.text(errors="replace")
            if response.status >= 400:
                errors.append(text)

    n = [f"+44{each}" for each in NUMBERS]
    digits = [each[1:] for each in n]
    paid, free = {"type": "analysis"}, {"type": "format"}
    await send("GET", "/v1/validation", params=paid | {"phone_number": n[0]})
    await send("GET", "/v1/validation", params=free | {"phone_number": n[1], digits[1]: digits[1]})
    await send("GET", "/v1/validation", params=free | {"phone_number": n[1], "country": digits[1]})
    await send("GET", f"/v1/validation?type={digits[2]}&phone_number={digits[2]}&appid={key}")
    await send("GET", f"/v1/batches/{digits[2]}")
    await send("GET", f"/v1/keys/{digits[2]}")
    await send("GET", f"/v1/usage?from={digits[2]}&key={digits[2]}")
    await send("GET", f"/{digits[2]}/{key}?appid={key}")
    await send("GET", f"/v1/validation?type=format&phone_number={digits[3]}&appid={key}&appid={key}")
    await send("GET", f"/v2/PhoneNumbers/{n[3]}?Fields=line_type_intelligence")
    await send("POST", "/v2/batch/query", json={"phone_numbers": [{"phone_number": n[3]}], digits[3]: 1})
    await send("POST", "/v1/validation", json=paid | {"phone_numbers": n[4:6]})
    await send("POST", "/v1/validation", json=paid | {"phone_numbers": [int(digits[6])], "appid": key})
    await send(
        "POST", "/v1/validation", json=paid | {"phone_numbers": n[6:7], "country": digits[6], key: key}
    )
    await send("POST", "/v1/validation", data=f'{{"type": "format", "phone_numbers": ["{n[7]}", {OPEN}')
    await send("POST", "/v1/stream?type=analysis", data=f"{n[8]}\n{digits[8]}\n")
    await send("POST", "/v1/stream?type=format", data=f'phone\n"{n[9]}', headers={"Content-Type": "text/csv"})
    await send("POST", "/v1/stream?type=format", data=n[9], headers={"Content-Type": digits[9]})
    await send("POST", "/v1/estimate?type=analysis", data=f"phone;name\n{n[10]};Ada\n")
    await send("POST", "/v1/batches?type=format", data=f"<html>{n[10]}</html>")
    await send("POST", "/v1/batches", params=free | {"column": digits[10]}, data=f"a\n{n[10]}\n")
    headers = {"Idempotency-Key": digits[11], "Content-Type": "text/plain"}
    for body in (n[11], n[12]):
        await send("POST", "/v1/batches?type=analysis", data=body, headers=headers)
    await send("POST", "/v1/batches?type=format", data=b"\x1f\x8b" + digits[12].encode())
    for name, value in (
        ("Authorization", f"Bearer {key}x"),
        ("Authorization", f"Basic {key}"),
        ("Expect", n[12]),
    ):
        await send("GET", "/v1/batches", headers={name: value})
    table = f"name,phone\nAda,{n[13]}\nBob,{digits[13]}\n"
    batch_id = await posted(client, some_pieces(table), "text/csv", type="analysis")
    await reached(client, batch_id, "success")
    for rest in (
        "results",
        "results?format=csv",
        "results?format=xlsx",
        f"rows?q={digits[13]}",
        f"rows?{digits[13]}=1",
    ):
        await send("GET", f"/v1/batches/{batch_id}/{rest}")
    await send("PATCH", "/v1/keys/0", json={"name": digits[14]})
    return errors


def found(text: str, secrets: dict[str, str]) -> set[str]:
    """What of the secrets is in a text."""
    return {name for name, secret in secrets.items() if secret in text}


def in_redis(store: Store) -> dict[str, str]:
    """Keys of Redis and all that is under each."""
    return {key.decode(): repr(values) for key, values in kept_at(store.url)}


async def test_no_number_and_no_key_is_anywhere_but_where_it_belongs(
    tmp_path: Path, emulator: Emulator
) -> None:
    settings = {
        "VALIDATOR_AUTH": "on",
        "VALIDATOR_ADMIN_KEY": ADMIN,
        "VALIDATOR_WAVIX_URL": emulator.url,
        "VALIDATOR_WAVIX_APPID": KEY,
        "VALIDATOR_WAVIX_RATE": "200",
        "VALIDATOR_LOG_LEVEL": "debug",
        "VALIDATOR_DROP_DIR": str(tmp_path / "drop"),
    }
    with running_store() as store, processes(tmp_path / "data", REDIS_URL=store.url, **settings) as group:
        service = group.serve()
        made = await new_key(service)
        secrets = {f"number {at}": digits for at, digits in enumerate(NUMBERS)}
        # Of a key its id, by which it begins, may be seen.
        secrets |= {"key": made["key"].partition(made["id"])[2], "admin": ADMIN, "upstream": KEY}
        dropped = tmp_path / "drop" / "inbox" / f"{NUMBERS[15]}.csv"
        dropped.write_text(f"phone\n+44{NUMBERS[15]}\n+44{NUMBERS[15]}\n")
        async with as_holder(service, made["key"]) as client:
            emulator.set_faults({"code042": "0.2"})
            errors = await everything_is_sent(client, made["key"], tmp_path)
            # Before nothing is answered any more.
            await wait_until(lambda: not dropped.exists())
            emulator.set_faults({"http500": "1"})
            errors += await everything_is_sent(client, made["key"], tmp_path)
        async with as_holder(service, ADMIN) as admin, admin.get("/metrics") as response:
            metrics = await response.text()
        kept = in_redis(store)
        service.stop()
    log = b"".join(service.log).decode()
    assert len(errors) > 30
    assert json.loads(log.splitlines()[0])
    assert not found(log, secrets)
    assert not found(metrics, secrets)
    assert not [error for error in errors if found(error, secrets)]
    # A file's name is its owner's, and kept with what is known of it; it is no number of a list.
    del secrets["number 15"]
    places = {
        key: found(key + value, secrets) for key, value in kept.items() if not key.startswith(HOLD_NUMBERS)
    }
    assert {key: what for key, what in places.items() if what} == {}
    # They are where the table says, or nothing was looked at.
    assert any(found(key, secrets) for key in kept)
