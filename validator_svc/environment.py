"""The variables of the environment that nobody reads: most often a name that was mistyped."""

import difflib
import re
from collections.abc import Iterable, Mapping

PREFIX = "VALIDATOR_"
# Read without the settings, by commands that must not wait for these to be imported.
READ_AT_ONCE = frozenset(
    ["VALIDATOR_DATA_DIR", "VALIDATOR_RISK_FILE", "VALIDATOR_KEY", "VALIDATOR_NO_NATIVE", "VALIDATOR_SERVER"]
)
# What Kubernetes sets in every container for a service that is called `validator` or `validator-...`.
OF_KUBERNETES = re.compile(r"_SERVICE_(HOST|PORT(_\w+)?)$|_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$")
LINK_OF_KUBERNETES = re.compile("(tcp|udp|sctp)://")


def unread(environment: Mapping[str, str]) -> list[str]:
    """A sentence for each variable of ours that no command reads."""
    given = [name for name, value in environment.items() if is_ours(name, value)]
    if not given:
        return []
    from validator_svc.config import Settings, variable
    from validator_svc.upstreams import registry

    known = READ_AT_ONCE | {variable(field) for field in Settings.model_fields}
    for supplier in registry.SUPPLIERS:
        fields = registry.settings_class(supplier).model_fields
        known |= {registry.variable(supplier, field) for field in fields}
    return [sentence(name, known) for name in sorted(given) if name.upper() not in known]


def is_ours(name: str, value: str) -> bool:
    """Whether a variable is meant for this service, and not read at once."""
    if not name.upper().startswith(PREFIX) or name in READ_AT_ONCE:
        return False
    return not (OF_KUBERNETES.search(name) or LINK_OF_KUBERNETES.match(value))


def sentence(name: str, known: Iterable[str]) -> str:
    """What is wrong with a variable, and which one may be meant. Its value is not repeated."""
    by_end = {each.removeprefix(PREFIX): each for each in known}
    near = difflib.get_close_matches(name.upper().removeprefix(PREFIX), by_end, n=1)
    meant = f"; did you mean {by_end[near[0]]}?" if near else ""
    return f"{name} is no setting of this version and is ignored{meant}"
