"""What a kernel finds, and what the plan's records say, for libraries that read Arrow, such as polars.

They take it through the Arrow PyCapsule interface, without copies of the arrays
(https://arrow.apache.org/docs/format/CDataInterface/PyCapsuleInterface.html). nanoarrow hands it out, as who
takes it may let go of it while an exception is on its way: a callback in Python (`ctypes`) fails then.
"""

from array import array
from typing import get_type_hints

import nanoarrow
from nanoarrow.c_array import CArray

from validator_svc.kernel.constants import ConstantsMaker
from validator_svc.kernel.interface import Kind
from validator_svc.kernel.plan import Plan
from validator_svc.record.record import Record, fields_of

TYPES = {"i": nanoarrow.int32, "Q": nanoarrow.uint64}
"""By type code of an array."""

OF_A_NUMBER = {"phone_number", "e164_format", "national_format"}
OF_A_LOOKUP = {"cost", "source"}


def records(plan: Plan) -> CArray:
    """A record batch of what is said of the numbers of each record, under the names that go over the wire.

    Its `record_id`, which is the row counted from 0, is that of `Columns`. No operator's risk list is asked.
    """
    maker = ConstantsMaker(plan, Kind("analysis"))
    made = [maker.marked(record_id, None) for record_id in range(len(plan.records))]
    columns = {"record_id": whole(array("i", range(len(made))))}
    types = get_type_hints(Record)
    for name in fields_of("analysis"):
        if name not in OF_A_NUMBER | OF_A_LOOKUP:
            is_flag = types[name] in (bool, bool | None)
            kind = nanoarrow.bool_() if is_flag else nanoarrow.string()
            columns[name] = nanoarrow.c_array([getattr(record, name) for record in made], kind)
    return record_batch(columns)


def record_batch(columns: dict[str, CArray]) -> CArray:
    """Columns of one length, by name."""
    schema = nanoarrow.struct({name: column.schema for name, column in columns.items()}, nullable=False)
    length = len(next(iter(columns.values())))
    return nanoarrow.c_array_from_buffers(schema, length, [None], children=columns.values())


def whole(values: "array[int]") -> CArray:
    """A column of values where they are."""
    kind = TYPES[values.typecode](nullable=False)
    return nanoarrow.c_array_from_buffers(kind, len(values), [None, values])


def nullable(values: "array[int]") -> CArray:
    """A column of values where they are, of which 0 is null."""
    validity = nanoarrow.c_buffer(map(bool, values), nanoarrow.bool_())
    return nanoarrow.c_array_from_buffers(TYPES[values.typecode](), len(values), [validity, values])
