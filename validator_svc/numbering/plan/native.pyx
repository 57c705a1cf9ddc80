# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cpow=True
# distutils: language = c++
"""The loop over plain lines in machine code, for those who have a compiler when they install.

It gets its entries from the same tables as the loop in `lines`, keeps where they stand in arrays
instead of dictionaries, and does what `render` and `look_further` do with them. Lines that are not
plain and all other entries it leaves to Python.
"""

from cpython.bytes cimport PyBytes_AS_STRING
from cpython.object cimport PyObject
from cpython.ref cimport Py_XDECREF
from cpython.unicode cimport PyUnicode_AsUTF8AndSize
from libc.stdint cimport int32_t, uint8_t
from libc.string cimport memchr, memcpy, memmove, memset
from libcpp.vector cimport vector

from validator_svc.numbering.plan.native_digits cimport (
    DIGIT, DOT, LONGEST, MOST_DIGITS, ODD, number_of, plain_digits
)
from validator_svc.numbering.plan import clean, readings, render, tables

cdef extern from "Python.h":
    PyObject *new_bytes "PyBytes_FromStringAndSize"(const char *content, Py_ssize_t size) except NULL
    int resize_bytes "_PyBytes_Resize"(PyObject **content, Py_ssize_t size) except -1
    char *content_of "PyBytes_AS_STRING"(PyObject *content)

cdef enum:
    MOST_SLICES = 8       # of a line; those with more are left to Python
    COPIED = 32           # bytes copied for a slice, whatever its length: a fixed size needs no call
    HEAD = 3              # digits that lead to a page of the first table, of which most are never made
    FIRST_ROOM = 1 << 20  # bytes of output to begin with, at most

# Of a line, in place of how many slices it has.
cdef enum:
    TEXT_ONLY = -1
    CALLED = -2     # the entry is
    REWRITTEN = -3  # the digits are, and looked up again
    SECOND = -4     # the text is read a second time, and this is the first reading
    NOTHING = -5    # there is nothing in a second reading

cdef uint8_t CHARACTERS[256]
cdef int code
memset(CHARACTERS, ODD, sizeof(CHARACTERS))
for code in list(clean.NO_DIGITS):
    CHARACTERS[code] = 0
for code in range(c"0", c"9" + 1):
    CHARACTERS[code] = DIGIT
CHARACTERS[c"."] = DOT
CHARACTERS[c"+"] = ODD  # except at the beginning of a line

cdef int FIRST = tables.FIRST
cdef bytes beginning = render.BEGINNING.encode()
cdef const char *BEGINNING = beginning
cdef Py_ssize_t BEGINNING_SIZE = len(beginning)

cdef tuple WRITERS = (*render.WRITERS.values(), render.write_pieces)
cdef dict OTHERS = {
    render.write_text: TEXT_ONLY,
    tables.look_up_rewritten: REWRITTEN,
    readings.write_second: SECOND,
    readings.write_nothing: NOTHING,
}

# Slots hold 0 until somebody asks, then where to go on: a line's number, or the ~number of a table;
# those for the first digits hold where the slots of a page begin.
ctypedef int32_t Slot

cdef struct Line:
    int slices
    int entry
    Py_ssize_t size
    const char *constants[MOST_SLICES + 2]
    int32_t sizes[MOST_SLICES + 2]
    uint8_t starts[MOST_SLICES]
    uint8_t lengths[MOST_SLICES]
    int source  # where rewritten digits, or those of a second reading, are looked up
    int other   # the line that is written when there is nothing in the second reading

cdef struct Table:
    int entry
    int start
    int length
    Slot slots

cdef struct Source:
    # Where the slots of its first tables begin, by how many digits a number has; 0 before.
    Slot first_tables[MOST_DIGITS + 1]

cdef struct Reading:
    char digits[LONGEST + COPIED]
    int count
    int line


cdef class NativeLoop:
    """Writes the lines of one kind."""

    cdef object finisher
    cdef list entries
    cdef dict slots_of_entries
    cdef dict constants
    cdef vector[Slot] slots
    cdef vector[Line] lines
    cdef vector[Table] further_tables
    # Tables in Python where entries come from, and what is known of each here.
    cdef list tables
    cdef vector[Source] sources
    cdef int dialled
    cdef size_t most_slots
    cdef int writing

    def __init__(self, python_tables, finisher, dialled_tables, most_slots):
        """`dialled_tables`: where to look for texts without a `+`, if not in `python_tables`.
        `most_slots`: when there are more it starts anew.
        """
        self.finisher = finisher
        self.tables = [python_tables] if dialled_tables is None else [python_tables, dialled_tables]
        self.dialled = len(self.tables) - 1
        self.most_slots = most_slots
        self.writing = 0
        self.begin()

    cdef int begin(self) except -1:
        """Know nothing but where to ask."""
        cdef Source source
        memset(&source, 0, sizeof(source))
        self.entries = []
        self.slots_of_entries = {}
        self.constants = {}
        self.further_tables.clear()
        self.sources.assign(len(self.tables), source)
        # Number 0 of these is taken by what is not there yet.
        self.slots.assign(1, 0)
        self.lines.resize(1)
        return 0

    def write(self, str chunk not None):
        """One line of NDJSON for each line of a chunk of ASCII; a line end at its very end adds one."""
        cdef Py_ssize_t size
        cdef const char *at = PyUnicode_AsUTF8AndSize(chunk, &size)
        cdef const char *stop = at + size
        cdef const char *end
        cdef Output output = Output(min(24 * size, FIRST_ROOM) + 1024)
        # Another thread may be here while Python is asked.
        if not self.writing and self.slots.size() > self.most_slots:
            self.begin()
        self.writing += 1
        try:
            while True:
                end = <const char *>memchr(at, c"\n", stop - at)
                if end == NULL:
                    end = stop
                self.write_line(output, at, end - at)
                if end == stop:
                    return output.finished()
                at = end + 1
        finally:
            self.writing -= 1

    cdef int write_line(self, Output output, const char *text, Py_ssize_t size) except -1:
        cdef Reading reading
        cdef int source = 0 if size > 0 and text[0] == c"+" else self.dialled
        reading.count = plain_digits(text, size, CHARACTERS, source == 0, reading.digits)
        if reading.count < 0:
            output.write(self.finisher.slow_line(text[:size].decode("ascii")))
            return 0
        self.look_up(&reading, source, text, size)
        cdef Line *line = &self.lines[reading.line]
        if line.slices < TEXT_ONLY:
            entry = self.entries[line.entry]
            digits = reading.digits[:reading.count].decode("ascii")
            output.write(entry[0](text[:size].decode("ascii"), digits, entry))
            return 0
        cdef char *begin = output.room(BEGINNING_SIZE + size + line.size + (line.slices + 2) * COPIED)
        cdef char *end = append(begin, BEGINNING, BEGINNING_SIZE)
        end = append(append(end, text, size), line.constants[0], line.sizes[0])
        if line.slices != TEXT_ONLY:
            end = write_number(end, reading.digits, reading.count, line)
        output.size += end - begin
        return 0

    cdef int look_up(self, Reading *reading, int source, const char *text, Py_ssize_t size) except -1:
        """Find the line for a reading, which may become another on the way."""
        cdef Reading second
        reading.line = self.find(source, reading.digits, reading.count)
        if self.lines[reading.line].slices == REWRITTEN:
            source = self.lines[reading.line].source
            reading.count = rewrite(reading.digits, reading.count, &self.lines[reading.line])
            reading.line = self.find(source, reading.digits, reading.count)
        if self.lines[reading.line].slices == SECOND:
            second.count = plain_digits(text, size, CHARACTERS, True, second.digits)
            second.line = self.find(self.lines[reading.line].source, second.digits, second.count)
            if self.lines[second.line].slices == NOTHING:
                reading.line = self.lines[reading.line].other
            elif self.lines[second.line].slices >= TEXT_ONLY:
                reading[0] = second
        return 0

    cdef int find(self, int source, const char *digits, int count) except -1:
        """The number of the line for these digits."""
        cdef int length = FIRST if count > FIRST else count
        cdef int head = HEAD if length > HEAD else length
        if self.sources[source].first_tables[count] == 0:
            self.sources[source].first_tables[count] = self.new_slots(head)
        cdef size_t at = self.sources[source].first_tables[count] + number_of(digits, head)
        if self.slots[at] == 0:
            self.slots[at] = self.new_slots(length - head)
        at = self.slots[at] + number_of(digits + head, length - head)
        if self.slots[at] == 0:
            self.slots[at] = self.slot_of(self.tables[source].first(count, digits[:length].decode("ascii")))
        cdef Table table
        while self.slots[at] < 0:
            table = self.further_tables[~self.slots[at]]
            at = table.slots + number_of(digits + table.start, table.length)
            if self.slots[at] == 0:
                key = digits[table.start : table.start + table.length].decode("ascii")
                self.slots[at] = self.slot_of(self.entries[table.entry][1].fill(key))
        return self.slots[at]

    cdef int source_of(self, python_tables) except -1:
        """The number of the source for tables."""
        cdef Source source
        if python_tables not in self.tables:
            memset(&source, 0, sizeof(source))
            self.sources.push_back(source)
            self.tables.append(python_tables)
        return self.tables.index(python_tables)

    cdef Slot new_slots(self, int digits) except 0:
        """Where slots for so many digits begin."""
        cdef size_t begin = self.slots.size()
        self.slots.resize(begin + <size_t>10 ** digits)
        return begin

    cdef Slot slot_of(self, tuple entry) except 0:
        """What slots hold that lead to an entry."""
        slot = self.slots_of_entries.get(id(entry))
        if slot is None:
            slot = self.add_table(entry) if entry[0] is tables.look_further else self.add_line(entry)
            self.slots_of_entries[id(entry)] = slot
            self.entries.append(entry)
        return slot

    cdef Slot add_table(self, tuple entry) except 0:
        cdef Table table
        table.entry = len(self.entries)
        table.start, table.length = entry[2].start, entry[2].stop - entry[2].start
        table.slots = self.new_slots(table.length)
        self.further_tables.push_back(table)
        return ~<Slot>(self.further_tables.size() - 1)

    cdef Slot add_line(self, tuple entry) except 0:
        cdef Line line
        cdef int index
        memset(&line, 0, sizeof(line))
        line.slices = slices_in(entry)
        if line.slices == REWRITTEN:
            line.source = self.source_of(entry[3])
        if line.slices == SECOND:
            line.source, line.other = self.source_of(entry[1]), self.slot_of(entry[2])
        for index, constant in enumerate(piece for piece in entry if isinstance(piece, str)):
            kept = self.constants.setdefault(constant, constant.encode(render.BYTES))
            line.constants[index] = PyBytes_AS_STRING(kept)
            line.sizes[index] = len(kept)
            line.size += len(kept)
        for index, piece in enumerate(piece for piece in entry if isinstance(piece, slice)):
            line.starts[index] = piece.start
            line.lengths[index] = piece.stop - piece.start
        line.entry = len(self.entries)
        self.lines.push_back(line)
        return self.lines.size() - 1


cdef class Output:
    """Bytes that grow while they are written."""

    cdef PyObject *content
    cdef Py_ssize_t size
    cdef Py_ssize_t capacity

    def __cinit__(self, Py_ssize_t capacity):
        self.content = new_bytes(NULL, capacity)
        self.capacity = capacity

    def __dealloc__(self):
        Py_XDECREF(self.content)

    cdef char *room(self, Py_ssize_t wanted) except NULL:
        """Where to write up to so many bytes more; who does adds them to `size`."""
        if self.size + wanted > self.capacity:
            self.capacity = 2 * self.capacity + wanted
            resize_bytes(&self.content, self.capacity)
        return content_of(self.content) + self.size

    cdef int write(self, str line) except -1:
        cdef bytes content = line.encode(render.BYTES)
        append(self.room(len(content)), content, len(content))
        self.size += len(content)
        return 0

    cdef bytes finished(self):
        """All that was written; nothing may follow."""
        resize_bytes(&self.content, self.size)
        return <bytes>self.content


cdef int slices_in(tuple entry):
    """How many slices the entry's line has, or what the entry does instead."""
    cdef int slices = sum(isinstance(piece, slice) for piece in entry)
    if entry[0] in WRITERS and slices <= MOST_SLICES:
        return slices
    return OTHERS.get(entry[0], CALLED)


cdef inline char *append(char *to, const char *content, Py_ssize_t size) noexcept:
    """Returns the end of what was written."""
    memcpy(to, content, size)
    return to + size


cdef inline char *write_number(char *to, const char *digits, int count, const Line *line) noexcept:
    """What follows the text; returns its end. Up to COPIED bytes beyond that may be touched."""
    cdef int index
    memcpy(to, digits, COPIED)
    to = append(to + count, line.constants[1], line.sizes[1])
    for index in range(line.slices):
        memcpy(to, digits + line.starts[index], COPIED)
        to = append(to + line.lengths[index], line.constants[index + 2], line.sizes[index + 2])
    return to


cdef inline int rewrite(char *digits, int count, const Line *line) noexcept:
    """Takes some digits off at the beginning and puts others there; returns how many there are then."""
    cdef int kept = count - line.starts[0]
    memmove(digits + line.sizes[0], digits + line.starts[0], kept)
    memcpy(digits, line.constants[0], line.sizes[0])
    return line.sizes[0] + kept
