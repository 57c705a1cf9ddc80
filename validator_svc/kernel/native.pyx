# cython: language_level=3, boundscheck=False, wraparound=False
# distutils: language = c++
"""The kernel's loops in machine code: a thin layer over the headers beside it.

No Python object is touched while rows are read and written, so other threads run meanwhile. What is
not known there (the constants of a record, what a country cell means) is asked of Python between two
calls; rows that only `phonenumbers` can answer are left out, and their places told.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_CheckExact, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_Release, PyObject_GetBuffer
from cpython.object cimport PyObject
from cpython.unicode cimport PyUnicode_AsUTF8AndSize, PyUnicode_FromStringAndSize
from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcmp
from cpython.mem cimport PyMem_RawFree, PyMem_RawMalloc
from libcpp cimport bool as cbool
from libcpp.memory cimport unique_ptr
from libcpp.string cimport string
from libcpp.vector cimport vector

cdef extern from "<array>" namespace "std" nogil:
    cdef cppclass Reasons "kernel::Reasons":
        int &operator[](size_t)

cdef extern from "kernel.hh" namespace "kernel" nogil:
    cdef cppclass CPlan "kernel::Plan":
        string open(const uint8_t *content, size_t size, int records, int reasons)
        cbool has_shape(long shape)

    cdef cppclass Number:
        uint8_t digits[20]
        int count

    cdef cppclass CPlace "kernel::Place":
        int record
        cbool is_valid

    cdef cppclass Reader:
        Reader(const CPlan &plan, const Reasons &reasons, cbool patterns_known)
        CPlace read(const char *text, size_t size, int region, Number &number, cbool &assumed, cbool &is_plain)

    cdef cppclass RiskList:
        void add(const char *prefix, size_t size, cbool is_risky)

    cdef cppclass Constants:
        Constants(int records, string before)
        void add(int record, Verdict verdict, const string &after, const string &between, const string &end)

    cdef cppclass Groups:
        int place(int record, size_t verdict, size_t answer)
        size_t size()
        vector[size_t] sizes()

    cdef cppclass Distinct:
        int place(uint64_t number)
        vector[uint64_t] numbers

    size_t room_of_bulk_string(size_t beginning_size)
    char *write_bulk_string(char *to, const char *beginning, size_t beginning_size, uint64_t number)

    size_t count_ends "kernel::count_line_ends"(const char *text, size_t size)

    cdef cppclass Cell:
        const char *text
        size_t size

    cdef cppclass Slow:
        string text
        int region
        cbool is_line

    cdef cppclass Seen:
        cbool has(unsigned long long number)

    cdef cppclass Countries:
        void add(const string &cell, int region)

    cdef cppclass CState "kernel::State":
        Seen seen
        Countries countries
        cbool counts_duplicates
        cbool keeps_valid

    cdef cppclass Layout:
        char delimiter
        size_t column
        size_t width
        cbool has_country
        size_t country_column
        string line_end

    cdef cppclass Output:
        char *begin
        char *at
        char *end
        cbool has_room(size_t size)
        void write(const char *content, size_t size)

    cdef cppclass Counts:
        vector[int64_t] by_record
        int64_t rows
        int64_t assumed
        vector[uint64_t] valid

    cdef cppclass Call:
        Call(const CPlan &plan, const Reader &reader, const RiskList &risk_list, const Constants &constants,
             CState *state, int region, char delimiter)
        Output out
        Counts counts
        int record
        Verdict verdict
        string country
        Slow slow
        size_t consumed
        cbool is_irregular
        char separator
        char delimiter()
        int64_t duplicates()
        void count_records()
        void give(const char *content, size_t size)
        Stop lines(const char *block, size_t size, cbool is_last)
        Stop json_lines(const char *block, size_t size, const string &key, cbool is_last)
        Stop texts(const vector[Cell] &texts)
        Stop csv(const char *block, size_t size, const Layout &layout, cbool to_csv, cbool is_last)
    const Cell UNREADABLE_LINE

    cdef enum class Stop(int):
        DONE
        FULL
        CONSTANT
        COUNTRY
        SLOW

    cdef enum class Verdict(uint8_t):
        NONE
        RISKY
        ALLOWED

cdef extern from "Python.h":
    PyObject *new_bytes "PyBytes_FromStringAndSize"(const char *content, Py_ssize_t size) except NULL
    int resize_bytes "_PyBytes_Resize"(PyObject **content, Py_ssize_t size) except -1
    char *content_of "PyBytes_AS_STRING"(PyObject *content)
    void Py_XDECREF(PyObject *content)

cdef extern from "kernel.hh" namespace "kernel" nogil:
    cdef cppclass Pieces:
        Cell before, after, between, end

    size_t room_of_line(const CPlan &plan, const Cell &text, const Pieces &pieces)
    void write_line(Output &out, const CPlan &plan, const Cell &text, const Cell &digits, unsigned short shape, const Pieces &pieces)
    void find_all(const Reader &reader, const vector[Cell] &texts, int region, int *records, int *shapes, char *digits, uint8_t *counts, uint64_t *numbers)
    enum: MAX_DIGITS

cdef extern from "json_array.hh" namespace "kernel" nogil:
    cdef cppclass JsonArray:
        vector[Cell] texts
        size_t begin
        size_t end
        cbool find(const char *body, size_t size)

cdef extern from "rendering.hh" namespace "kernel" nogil:
    cdef enum class Rendered(int):
        DONE
        FULL
        IRREGULAR
        WRONG

    cdef cppclass Rendering:
        Rendering(const char *records, size_t records_size, const char *rows, size_t rows_size, char delimiter, size_t width, string line_end)
        Output out
        Rendered run()

cdef extern from "filling.hh" namespace "kernel" nogil:
    cdef enum class ValueKind(uint8_t):
        TEXT
        NAMED
        NUMBER
        URL
        UUID

    cdef cppclass Template:
        vector[string] asked, keys, answered
        vector[ValueKind] kinds
        vector[size_t] numbers
        vector[int] number_at
        string sign
        vector[uint16_t] groups
        uint16_t &group(size_t number, int record, Verdict verdict)
        void add_head(uint64_t key, const string &head)

    cdef enum class Filled(int):
        DONE
        FULL
        CONSTANT
        GROUP
        HEAD
        LEFT

    cdef cppclass Filling:
        Filling(const CPlan &plan, const Reader &reader, const RiskList &risk_list, const Constants &constants,
                vector[Template] &templates, int region)
        Output out
        int64_t numbers, valid
        vector[uint32_t] left
        size_t place, number
        int record
        Verdict verdict
        uint64_t head
        Filled run(const char *block, size_t size)
    int MOST_NUMBERS "kernel::Template::MOST_NUMBERS"
    int NO_GROUP "kernel::Template::NO_GROUP"
    int VERDICT_COUNT "kernel::VERDICTS"

cdef size_t MOST_BYTES = 0xFFFFFFFF  # places in a block are told in 32 bits

cdef enum:
    LEAST_ROOM = 4096
    FIRST_RATIO = 28    # bytes of records for one of text, before there is experience
    MOST_ROOM = 1 << 23 # to begin with

# glibc maps large blocks anew each time, and each of their pages is then made when it is first written: half of the
# time that writing records takes. What it has once seen freed it takes from the heap, up to that size.
PyMem_RawFree(PyMem_RawMalloc(2 * MOST_ROOM))

VERDICTS = (None, True, False)
"""What a risk list says, in the order of `kernel::Verdict`."""


cdef class NativePlan:
    """A plan file, proven sound, and an operator's risk list."""

    cdef CPlan plan
    cdef unique_ptr[Reader] reader
    cdef RiskList risk_list
    cdef Py_buffer content
    cdef int records

    def __cinit__(self, content, int records, int reasons, tuple reason_ids, bint patterns_known, dict verdicts):
        """`content`: the bytes of the file. `reason_ids`: records of `kernel::Reason`, in its order from EMPTY on.

        `verdicts`: as in `RiskList`. Raises ValueError, saying what is wrong with the file.
        """
        cdef Reasons ids
        cdef size_t index
        PyObject_GetBuffer(content, &self.content, PyBUF_SIMPLE)
        self.records = records
        wrong = self.plan.open(<const uint8_t *>self.content.buf, self.content.len, records, reasons)
        if not wrong.empty():
            raise ValueError((<bytes>wrong).decode())
        for index, reason in enumerate((-1, -1, *reason_ids)):
            ids[index] = reason
        self.reader.reset(new Reader(self.plan, ids, patterns_known))
        for prefix, is_risky in verdicts.items():
            encoded = prefix.encode("ascii")
            self.risk_list.add(PyBytes_AS_STRING(encoded), len(encoded), is_risky)

    def __dealloc__(self):
        if self.content.buf != NULL:
            PyBuffer_Release(&self.content)

    def find(self, list texts, int region):
        """The records of texts (-1: only `phonenumbers` can say), their shapes, international digits, and these as
        unsigned integers of 64 bits where they are a valid number's, else 0.

        `region`: its place in the plan, or -1.
        """
        cdef TextsOf cells = TextsOf(texts)
        cdef size_t size = cells.cells.size(), index
        cdef vector[int] records, shapes
        cdef vector[uint8_t] counts
        cdef vector[char] digits
        cdef vector[uint64_t] numbers
        records.resize(size)
        shapes.resize(size)
        counts.resize(size)
        digits.resize(size * MAX_DIGITS)
        numbers.resize(size)
        with nogil:
            find_all(self.reader.get()[0], cells.cells, region, records.data(), shapes.data(), digits.data(), counts.data(), numbers.data())
        found = [digits.data()[index * MAX_DIGITS : index * MAX_DIGITS + counts[index]].decode("ascii") for index in range(size)]
        return (
            PyBytes_FromStringAndSize(<char *>records.data(), size * sizeof(int)),
            PyBytes_FromStringAndSize(<char *>shapes.data(), size * sizeof(int)),
            found,
            PyBytes_FromStringAndSize(<char *>numbers.data(), size * sizeof(uint64_t)),
        )


    def join(self, list texts, int[::1] shapes not None, list digits, int[::1] groups not None, list pieces):
        """Lines of JSON around texts, their international digits, and the national formats of these.

        `pieces`: for each group of lines the bytes before the text, after it, between the digits and the national
        format, and at the end, line end and all.
        """
        cdef TextsOf cells = TextsOf(texts), numbers = TextsOf(digits)
        cdef vector[Pieces] around
        cdef Pieces one
        cdef size_t index, count = cells.cells.size(), room = 0
        cdef PyObject *joined
        cdef Output out
        if not count == <size_t>shapes.shape[0] == numbers.cells.size() == <size_t>groups.shape[0]:
            raise ValueError("as many shapes, digits and groups as texts are needed")
        for before, after, between, end in pieces:
            one.before, one.after = cell_of(before), cell_of(after)
            one.between, one.end = cell_of(between), cell_of(end)
            around.push_back(one)
        for index in range(count):
            if not self.plan.has_shape(shapes[index]) or numbers.cells[index].size > MAX_DIGITS:
                raise ValueError("no place in the plan")
            if groups[index] < 0 or <size_t>groups[index] >= around.size():
                raise ValueError("no such group")
            room += room_of_line(self.plan, cells.cells[index], around[groups[index]])
        joined = new_bytes(NULL, room)
        out.begin = out.at = content_of(joined)
        out.end = out.begin + room
        with nogil:
            for index in range(count):
                write_line(out, self.plan, cells.cells[index], numbers.cells[index], shapes[index], around[groups[index]])
        resize_bytes(&joined, out.at - out.begin)
        output = <bytes>joined
        Py_XDECREF(joined)
        return output


def alike(int[::1] records not None, verdicts not None, answers not None):
    """The group of each row (int), and the first row and the size of each group: rows are alike whose record is
    equal, and whose verdict and answer are the same objects.
    """
    cdef list of_verdicts = list(verdicts), of_answers = list(answers), firsts = []
    cdef Py_ssize_t row, count = len(of_answers)
    cdef Groups found
    cdef vector[int] groups
    if not records.shape[0] == len(of_verdicts) == count:
        raise ValueError("as many verdicts and answers as records are needed")
    groups.resize(count)
    for row in range(count):
        groups[row] = found.place(records[row], <size_t><PyObject *>of_verdicts[row], <size_t><PyObject *>of_answers[row])
        if <Py_ssize_t>found.size() > len(firsts):
            firsts.append(row)
    return PyBytes_FromStringAndSize(<char *>groups.data(), count * sizeof(int)), firsts, found.sizes()


def distinct(const uint64_t[::1] numbers not None):
    """The different numbers, as they come up, as unsigned integers of 64 bits, and the place (int) of each row's among
    them; -1 for 0, which is none.
    """
    cdef Distinct found
    cdef vector[int] places
    cdef Py_ssize_t row, count = numbers.shape[0]
    places.resize(count)
    with nogil:
        for row in range(count):
            places[row] = found.place(numbers[row])
    return (
        PyBytes_FromStringAndSize(<char *>found.numbers.data(), found.numbers.size() * sizeof(uint64_t)),
        PyBytes_FromStringAndSize(<char *>places.data(), count * sizeof(int)),
    )


def bulk_strings(bytes beginning not None, const uint64_t[::1] numbers not None):
    """Bulk strings of the Redis protocol: the beginning and each of the numbers."""
    cdef const char *before = PyBytes_AS_STRING(beginning)
    cdef size_t size = len(beginning)
    cdef Py_ssize_t row, count = numbers.shape[0]
    cdef PyObject *written = new_bytes(NULL, count * room_of_bulk_string(size))
    cdef char *begin = content_of(written)
    cdef char *at = begin
    with nogil:
        for row in range(count):
            at = write_bulk_string(at, before, size, numbers[row])
    resize_bytes(&written, at - begin)
    output = <bytes>written
    Py_XDECREF(written)
    return output


def meanings(list values not None, meaning):
    """What `meaning` makes of each of the values, where it is asked once for those that are equal."""
    cdef dict known = {}
    cdef list found = []
    cdef object before = None, meant = None
    for value in values:
        if not found or not are_same(before, value):
            before = value
            if value in known:
                meant = known[value]
            else:
                meant = known[value] = meaning(value)
        found.append(meant)
    return found


cdef inline bint are_same(object one, object other):
    """Whether they are the same, or the same bytes."""
    if one is other:
        return True
    if not (PyBytes_CheckExact(one) and PyBytes_CheckExact(other)) or PyBytes_GET_SIZE(one) != PyBytes_GET_SIZE(other):
        return False
    return memcmp(PyBytes_AS_STRING(one), PyBytes_AS_STRING(other), PyBytes_GET_SIZE(one)) == 0


def lengths_of(values not None):
    """The characters of the longest text, and of all; None where one is no text."""
    cdef Py_ssize_t length, longest = 0, total = 0
    if isinstance(values, JsonTexts):
        return (<JsonTexts>values).longest, (<JsonTexts>values).total
    for value in <list>values if type(values) is list else list(values):
        if not isinstance(value, str):
            return None
        length = len(<str>value)
        total += length
        longest = max(longest, length)
    return longest, total


def count_line_ends(bytes text not None, size_t most):
    """How many line ends there are in so many bytes at most: LF, CRLF or CR."""
    cdef const char *content = PyBytes_AS_STRING(text)
    cdef size_t size = min(<size_t>len(text), most), count
    with nogil:
        count = count_ends(content, size)
    return count


def rendered(bytes records not None, bytes rows, str delimiter, size_t width, bytes line_end not None):
    """Finished records as cells behind the rows' own; None where quotes do not follow the rules, see `Structure`.

    `rows`: None where they have no cells. Raises ValueError for what is no record, or not one for each row.
    """
    cdef const char *content = NULL
    cdef size_t size = 0, written
    cdef unique_ptr[Rendering] rendering
    cdef Rendered stop = Rendered.FULL
    cdef PyObject *output
    if rows is not None:
        content, size = PyBytes_AS_STRING(rows), len(rows)
        if width == 0:
            raise ValueError("CSV has at least one column")
    if size > MOST_BYTES:
        raise ValueError("a block has less than four gigabytes")
    rendering.reset(new Rendering(PyBytes_AS_STRING(records), len(records), content, size, ord(delimiter), width, line_end))
    cdef Output *out = &rendering.get().out
    cdef size_t capacity = size + len(records) // 2 + LEAST_ROOM
    output = new_bytes(NULL, capacity)
    out.begin = out.at = content_of(output)
    try:
        while True:
            out.end = out.begin + capacity
            with nogil:
                stop = rendering.get().run()
            written = out.at - out.begin
            if stop != Rendered.FULL:
                break
            capacity *= 2
            resize_bytes(&output, capacity)
            out.begin = content_of(output)
            out.at = out.begin + written
        if stop == Rendered.WRONG:
            raise ValueError("expected a record of JSON for each row")
        if stop == Rendered.IRREGULAR:
            return None
        resize_bytes(&output, written)
        return <bytes>output
    finally:
        Py_XDECREF(output)


cdef Cell cell_of(bytes content):
    cdef Cell cell
    cell.text = PyBytes_AS_STRING(content)
    cell.size = len(content)
    return cell


cdef class TextsOf:
    """Texts, each where its UTF-8 is; None for a line that could not be read."""

    cdef object kept
    cdef vector[Cell] cells

    def __cinit__(self, list texts not None):
        cdef Cell cell
        cdef Py_ssize_t size
        self.kept = texts
        self.cells.reserve(len(texts))
        for text in texts:
            if text is None:
                self.cells.push_back(UNREADABLE_LINE)
                continue
            try:
                cell.text = PyUnicode_AsUTF8AndSize(text, &size)
            except UnicodeEncodeError:
                # Halves of characters stand for nothing.
                text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
                self.kept = [*self.kept, text]
                cell.text = PyUnicode_AsUTF8AndSize(text, &size)
            cell.size = size
            self.cells.push_back(cell)


cdef class JsonTexts(TextsOf):
    """The texts of the array in a text of JSON, where they stand there."""

    cdef Py_ssize_t longest, total

    def __len__(self):
        return self.cells.size()

    def __getitem__(self, index):
        cdef Py_ssize_t at, count = self.cells.size()
        if isinstance(index, slice):
            return [*self][index]
        at = index if index >= 0 else count + index
        if not 0 <= at < count:
            raise IndexError(index)
        return PyUnicode_FromStringAndSize(self.cells[at].text, self.cells[at].size)


def json_texts(bytes body not None):
    """The texts of the first array of JSON, and what is outside of it; see json_texts.py."""
    cdef JsonArray array
    cdef JsonTexts found
    cdef Cell cell
    if not array.find(PyBytes_AS_STRING(body), len(body)):
        return None
    found = JsonTexts.__new__(JsonTexts, [])
    for cell in array.texts:
        found.longest = max(found.longest, <Py_ssize_t>cell.size)
        found.total += cell.size
    # The cells are where the body is.
    found.kept = body
    found.cells.swap(array.texts)
    return found, body[:array.begin] + body[array.end:]


cdef class NativeConstants:
    """What is constant in the records of one kind, asked for when first needed."""

    cdef unique_ptr[Constants] constants
    cdef object make
    cdef double ratio

    def __cinit__(self, NativePlan plan not None, bytes before not None, make):
        """`before`: the bytes before the text. `make(record_id, verdict)` gives those after it, between the digits
        and the national format, and at the end.
        """
        self.constants.reset(new Constants(plan.records, <string>before))
        self.make = make
        self.ratio = FIRST_RATIO


cdef class NativeState:
    """What is kept over the blocks of one file. One call at a time may use it."""

    cdef CState state
    cdef bint is_busy

    def __cinit__(self, bint counts_duplicates, bint keeps_valid):
        self.state.counts_duplicates = counts_duplicates
        self.state.keeps_valid = keeps_valid

    def has(self, unsigned long long number):
        """Whether a number (its international digits) came before; it is remembered."""
        return self.state.seen.has(number)


cdef class Work:
    """Blocks in, records out: one call."""

    cdef NativePlan plan
    cdef NativeConstants constants
    cdef NativeState state
    cdef unique_ptr[Call] call
    cdef PyObject *output
    cdef size_t capacity
    cdef object countries, slow
    cdef readonly int64_t rows, assumed, duplicates
    cdef readonly size_t consumed
    cdef readonly bint is_irregular

    def __cinit__(self, NativePlan plan not None, NativeConstants constants not None, NativeState state, int region, str delimiter, slow):
        """`region`: its place in the plan, or -1. `delimiter`: of CSV.

        `slow(content, region, is_line)` gives the bytes of the record of a text, or of a line of NDJSON, without their
        line end, and counts it.
        """
        cdef CState *kept = NULL
        self.plan, self.constants, self.state, self.slow = plan, constants, state, slow
        if state is not None:
            kept = &state.state
        self.call.reset(new Call(plan.plan, plan.reader.get()[0], plan.risk_list, constants.constants.get()[0], kept, region, ord(delimiter)))

    def __dealloc__(self):
        Py_XDECREF(self.output)

    def lines(self, bytes block not None, bint is_last):
        """Records for lines of text."""
        cdef const char *content = PyBytes_AS_STRING(block)
        cdef size_t size = len(block)
        cdef Stop stop = Stop.FULL
        self.begin(size, self.state is not None)
        while stop != Stop.DONE:
            self.lock()
            with nogil:
                stop = self.call.get().lines(content, size, is_last)
            self.unlock()
            self.go_on(stop)
        return self.finished(size)

    def ndjson(self, bytes block not None, bytes key not None, bint is_last):
        """Records for lines of NDJSON."""
        cdef const char *content = PyBytes_AS_STRING(block)
        cdef size_t size = len(block)
        cdef string name = key
        cdef Stop stop = Stop.FULL
        self.begin(size, self.state is not None)
        while stop != Stop.DONE:
            self.lock()
            with nogil:
                stop = self.call.get().json_lines(content, size, name, is_last)
            self.unlock()
            self.go_on(stop)
        return self.finished(size)

    def texts(self, list texts not None):
        """Records for texts."""
        cdef TextsOf cells = TextsOf(texts)
        self.begin(16 * cells.cells.size(), self.state is not None)
        self.run_texts(cells)
        return self.finished(16 * cells.cells.size())

    def listed(self, texts not None, bytes before not None, bytes after not None):
        """Records for one text at least, with commas between, and what stands around them.

        `texts`: a list, or JsonTexts.
        """
        cdef TextsOf cells = texts if isinstance(texts, TextsOf) else TextsOf(texts)
        cdef Call *call = self.call.get()
        cdef size_t size = 16 * cells.cells.size() + len(before) + len(after)
        if cells.cells.empty():
            raise ValueError("expected texts")
        self.begin(size, False)
        while not call.out.has_room(len(before)):
            self.go_on(Stop.FULL)
        call.out.write(PyBytes_AS_STRING(before), len(before))
        call.separator = b","
        self.run_texts(cells)
        call.out.at -= 1
        while not call.out.has_room(len(after)):
            self.go_on(Stop.FULL)
        call.out.write(PyBytes_AS_STRING(after), len(after))
        return self.finished(size)

    cdef int run_texts(self, TextsOf cells) except -1:
        cdef Stop stop = Stop.FULL
        while stop != Stop.DONE:
            self.lock()
            with nogil:
                stop = self.call.get().texts(cells.cells)
            self.unlock()
            self.go_on(stop)
        return 0

    def csv(self, bytes block not None, size_t column, size_t width, country_column, countries, line_end, bint is_last):
        """Records for rows of CSV, as cells behind the row's own where a line end is given, else as NDJSON.

        `countries(cell)` gives a region's place, or -1 for none and -2 for an unknown one.
        """
        cdef const char *content = PyBytes_AS_STRING(block)
        cdef size_t size = len(block)
        cdef Layout layout
        cdef bint to_csv = line_end is not None
        cdef Stop stop = Stop.FULL
        layout.line_end = line_end or b""
        layout.delimiter, layout.column, layout.width = self.call.get().delimiter(), column, width
        layout.has_country = country_column is not None
        layout.country_column = country_column or 0
        if self.state is None or width == 0:
            raise ValueError("CSV is read with a state, and has at least one column")
        self.countries = countries
        self.begin(size, self.state is not None)
        while stop != Stop.DONE:
            self.lock()
            with nogil:
                stop = self.call.get().csv(content, size, layout, to_csv, is_last)
            self.unlock()
            self.go_on(stop)
        return self.finished(size)

    def valid_count(self):
        """How many valid numbers there are, but for those that were given."""
        return self.call.get().counts.valid.size()

    def valid(self):
        """The valid numbers, but for those that were given, as unsigned integers of 64 bits."""
        cdef vector[uint64_t] *valid = &self.call.get().counts.valid
        return PyBytes_FromStringAndSize(<char *>valid.data(), valid.size() * sizeof(uint64_t))

    def count(self, int64_t[::1] counts not None):
        """Add how many rows there are of each record."""
        cdef Py_ssize_t index
        cdef int64_t *by_record = self.call.get().counts.by_record.data()
        if counts.shape[0] < self.plan.records:
            raise ValueError("too few counts")
        if self.call.get().counts.by_record.empty():
            raise ValueError("records are counted where there is a state")
        for index in range(self.plan.records):
            counts[index] += by_record[index]

    cdef int lock(self) except -1:
        """Refuse what another thread is about to change."""
        if self.state is not None:
            if self.state.is_busy:
                raise RuntimeError("blocks of one file are read one after the other")
            self.state.is_busy = True
        return 0

    cdef void unlock(self) noexcept:
        if self.state is not None:
            self.state.is_busy = False

    cdef int begin(self, size_t size, bint counts_records) except -1:
        """Make room for the records of so many bytes."""
        if size > MOST_BYTES:
            raise ValueError("a block has less than four gigabytes")
        cdef size_t wanted = <size_t>(size * self.constants.ratio * 1.1)
        self.capacity = min(wanted, <size_t>MOST_ROOM) + LEAST_ROOM
        self.output = new_bytes(NULL, self.capacity)
        self.place_output(0)
        if counts_records:
            self.call.get().count_records()
        return 0

    cdef int place_output(self, size_t written) except -1:
        cdef Output *out = &self.call.get().out
        out.begin = content_of(self.output)
        out.at = out.begin + written
        out.end = out.begin + self.capacity
        return 0

    cdef int go_on(self, Stop stop) except -1:
        """Do what a call came back for."""
        cdef size_t written
        cdef Call *call = self.call.get()
        if stop == Stop.FULL:
            written = call.out.at - call.out.begin
            self.capacity *= 2
            resize_bytes(&self.output, self.capacity)
            self.place_output(written)
        elif stop == Stop.CONSTANT:
            after, between, end = self.constants.make(call.record, VERDICTS[<int>call.verdict])
            self.constants.constants.get().add(call.record, call.verdict, <string>after, <string>between, <string>end)
        elif stop == Stop.COUNTRY:
            cell = <bytes>call.country
            self.state.state.countries.add(call.country, self.countries(cell.decode("utf-8", "replace")))
        elif stop == Stop.SLOW:
            given = self.slow(<bytes>call.slow.text, call.slow.region, call.slow.is_line)
            call.give(PyBytes_AS_STRING(given), len(given))
        return 0

    cdef bytes finished(self, size_t size):
        cdef Call *call = self.call.get()
        cdef size_t written = call.out.at - call.out.begin
        cdef int64_t duplicates
        self.lock()
        with nogil:
            duplicates = call.duplicates()
        self.unlock()
        self.rows, self.assumed, self.duplicates = call.counts.rows, call.counts.assumed, duplicates
        self.consumed, self.is_irregular = call.consumed, call.is_irregular
        if size >= LEAST_ROOM:
            self.constants.ratio = <double>written / size
        resize_bytes(&self.output, written)
        output = <bytes>self.output
        Py_XDECREF(self.output)
        self.output = NULL
        return output


cdef class NativeTemplates:
    """Lines that are alike but for their values, and what is answered to them; what was said of their numbers is kept.

    One call at a time may use them.
    """

    cdef vector[Template] templates
    cdef list judges
    cdef double ratio
    cdef bint is_busy

    def __cinit__(self, NativePlan plan not None, list templates not None, tuple kinds not None):
        """`templates`: see `Template` in interface.py. `kinds`: the names of `ValueKind`, in its order."""
        cdef size_t at, index
        self.judges = templates
        self.ratio = FIRST_RATIO
        self.templates.resize(len(templates))
        for at, each in enumerate(templates):
            if not len(each.asked) == len(each.answered) == len(each.kinds) + 1:
                raise ValueError("around values there is one piece more than there are values")
            if not 0 < len(each.numbers) == len(each.keys) <= MOST_NUMBERS:
                raise ValueError("some numbers are among the values, and each has a key")
            self.templates[at].asked = each.asked
            self.templates[at].answered = each.answered
            self.templates[at].keys = each.keys
            self.templates[at].sign = each.sign
            self.templates[at].numbers = each.numbers
            self.templates[at].number_at.assign(len(each.kinds), -1)
            for index, place in enumerate(each.numbers):
                if not 0 <= place < len(each.kinds):
                    raise ValueError("a number is one of the values")
                self.templates[at].number_at[<size_t>place] = index
            for kind in each.kinds:
                self.templates[at].kinds.push_back(<ValueKind><int>kinds.index(kind))
            self.templates[at].groups.assign(plan.records * MOST_NUMBERS * VERDICT_COUNT, NO_GROUP)

    def fill(self, NativePlan plan not None, NativeConstants constants not None, int region, bytes block not None):
        """What is answered to the whole lines of a block, how many numbers they have and how many of these are valid,
        and of each line that is left out three unsigned integers of 32 bits.
        """
        cdef const char *content = PyBytes_AS_STRING(block)
        cdef size_t size = len(block), written, capacity
        cdef Filled stop = Filled.FULL
        cdef PyObject *output
        cdef unique_ptr[Filling] filling
        if size > MOST_BYTES:
            raise ValueError("a block has less than four gigabytes")
        if self.is_busy:
            raise RuntimeError("blocks of one list are read one after the other")
        filling.reset(new Filling(plan.plan, plan.reader.get()[0], plan.risk_list, constants.constants.get()[0], self.templates, region))
        cdef Output *out = &filling.get().out
        capacity = min(<size_t>(size * self.ratio * 1.1), <size_t>MOST_ROOM) + LEAST_ROOM
        output = new_bytes(NULL, capacity)
        out.begin = out.at = content_of(output)
        out.end = out.begin + capacity
        self.is_busy = True
        try:
            while stop != Filled.DONE:
                with nogil:
                    stop = filling.get().run(content, size)
                if stop == Filled.FULL:
                    written = out.at - out.begin
                    capacity *= 2
                    resize_bytes(&output, capacity)
                    out.begin = content_of(output)
                    out.at, out.end = out.begin + written, out.begin + capacity
                elif stop != Filled.DONE:
                    self.learn(filling.get(), constants, stop)
            written = out.at - out.begin
            if size >= LEAST_ROOM:
                self.ratio = <double>written / size
            resize_bytes(&output, written)
            left = PyBytes_FromStringAndSize(<char *>filling.get().left.data(), filling.get().left.size() * sizeof(uint32_t))
            return <bytes>output, filling.get().numbers, filling.get().valid, left
        finally:
            self.is_busy = False
            Py_XDECREF(output)

    cdef int learn(self, Filling *asks, NativeConstants constants, Filled what) except -1:
        """Ask Python for what a call came back for."""
        cdef size_t at
        cdef Template *template = &self.templates[asks.place]
        judge = self.judges[asks.place]
        if what == Filled.CONSTANT:
            after, between, end = constants.make(asks.record, VERDICTS[<int>asks.verdict])
            constants.constants.get().add(asks.record, asks.verdict, <string>after, <string>between, <string>end)
        elif what == Filled.GROUP:
            group = judge.group(asks.number, asks.record, VERDICTS[<int>asks.verdict])
            if not 0 <= group < NO_GROUP:
                raise ValueError("no such group")
            (&template.group(asks.number, asks.record, asks.verdict))[0] = group
        elif what == Filled.HEAD:
            groups = [asks.head >> 16 * (template.numbers.size() - 1 - at) & 0xFFFF for at in range(template.numbers.size())]
            template.add_head(asks.head, <string>judge.head(groups))
        return 0
