"""The kernel as a contestant (see `rounds`): rows of one format to complete `analysis` records, as NDJSON.

As for `/v1/stream`, rows are counted, and duplicates are not.
Arguments: the format (`text`, `ndjson`, `csv`), the file, and how many rows it has.
"""

import sys
from pathlib import Path

from loadtest.bench.rounds import answer_rounds
from loadtest.bench_kernel import Path as Way
from loadtest.bench_kernel import Read, read_csv_to_ndjson, read_lines, read_ndjson
from validator_svc.gc_tuning import spare_what_is_loaded
from validator_svc.kernel import new_kernel
from validator_svc.kernel.plan_store import current_plan

READS: dict[str, Read] = {"text": read_lines, "ndjson": read_ndjson, "csv": read_csv_to_ndjson}


def main() -> None:
    name, content, rows = sys.argv[1], Path(sys.argv[2]).read_bytes(), int(sys.argv[3])
    spare_what_is_loaded()
    plan = current_plan()
    way = Way(name, new_kernel(plan), READS[name], content, rows, counts_duplicates=False)
    way.round()
    answer_rounds(rows, way.round)


if __name__ == "__main__":
    main()
