"""A report as one HTML page that loads nothing: it can be mailed, printed and opened anywhere."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from importlib.resources import files

from validator_svc.record.meanings import REASONS
from validator_svc.report.findings import Findings

MOST_BARS = 12

HEAD = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
"""
FOOT = (
    "Countries, types and carriers are those of valid numbers; a carrier from the numbering plan is the one"
    " to which the range was given. This page loads nothing from anywhere."
)

Fact = tuple[str, str]
"""What something is, and its value."""


def page(name: str, facts: Sequence[Fact], found: Findings) -> bytes:
    """The page about the file of that name. `facts` stand at its top, in their order."""
    sections = [
        *bars("Countries", found.countries, found.valid),
        *bars("Types of line", found.line_types, found.valid),
        *bars("Carriers", found.carriers, found.valid),
        *invalid(found),
    ]
    style = (files(__package__) / "report.css").read_text("utf-8")
    return "\n".join(
        [
            f"{HEAD}<title>{text(name)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>",
            f"<h1>{text(name)}</h1>",
            *counts(found),
            "<dl>",
            *(f"<dt>{text(what)}</dt><dd>{text(value)}</dd>" for what, value in facts),
            "</dl>",
            *sections,
            f"</main>\n<footer>{FOOT}</footer>\n</body>\n</html>\n",
        ]
    ).encode()


def counts(found: Findings) -> Iterator[str]:
    """The numbers that are looked for first."""
    shown = [("rows", found.rows), ("valid", found.valid), ("invalid", found.invalid)]
    if found.failed:
        shown.append(("lookups failed", found.failed))
    yield '<ul class="counts">'
    for what, count in shown:
        yield f"<li><b>{count:,}</b> {what}{share(count, found.rows) if what != 'rows' else ''}</li>"
    yield "</ul>"


def bars(title: str, counted: Counter[str], of: int) -> Iterator[str]:
    """The commonest values, each with a bar as long as its count; the rest as one."""
    if not counted:
        return
    shown = commonest(counted)[:MOST_BARS]
    longest = shown[0][1]
    rest = len(counted) - len(shown)
    yield f"<h2>{title}</h2>\n<table>"
    for value, count in shown:
        yield (
            f'<tr><th scope="row">{text(value)}</th><td class="count">{count:,}{share(count, of)}</td>'
            f'<td class="bar"><div style="width:{100 * count / longest:.1f}%"></div></td></tr>'
        )
    if rest:
        others = counted.total() - sum(count for _, count in shown)
        yield (
            f'<tr><th scope="row">{rest:,} others</th><td class="count">{others:,}{share(others, of)}</td>'
            "<td></td></tr>"
        )
    yield "</table>"


def invalid(found: Findings) -> Iterator[str]:
    """Why rows are invalid, what would mend them, and some of them."""
    if not found.reasons:
        return
    yield "<h2>Why numbers are invalid</h2>\n<table>"
    reasons = commonest(found.reasons)
    longest = reasons[0][1]
    for reason, count in reasons:
        yield (
            f'<tr class="reason"><th scope="row"><code>{text(reason)}</code></th>'
            f'<td class="count">{count:,}{share(count, found.rows)}</td>'
            f'<td class="bar"><div style="width:{100 * count / longest:.1f}%"></div></td></tr>'
        )
        yield f'<tr><td></td><td colspan="2">{text(REASONS.get(reason, ""))}<br>'
        yield ", ".join(samples((each.row, each.number) for each in found.samples[reason]))
        yield "</td></tr>"
    yield "</table>"


def commonest(counted: Counter[str]) -> list[tuple[str, int]]:
    """Values and counts, the commonest first; equal ones by their names."""
    return sorted(counted.items(), key=lambda item: (-item[1], item[0]))


def samples(rows: Iterable[tuple[int, str]]) -> Iterator[str]:
    """Rows of the file with what stands there."""
    for row, number in rows:
        yield f"row {row:,}" + (f" <code>{text(number)}</code>" if number.strip() else "")


def share(count: int, of: int) -> str:
    """The part of a whole, in brackets; nothing of nothing."""
    return f" ({100 * count / of:.1f} %)" if of else ""


def text(value: str) -> str:
    """Text as HTML has it, on one line, whatever was sent."""
    return escape("".join(each if each.isprintable() else " " for each in value))
