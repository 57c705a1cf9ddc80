"""Rows that name their own countries: answered region by region, in the order of the rows."""

from collections import defaultdict
from collections.abc import Sequence

from validator_svc.kernel.interface import UNKNOWN_COUNTRY, Kernel, Kind, Tally
from validator_svc.numbering.countries import MOST_CHARS, UNKNOWN, region_named


def by_region(regions: Sequence[str | None]) -> dict[str | None, list[int]]:
    """The places of each region's rows, given what each row names (see `countries.regions_of`)."""
    places = defaultdict[str | None, list[int]](list)
    for at, region in enumerate(regions):
        places[region].append(at)
    return places


def region_in(cell: str) -> str | None:
    """What a country cell stands for, as the kernel asks it (see `interface.Countries`)."""
    region = region_named(cell[:MOST_CHARS])
    return UNKNOWN_COUNTRY if region == UNKNOWN else region


def records_in_regions(
    kernel: Kernel,
    texts: Sequence[str | None],
    regions: Sequence[str | None] | None,
    kind: Kind,
    tally: Tally,
) -> bytes:
    """NDJSON for texts, each read in its own region (see `countries.regions_of`), or all in the kind's."""
    if regions is None:
        return kernel.texts(texts, kind, tally)
    answered: dict[int, bytes] = {}
    for region, of_region in by_region(regions).items():
        code = UNKNOWN_COUNTRY if region == UNKNOWN else region
        lines = kernel.texts(
            [texts[at] for at in of_region], Kind(kind.request_type, code, kind.both_names), tally
        )
        answered |= zip(of_region, lines.splitlines(keepends=True), strict=True)
    return b"".join(answered[at] for at in range(len(texts)))
