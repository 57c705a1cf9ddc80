from validator_svc.numbering.plan.finish import LineFinisher
from validator_svc.numbering.plan.tables import Tables

class NativeLoop:
    def __init__(
        self, python_tables: Tables, finisher: LineFinisher, dialled_tables: Tables | None, most_slots: int
    ) -> None: ...
    def write(self, chunk: str) -> bytes: ...
