"""Names of carriers, brands and operators, brought to one form so that equal ones compare equal."""

import re
import unicodedata

LEGAL_FORMS = re.compile(
    r"( (ltd|limited|plc|llc|inc|corp|co|company|pty|ab|as|asa|a/s|aps|oy|oyj|ag|gmbh|bv|nv|sa|sas|sarl|srl"
    r"|spa|sro|doo|ad|zrt|sl|slu|bhd|sdn|cjsc|ojsc|pjsc|jsc|prjsc))+$"
)
BRAND_BREAK = re.compile(r"[/;]")


def normalized(name: str) -> str:
    """Letters and digits of `name`, folded, without accents and without the company's legal form.

    `"Telia Sverige AB"` and `"TELIA SVERIGE"` give `"teliasverige"`. A name that is nothing but a
    legal form stays what it is.
    """
    decomposed = unicodedata.normalize("NFKD", name).casefold().replace(".", "").replace(",", " ")
    words = "".join(c for c in decomposed if not unicodedata.combining(c)).split()
    return "".join(c for c in LEGAL_FORMS.sub("", " ".join(words)) if c.isalnum())


def brand_parts(brand: str) -> set[str]:
    """Each of the brands that share a row, such as `1O1O / One2Free`, normalized."""
    return {normalized(part) for part in BRAND_BREAK.split(brand) if part.strip()}
