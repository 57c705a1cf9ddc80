"""An API key: what it is called and what it may, with the digest of its secret in place of the secret."""

import hashlib
import json
import secrets
from decimal import Decimal
from typing import Any, NamedTuple

from validator_svc.networks import Network, network

PREFIX = "vs_"
ID_BYTES = 6
SECRET_BYTES = 24


class ApiKey(NamedTuple):
    """A key, as it is kept. Limits that are None do not bind."""

    id: str
    """Twelve hex digits; the key begins with `vs_` and these, so that one can be recognised by sight."""
    sha256: str
    """Of the whole key, in hex. Its 192 random bits cannot be searched, so it needs no slower digest."""
    name: str
    enabled: bool
    created_ms: int
    allowed_networks: tuple[str, ...] = ()
    """In CIDR notation; none: from anywhere."""
    requests_per_second: float | None = None
    numbers_per_day: int | None = None
    spend_per_day: str | None = None
    """USD, a decimal string."""
    allowed_types: tuple[str, ...] = ()
    """None: all."""
    policy: dict[str, Any] | None = None
    """The fields of a policy (see `call_policy`) that differ from the service's."""
    may_forward: bool = False
    """Whether requests may be sent on to the systems that they are for."""

    def to_json(self) -> str:
        """The key as text, to be kept."""
        return json.dumps(self._asdict())

    @classmethod
    def from_json(cls, text: bytes | str) -> "ApiKey":
        """The key back."""
        values: dict[str, Any] = json.loads(text)
        for name in ("allowed_networks", "allowed_types"):
            values[name] = tuple(values[name])
        return cls(**values)

    @property
    def has_days(self) -> bool:
        """Whether something is limited by the day."""
        return self.numbers_per_day is not None or self.spend_per_day is not None

    @property
    def spend_nano_per_day(self) -> int | None:
        """USD a day, in billionths."""
        return None if self.spend_per_day is None else int(Decimal(self.spend_per_day) * 10**9)

    @property
    def networks(self) -> list[Network]:
        """Its networks, to be compared with."""
        return [network(each) for each in self.allowed_networks]


def new_secret() -> tuple[str, str]:
    """A new key's id, and the key."""
    key_id = secrets.token_hex(ID_BYTES)
    return key_id, f"{PREFIX}{key_id}_{secrets.token_urlsafe(SECRET_BYTES)}"


def id_in(secret: str) -> str:
    """The id that a key names; of what is no key the same place."""
    return secret[len(PREFIX) : len(PREFIX) + 2 * ID_BYTES]


def digest_of(secret: str) -> str:
    """The SHA-256 of a key, in hex."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
