"""An S3 server on loopback (moto's), in front of which faults can be put."""

import contextlib
import threading
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import obstore
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from obstore.store import S3Store
from werkzeug.serving import make_server

BUCKET = "segments"
# Requests of the test itself have it: no fault is meant for them.
OURS = "X-Of-The-Test"
Environ = dict[str, Any]
REFUSAL = b"<Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>"


class S3:
    """A server with one bucket. Faults hold until they are taken back."""

    def __init__(self) -> None:
        self._app = DomainDispatcherApplication(create_backend_app)
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"
        self.refuses = 0
        """The status of every answer; 0: it answers."""
        self.fails_every = 0
        """Each so many-th request is answered with 503; 0: none."""
        self.slow_s = 0.0
        """How long each answer takes."""
        self.asked = 0
        self.refused = 0
        made = urllib.request.Request(f"{self.endpoint}/{BUCKET}", headers={OURS: "1"}, method="PUT")
        urllib.request.urlopen(made).close()
        self._objects = S3Store(
            BUCKET,
            endpoint=self.endpoint,
            access_key_id="somebody",
            secret_access_key="secret",
            region="us-east-1",
            client_options={"allow_http": True, "default_headers": {OURS: "1"}},
        )

    @property
    def settings(self) -> dict[str, str]:
        """The settings of a service that keeps its objects here."""
        return {
            "VALIDATOR_STORAGE_URL": f"s3://{BUCKET}/of-the-service",
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "somebody",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_REGION": "us-east-1",
        }

    def names(self) -> list[str]:
        """The names of all objects."""
        return [each["path"] for objects in obstore.list(self._objects) for each in objects]

    def content(self, name: str) -> bytes:
        """What an object holds."""
        return bytes(obstore.get(self._objects, name).bytes())

    def put(self, name: str, content: bytes) -> None:
        """Have an object."""
        obstore.put(self._objects, name, content)

    def lose(self, name: str) -> None:
        """Have an object no more."""
        obstore.delete(self._objects, name)

    def end(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _answer(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if "HTTP_X_OF_THE_TEST" not in environ:
            self.asked += 1
            time.sleep(self.slow_s)
            is_failing = self.fails_every and self.asked % self.fails_every == 0
            if self.refuses or is_failing:
                self.refused += 1
                # What is not read would be taken for the next request.
                environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
                start_response(f"{self.refuses or 503} Refused", [("Content-Type", "application/xml")])
                return [REFUSAL]
        answer: Iterable[bytes] = self._app(environ, start_response)
        return answer


@contextlib.contextmanager
def running_s3() -> Iterator[S3]:
    """A server that ends with the block."""
    s3 = S3()
    try:
        yield s3
    finally:
        s3.end()
