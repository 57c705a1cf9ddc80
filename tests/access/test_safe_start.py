"""A service that others reach starts with a key, or with somebody having said that it needs none."""

import subprocess
from pathlib import Path

import pytest

from tests.access.keyed import ADMIN, ONE, as_holder, new_key, status_of
from tests.service import START_S, command, environment, ran, running

UNUSABLE = {
    "VALIDATOR_AUTH": "perhaps",
    "VALIDATOR_ADMIN_KEY": "hunter2",
    "VALIDATOR_TRUSTED_PROXIES": "10.0.0.0/8,proxy",
    "VALIDATOR_CORS_ORIGINS": "app.example.com",
}


def refused(tmp_path: Path, *arguments: str, **settings: str) -> str:
    """What `serve` says instead of starting."""
    done = ran(tmp_path, "serve", *arguments, **settings)
    assert done.returncode == 2, done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


@pytest.mark.parametrize("host", ["0.0.0.0", "::", ""])
def test_it_does_not_open_to_others_by_itself(tmp_path: Path, host: str) -> None:
    for settings in ({}, {"VALIDATOR_AUTH": "on"}):
        said = refused(tmp_path, "--host", host, **settings)
        assert "VALIDATOR_ADMIN_KEY" in said
        assert "VALIDATOR_AUTH=off" in said


@pytest.mark.parametrize("name", UNUSABLE)
def test_a_setting_that_cannot_be_used_is_named(tmp_path: Path, name: str) -> None:
    said = refused(tmp_path, **{name: UNUSABLE[name]})
    assert name in said
    assert name != "VALIDATOR_ADMIN_KEY" or UNUSABLE[name] not in said


async def test_it_asks_for_keys_where_others_reach_it(tmp_path: Path) -> None:
    with running(tmp_path, VALIDATOR_HOST="0.0.0.0", VALIDATOR_ADMIN_KEY=ADMIN) as service:
        service.url = service.url.replace("0.0.0.0", "127.0.0.1")
        assert [await status_of(service, key) for key in (None, ADMIN)] == [401, 200]
        key = (await new_key(service))["key"]
        assert await status_of(service, key, ONE, Host="numbers.example.com") == 200


async def test_whoever_says_so_goes_without(tmp_path: Path) -> None:
    with running(tmp_path, VALIDATOR_HOST="0.0.0.0", VALIDATOR_AUTH="off") as service:
        service.url = service.url.replace("0.0.0.0", "127.0.0.1")
        assert await status_of(service, None, ONE, Host="numbers.example.com") == 200
        assert await status_of(service, None, ONE, Origin="http://evil.example") == 403
        assert await status_of(service, None, "/metrics") == 200
        # Nobody has the administrator's key.
        assert await status_of(service, None, "/v1/keys") == 403


async def test_an_address_comes_from_trusted_proxies_only(tmp_path: Path) -> None:
    settings = {"VALIDATOR_AUTH": "on", "VALIDATOR_ADMIN_KEY": ADMIN}
    forwarded = [
        ("192.0.2.7", 200),
        ("198.51.100.1, 192.0.2.7", 200),
        ("192.0.2.7, 10.1.2.3", 200),
        ("192.0.2.7:4711", 200),
        ("[2001:db8::7]:4711", 200),
        ("::ffff:192.0.2.7", 200),
        ("192.0.2.7, 198.51.100.1", 401),
        ("192.0.2.7, nonsense", 401),
        ("", 401),
        ("10.1.2.3", 401),
    ]
    networks = ["192.0.2.0/24", "2001:db8::/32"]
    with running(tmp_path, **settings, VALIDATOR_TRUSTED_PROXIES="127.0.0.1,10.0.0.0/8") as service:
        key = (await new_key(service, allowed_networks=networks))["key"]
        for header, status in forwarded:
            assert await status_of(service, key, ONE, **{"X-Forwarded-For": header}) == status, header
        assert await status_of(service, key) == 401
    with running(tmp_path, **settings) as service:
        assert await status_of(service, key, ONE, **{"X-Forwarded-For": "192.0.2.7"}) == 401
        async with as_holder(service, ADMIN) as admin, admin.get("/v1/keys") as response:
            assert (await response.json())["items"][0]["allowed_networks"] == networks


async def test_the_command_line_manages_keys_of_a_running_service(tmp_path: Path) -> None:
    def keys(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command("keys", *arguments),
            env=environment(tmp_path),
            capture_output=True,
            text=True,
            timeout=START_S,
            check=False,
        )

    with running(tmp_path, VALIDATOR_AUTH="on") as service:
        made = keys("create", "campaign", "--type", "format", "--network", "127.0.0.0/8")
        assert made.returncode == 0, made.stderr
        key = made.stdout.strip()
        key_id = key[3:15]
        assert await status_of(service, key) == 200
        listed = keys("list").stdout
        assert all(word in listed for word in (key_id, "campaign", "format", "127.0.0.0/8"))
        assert key not in listed
        for action in ("disable", "allow", "enable", "delete"):
            assert keys(action, key_id, *(["192.0.2.1"] if action == "allow" else [])).returncode == 0
        assert key_id not in keys("list").stdout
        for arguments in (["delete", key_id], ["enable", key], ["create", "a", "--network", "here"]):
            done = keys(*arguments)
            assert done.returncode == 2
            assert done.stderr.count("\n") == 1
            assert key not in done.stderr
