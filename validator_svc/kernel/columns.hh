// Columns of numbers, worked on as a whole.
#pragma once

#include <charconv>
#include <cstdint>
#include <cstring>

#include "groups.hh"

namespace kernel {

// The different numbers of a column, in the order in which they come up, and where each row's is among them; NOWHERE for 0,
// which is none.
class Distinct {
  public:
    enum : int { NOWHERE = -1 };

    int place(uint64_t number) {
        if (number == 0) return NOWHERE;
        const int place = groups_.place(0, 0, number);
        if (static_cast<size_t>(place) == numbers.size()) numbers.push_back(number);
        return place;
    }

    std::vector<uint64_t> numbers;

  private:
    Groups groups_;
};

enum : size_t { MOST_DECIMALS = 20 };  // of 64 bits

// Bytes that `write_bulk_string` takes at most.
inline size_t room_of_bulk_string(size_t beginning_size) {
    return beginning_size + 2 * MOST_DECIMALS + sizeof "$\r\n\r\n";
}

// A bulk string of the Redis protocol, of a beginning and a number in decimal; returns its end.
inline char *write_bulk_string(char *to, const char *beginning, size_t beginning_size, uint64_t number) {
    char digits[MOST_DECIMALS];
    const size_t count = static_cast<size_t>(std::to_chars(digits, digits + sizeof digits, number).ptr - digits);
    *to++ = '$';
    to = std::to_chars(to, to + MOST_DECIMALS, beginning_size + count).ptr;
    memcpy(to, "\r\n", 2);
    memcpy(to += 2, beginning, beginning_size);
    memcpy(to += beginning_size, digits, count);
    memcpy(to += count, "\r\n", 2);
    return to + 2;
}

}  // namespace kernel
