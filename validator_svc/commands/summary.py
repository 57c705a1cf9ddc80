"""What came out of a run: counted by the kernel, or from the lines of numbers that may have been paid for."""

from collections import Counter
from collections.abc import Sequence

from validator_svc.formats.assumed import count_assumed
from validator_svc.kernel.interface import Tally
from validator_svc.kernel.plan import Plan
from validator_svc.lookup.money import nano, usd
from validator_svc.numbering.facts import INVALID_COUNTRY_CODE
from validator_svc.record.finished import COST, IS_FINE, IS_WRONG_FORMAT, REASON, countries_of, valid_of

TOP_COUNTRIES = 5


class Summary:
    """Counts of the records of one run."""

    def __init__(self, is_paid: bool = False, has_country: bool = False) -> None:
        """`is_paid`: whether lookups may cost money, so that it is said what they did.
        `has_country`: whether it was given, so that nothing is assumed to be international.
        """
        self.is_paid = is_paid
        self.has_country = has_country
        self.assumed = 0
        """Numbers read as international for want of a country, see `assumed`."""
        self.paid = 0
        self.cost_nano = 0
        self.rows = 0
        self.valid = 0
        self.failed = 0
        """Records whose lookup failed: neither valid nor invalid is certain, see their `error_code`."""
        self.reasons: Counter[str] = Counter()
        self.countries: Counter[str] = Counter()

    def add_tally(self, tally: Tally, plan: Plan) -> None:
        """Count what the kernel has counted."""
        self.assumed += tally.assumed_international
        for count, record in zip(tally.counts, plan.records, strict=True):
            if not count:
                continue
            self.rows += count
            if record.facts.reason is not None:
                self.reasons[record.facts.reason] += count
                continue
            self.valid += count
            if record.facts.region_code is not None:
                self.countries[record.facts.region_code] += count

    def add(self, lines: bytes, texts: Sequence[str | None]) -> None:
        """Count the records of these texts, NDJSON."""
        rows, valid = len(texts), valid_of(lines)
        self.rows += rows
        self.valid += len(valid)
        self.countries.update({name.decode(): count for name, count in countries_of(valid).items()})
        if self.is_paid:
            costs = COST.findall(lines)
            self.paid += len(costs)
            self.cost_nano += sum(nano(cost.decode()) for cost in costs)
        if (fine := lines.count(IS_FINE)) < rows:
            self.failed += rows - fine - lines.count(IS_WRONG_FORMAT)
        if not self.has_country:
            self.assumed += count_assumed(texts, lines)
        if len(valid) < rows:
            self.reasons.update(reason.decode() for reason in REASON.findall(lines))

    @property
    def without_country(self) -> int:
        """How many may be valid in a country that was not said."""
        return 0 if self.has_country else self.reasons[INVALID_COUNTRY_CODE]

    def text(self, duration_s: float) -> str:
        """The summary for people: some lines, the last without its end."""
        rate_per_s = self.rows / max(duration_s, 1e-9)
        lines = [
            f"rows     {self.rows:,} in {duration_s:.1f} s ({rate_per_s:,.0f} numbers/s)",
            f"valid    {self.valid:,}",
            f"invalid  {self.rows - self.valid:,}{listed(': ', self.reasons)}",
        ]
        if self.failed:
            lines.append(f"failed   {self.failed:,} lookups")
        if self.is_paid:
            lines.append(f"cost     {usd(self.cost_nano)} USD for {self.paid:,} lookups")
        if self.countries:
            lines.append(f"top countries{listed(': ', self.countries, TOP_COUNTRIES)}")
        if self.assumed:
            lines.append(f"assumed  {self.assumed:,} international, having neither +, 00 nor a country")
        return "\n".join(lines)


def listed(before: str, counts: Counter[str], most: int | None = None) -> str:
    """The commonest with their counts; nothing when there are none."""
    items = [f"{name} {count:,}" for name, count in counts.most_common(most)]
    return before + ", ".join(items) if items else ""
