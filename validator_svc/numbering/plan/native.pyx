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
from libc.string cimport memchr, memcpy, memset
from libcpp.vector cimport vector

from validator_svc.numbering.plan import clean, render, tables

cdef extern from "Python.h":
    PyObject *new_bytes "PyBytes_FromStringAndSize"(const char *content, Py_ssize_t size) except NULL
    int resize_bytes "_PyBytes_Resize"(PyObject **content, Py_ssize_t size) except -1
    char *content_of "PyBytes_AS_STRING"(PyObject *content)

cdef enum:
    LONGEST = 150     # characters of a line; longer ones are left to Python
    MOST_DIGITS = 20  # likewise
    MOST_SLICES = 8   # likewise
    COPIED = 32       # bytes copied for a slice, whatever its length: a fixed size needs no call

# Of a line, in place of how many slices it has.
cdef enum:
    TEXT_ONLY = -1
    CALLED = -2

# What a character is, a bit each.
cdef enum:
    DIGIT = 1
    DOT = 2
    ODD = 4

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

# Slots hold 0 until somebody asks, then where to go on: a line's number, or the ~number of a table.
ctypedef int32_t Slot

cdef struct Line:
    int slices
    int entry
    Py_ssize_t size
    const char *constants[MOST_SLICES + 2]
    int32_t sizes[MOST_SLICES + 2]
    uint8_t starts[MOST_SLICES]
    uint8_t lengths[MOST_SLICES]

cdef struct Table:
    int entry
    int start
    int length
    size_t slots


cdef class NativeLoop:
    """Writes the lines of one kind."""

    cdef object tables
    cdef object finisher
    cdef list entries
    cdef dict slots_of_entries
    cdef dict constants
    cdef vector[Slot] slots
    cdef vector[Line] lines
    cdef vector[Table] further_tables
    # Where the slots of the first tables begin, by how many digits a number has.
    cdef size_t first_tables[MOST_DIGITS + 1]

    def __init__(self, python_tables, finisher):
        self.tables = python_tables
        self.finisher = finisher
        self.entries = []
        self.slots_of_entries = {}
        self.constants = {}
        # Number 0 of all is taken by what is not there yet.
        self.slots.resize(1)
        self.lines.resize(1)
        memset(self.first_tables, 0, sizeof(self.first_tables))

    def write(self, str chunk not None):
        """One line of NDJSON for each line of a chunk of ASCII; a line end at its very end adds one."""
        cdef Py_ssize_t size
        cdef const char *at = PyUnicode_AsUTF8AndSize(chunk, &size)
        cdef const char *stop = at + size
        cdef const char *end
        cdef Output output = Output(24 * size + 1024)
        while True:
            end = <const char *>memchr(at, c"\n", stop - at)
            if end == NULL:
                end = stop
            self.write_line(output, at, end - at)
            if end == stop:
                return output.finished()
            at = end + 1

    cdef int write_line(self, Output output, const char *text, Py_ssize_t size) except -1:
        cdef char digits[LONGEST + COPIED]
        cdef int count = plain_digits(text, size, digits)
        cdef Line *line
        if count < 0:
            output.write(self.finisher.slow_line(text[:size].decode("ascii")))
            return 0
        line = &self.lines[self.find(digits, count)]
        if line.slices == CALLED:
            entry = self.entries[line.entry]
            output.write(entry[0](text[:size].decode("ascii"), digits[:count].decode("ascii"), entry))
            return 0
        cdef char *begin = output.room(BEGINNING_SIZE + size + line.size + (line.slices + 2) * COPIED)
        cdef char *end = append(begin, BEGINNING, BEGINNING_SIZE)
        end = append(append(end, text, size), line.constants[0], line.sizes[0])
        if line.slices != TEXT_ONLY:
            end = write_number(end, digits, count, line)
        output.size += end - begin
        return 0

    cdef int find(self, const char *digits, int count) except -1:
        """The number of the line for these digits."""
        cdef int length = FIRST if count > FIRST else count
        if self.first_tables[count] == 0:
            self.first_tables[count] = self.new_slots(length)
        cdef size_t at = self.first_tables[count] + number_of(digits, length)
        if self.slots[at] == 0:
            self.slots[at] = self.slot_of(self.tables.first(count, digits[:length].decode("ascii")))
        cdef Table table
        while self.slots[at] < 0:
            table = self.further_tables[~self.slots[at]]
            at = table.slots + number_of(digits + table.start, table.length)
            if self.slots[at] == 0:
                key = digits[table.start : table.start + table.length].decode("ascii")
                self.slots[at] = self.slot_of(self.entries[table.entry][1].fill(key))
        return self.slots[at]

    cdef size_t new_slots(self, int digits) except 0:
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
        line.entry = len(self.entries)
        line.slices = slices_in(entry)
        if line.slices != CALLED:
            for index, constant in enumerate(piece for piece in entry if isinstance(piece, str)):
                kept = self.constants.setdefault(constant, constant.encode(render.BYTES))
                line.constants[index] = PyBytes_AS_STRING(kept)
                line.sizes[index] = len(kept)
                line.size += len(kept)
            for index, piece in enumerate(piece for piece in entry if isinstance(piece, slice)):
                line.starts[index] = piece.start
                line.lengths[index] = piece.stop - piece.start
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
    """How many slices the entry's line has; CALLED when the entry does not write, or has too many."""
    if entry[0] is render.write_text:
        return TEXT_ONLY
    writes = entry[0] is render.write_pieces or entry[0] in render.WRITERS.values()
    slices = sum(isinstance(piece, slice) for piece in entry)
    return slices if writes and slices <= MOST_SLICES else CALLED


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


cdef inline int plain_digits(const char *text, Py_ssize_t size, char *digits) noexcept:
    """Their digits, without `00` in front; returns how many, or -1 when the line is not plain."""
    cdef Py_ssize_t at = 0
    cdef int count = 0
    cdef uint8_t kinds = 0
    if size > LONGEST:
        return -1
    if size > 0 and text[0] == c"+":
        at = 1
    elif size > 1 and text[0] == c"0" and text[1] == c"0":
        at = 2
    while at < size:
        kinds |= CHARACTERS[<uint8_t>text[at]]
        digits[count] = text[at]
        count += CHARACTERS[<uint8_t>text[at]] & DIGIT
        at += 1
    if kinds & ODD or count > MOST_DIGITS or (kinds & DOT and has_float_tail(text, size)):
        return -1
    return count


cdef bint has_float_tail(const char *text, Py_ssize_t size) noexcept:
    """See `clean.FLOAT_TAILS`."""
    cdef Py_ssize_t at
    for at in range(size - 1):
        if text[at] == c"." and text[at + 1] == c"0" and (at + 2 == size or text[at + 2] == c" "):
            return True
    return False


cdef inline int number_of(const char *digits, int length) noexcept:
    cdef int index, number = 0
    for index in range(length):
        number = 10 * number + digits[index] - c"0"
    return number
