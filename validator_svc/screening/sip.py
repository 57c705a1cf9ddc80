"""SIP addresses: `sip:` and `sips:` URIs with a user and a host (RFC 3261, 25.1)."""

import ipaddress
import re

SCHEME = re.compile(r"sips?:", re.IGNORECASE)
# unreserved, escaped, and what else a user may have; a password after a colon.
CHARS = r"[A-Za-z0-9\-_.!~*'()&=+$,;?/]|%[0-9A-Fa-f]{2}"
USER = rf"(?:{CHARS})+(?::(?:[A-Za-z0-9\-_.!~*'()&=+$,]|%[0-9A-Fa-f]{{2}})*)?"
LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9\-]*[A-Za-z0-9])?"
# The last label of a name begins with a letter; so an address in dots is none.
NAME = rf"(?:{LABEL}\.)*[A-Za-z](?:[A-Za-z0-9\-]*[A-Za-z0-9])?\.?"
ADDRESS = r"\d{1,3}(?:\.\d{1,3}){3}"
REST = r"(?:;[A-Za-z0-9\-_.!~*'()\[\]/:&+$%=]+)*(?:\?[A-Za-z0-9\-_.!~*'()\[\]/?:+$%=&]+)?"
URI = re.compile(
    rf"sips?:(?:{USER})@(?:(?P<name>{NAME})|(?P<v4>{ADDRESS})|\[(?P<v6>[0-9A-Fa-f:.]+)\])"
    rf"(?::(?P<port>\d{{1,5}}))?{REST}",
    re.IGNORECASE,
)
EXPECTED = "a SIP address such as sip:user@example.com"
MAX_SIP = 255


def is_sip(text: str) -> bool:
    """Whether a text is meant as a SIP address."""
    return SCHEME.match(text) is not None


def is_sip_address(text: str) -> bool:
    """Whether it is one: user, host, and a port that there can be."""
    found = URI.fullmatch(text) if len(text) <= MAX_SIP else None
    if found is None or (found["port"] is not None and not 0 < int(found["port"]) < 1 << 16):
        return False
    literal = found["v4"] or found["v6"]
    if literal is None:
        return len(found["name"]) <= MAX_SIP
    try:
        return ipaddress.ip_address(literal).version == (4 if found["v4"] else 6)
    except ValueError:
        return False
