"""The digits of plain lines, in machine code; `native` is made with it."""

from libc.stdint cimport uint8_t

cdef enum:
    LONGEST = 150     # characters of a line; longer ones are left to Python
    MOST_DIGITS = 20  # likewise

# What a character is, a bit each.
cdef enum:
    DIGIT = 1
    DOT = 2
    ODD = 4


cdef inline int plain_digits(
    const char *text, Py_ssize_t size, const uint8_t *kinds_of, bint drop_zeros, char *digits
) noexcept:
    """Their digits, maybe without `00` in front; returns how many, or -1 when the line is not plain.

    `kinds_of`: what each character is, unless it is a `+` at the beginning.
    """
    cdef Py_ssize_t at = 0
    cdef int count = 0
    cdef uint8_t kinds = 0
    if size > LONGEST:
        return -1
    if size > 0 and text[0] == c"+":
        at = 1
    elif drop_zeros and size > 1 and text[0] == c"0" and text[1] == c"0":
        at = 2
    while at < size:
        kinds |= kinds_of[<uint8_t>text[at]]
        digits[count] = text[at]
        count += kinds_of[<uint8_t>text[at]] & DIGIT
        at += 1
    if kinds & ODD or count > MOST_DIGITS or (kinds & DOT and has_float_tail(text, size)):
        return -1
    return count


cdef inline bint has_float_tail(const char *text, Py_ssize_t size) noexcept:
    """See `clean.FLOAT_TAILS`."""
    cdef Py_ssize_t at, zeros
    for at in range(size - 1):
        if text[at] == c"." and text[at + 1] == c"0":
            zeros = 2 if at + 2 < size and text[at + 2] == c"0" else 1
            if at + 1 + zeros == size or text[at + 1 + zeros] == c" ":
                return True
    return False


cdef inline int number_of(const char *digits, int length) noexcept:
    """The value of so many digits."""
    cdef int index, number = 0
    for index in range(length):
        number = 10 * number + digits[index] - c"0"
    return number
