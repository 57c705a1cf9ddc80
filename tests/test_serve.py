"""The life of a service: start, end, the embedded store, and what stands in its way."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest
import redis

from tests.service import START_S, Service, command, environment, running, start
from tests.store import running_store
from tests.terminal import at_terminal

ROOT = Path(__file__).parent.parent


def get(service: Service, path: str) -> tuple[int, dict[str, object]]:
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=START_S)
    connection.request("GET", path)
    response = connection.getresponse()
    body = json.loads(response.read())
    connection.close()
    return response.status, body


def refused(data_dir: Path, *arguments: str, **settings: str) -> str:
    """What a `serve` that cannot start says; it must end by itself with status 2, in one line."""
    done = subprocess.run(
        command("serve", *arguments),
        env=environment(data_dir, **settings),
        capture_output=True,
        text=True,
        timeout=START_S,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def embedded_socket(data_dir: Path) -> Path:
    return data_dir / "valkey" / "valkey.sock"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_in_order_and_takes_its_store_along(tmp_path: Path, number: int) -> None:
    with running(tmp_path) as service:
        assert get(service, "/healthz") == (200, {"status": "ok"})
        assert get(service, "/readyz") == (200, {"status": "ready", "upstream": None})
        assert service.stop(number) == 0
    assert not embedded_socket(tmp_path).exists()


def test_the_index_says_what_this_is(tmp_path: Path) -> None:
    with running(tmp_path) as service:
        status, body = get(service, "/")
    assert status == 200
    assert body["service"] == "validator_svc"


def test_a_second_service_on_the_same_directory_is_told_so(tmp_path: Path) -> None:
    with running(tmp_path) as service:
        message = refused(tmp_path)
        assert f"in use by process {service.process.pid}" in message
        assert "VALIDATOR_DATA_DIR" in message
        assert get(service, "/readyz")[0] == 200


def test_a_service_starts_again_after_a_kill_and_its_data_is_there(tmp_path: Path) -> None:
    with running(tmp_path) as service:
        with redis.Redis(unix_socket_path=str(embedded_socket(tmp_path))) as store:
            store.set("kept", "yes")
            orphan_pid = store.info("server")["process_id"]
        service.stop(signal.SIGKILL)
    with running(tmp_path) as service:
        assert get(service, "/readyz")[0] == 200
        with redis.Redis(unix_socket_path=str(embedded_socket(tmp_path))) as store:
            assert store.get("kept") == b"yes"
            assert store.info("server")["process_id"] != orphan_pid
    assert not is_running(orphan_pid)


def is_running(pid: int) -> bool:
    """Whether the process lives; one that ended and was not yet waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_data_directory_with_a_long_path_works(tmp_path: Path) -> None:
    with running(tmp_path / ("deep" * 30)) as service:
        assert get(service, "/readyz")[0] == 200


def test_a_given_redis_is_used_instead(tmp_path: Path) -> None:
    with running_store() as store, running(tmp_path, REDIS_URL=store.url) as service:
        assert get(service, "/readyz")[0] == 200
        assert not (tmp_path / "valkey").exists()
        store.kill()
        status, body = get(service, "/readyz")
        assert (status, body["code"]) == (503, "unavailable")
        assert get(service, "/healthz")[0] == 200
        assert get(service, "/v1/validation?phone_number=%2B6281234567000&type=validation")[0] == 200
        store.start()


def test_requests_in_flight_are_answered_after_sigterm(tmp_path: Path) -> None:
    with running(tmp_path, VALIDATOR_SHUTDOWN_GRACE="60") as service:
        with socket.create_connection(("127.0.0.1", service.port)) as connection:
            connection.sendall(
                b"POST /v1/stream?type=format HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\n"
                b"Content-Length: 4\r\n\r\n1\n"
            )
            assert connection.recv(1024).startswith(b"HTTP/1.1 200")
            service.process.send_signal(signal.SIGTERM)
            wait_until_refused(service.port)
            connection.sendall(b"2\n")
            answer = b""
            while piece := connection.recv(4096):
                answer += piece
        assert b'"phone_number":"2"' in answer
        assert service.wait() == 0


def wait_until_refused(port: int) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        # One that is still in the queue when the listening socket closes is reset.
        with contextlib.suppress(ConnectionResetError):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
            except ConnectionRefusedError:
                return
    pytest.fail("the service still takes connections after SIGTERM")


def test_settings_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    message = refused(tmp_path, VALIDATOR_PORT="eighty", VALIDATOR_SYNC_MAX="0")
    assert "VALIDATOR_PORT" in message
    assert "VALIDATOR_SYNC_MAX" in message
    assert "eighty" not in message


def test_a_port_in_use_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        told = refused(tmp_path, "--port", str(taken.getsockname()[1]))
    assert "is in use" in told
    assert "--port 0" in told


def test_on_a_terminal_it_says_where_to_look_and_what_to_type(tmp_path: Path) -> None:
    run = at_terminal(command("serve"), environment(tmp_path), typed=b"\x03", after=b"check FILE")
    assert run.status == 0
    assert "open it in a browser" in run.seen
    assert "python -m validator_svc lookup '+62 812-3456-7000'" in run.seen


def test_a_risk_list_counts(tmp_path: Path) -> None:
    risk_file = tmp_path / "risk.txt"
    risk_file.write_text("+628123  # ours\nallow +6281234567\n")
    with running(tmp_path, VALIDATOR_RISK_FILE=str(risk_file)) as service:
        for number, risky in (("6281230000000", True), ("6281234567000", False), ("6281334567000", False)):
            _, body = get(service, f"/v1/validation?phone_number={number}&type=analysis")
            assert body["risky_destination"] is risky


def test_a_risk_list_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    risk_file = tmp_path / "risk.txt"
    risk_file.write_text("+628123\n\nnonsense\n")
    assert "line 3" in refused(tmp_path, VALIDATOR_RISK_FILE=str(risk_file))
    assert "VALIDATOR_RISK_FILE" in refused(tmp_path, VALIDATOR_RISK_FILE=str(tmp_path / "absent"))


def test_a_failed_start_leaves_no_store_behind(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused(tmp_path, "--port", str(taken.getsockname()[1]))
    service = start(tmp_path)
    service.wait_until_listening()
    assert service.stop() == 0


@pytest.mark.skipif(
    subprocess.run(["make", "-q", ".venv/.runs"], cwd=ROOT, capture_output=True, check=False).returncode != 0,
    reason="make would install first, under the feet of the other tests",
)
def test_make_run_is_all_it_needs(tmp_path: Path) -> None:
    process = subprocess.Popen(
        ["make", "run"],
        cwd=ROOT,
        env=environment(tmp_path),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    service = Service(process)
    try:
        service.wait_until_listening()
        assert get(service, "/healthz")[0] == 200
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        service.stop()
    with pytest.raises(ConnectionRefusedError):
        get(service, "/healthz")
