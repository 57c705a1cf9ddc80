// The rows of CSV, found by counting quotes: what stands between every second one is inside of cells.
//
// That is right as long as a quote that opens stands where a cell begins, or doubles one (it is the csv module's way
// too, up to there). From the first place that is not so, nothing is read here.
#pragma once

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "glyphs.hh"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace kernel {

enum : size_t { STRIDE = 64 };

// A bit for each of `STRIDE` bytes: whether it is this one.
inline uint64_t bits_of(const char *bytes, char wanted) {
#if defined(__SSE2__)
    const __m128i all = _mm_set1_epi8(wanted);
    uint64_t bits = 0;
    for (int part = 0; part < 4; part++) {
        const __m128i some = _mm_loadu_si128(reinterpret_cast<const __m128i *>(bytes + 16 * part));
        bits |= static_cast<uint64_t>(static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(some, all)))) << (16 * part);
    }
    return bits;
#else
    uint64_t bits = 0;
    for (size_t at = 0; at < STRIDE; at++) bits |= static_cast<uint64_t>(bytes[at] == wanted) << at;
    return bits;
#endif
}

// Each bit is set where an odd number of bits is, up to it and with it.
inline uint64_t odd_up_to(uint64_t bits) {
    for (int shift = 1; shift < 64; shift *= 2) bits ^= bits << shift;
    return bits;
}

// Where cells and rows end in a block that begins with a row.
class Structure {
  public:
    // `ends`: places of delimiters and line ends outside of quotes, in order.
    std::vector<uint32_t> ends;
    bool is_clean = true;
    bool ends_in_quotes = false;

    void find(const char *block, size_t size, char delimiter) {
        ends.clear();
        ends.reserve(size / 8 + STRIDE);
        char last[STRIDE];
        for (size_t at = 0; at < size; at += STRIDE) {
            const char *bytes = block + at;
            size_t left = std::min<size_t>(size - at, STRIDE);
            if (left < STRIDE) {
                // With a line end a CR before it is none that stands alone; that shows in the next block only.
                memset(last, '\n', STRIDE);
                memcpy(last, bytes, left);
                bytes = last;
            }
            if (!take(bytes, static_cast<uint32_t>(at), delimiter, ~uint64_t{0} >> (STRIDE - left))) break;
        }
        ends_in_quotes = inside_ != 0;
    }

  private:
    bool take(const char *bytes, uint32_t at, char delimiter, uint64_t there) {
        const uint64_t quotes = bits_of(bytes, '"'), lines = bits_of(bytes, '\n'), returns = bits_of(bytes, '\r');
        const uint64_t delimiters = bits_of(bytes, delimiter);
        const uint64_t inside = odd_up_to(quotes) ^ inside_;
        const uint64_t before_opening = (quotes | lines | delimiters) << 1 | opens_before_;
        const uint64_t lone_returns = returns & ~inside & ~(lines >> 1) & ~(uint64_t{1} << 63);
        uint64_t wrong = (quotes & inside & ~before_opening) | lone_returns;
        if (return_before_ && !(lines & 1)) wrong |= 1;
        uint64_t found = (delimiters | lines) & ~inside & there;
        if (wrong) {
            is_clean = false;
            found &= (wrong & (~wrong + 1)) - 1;  // what comes before the first
        }
        for (; found; found &= found - 1) ends.push_back(at + static_cast<uint32_t>(__builtin_ctzll(found)));
        inside_ = static_cast<uint64_t>(static_cast<int64_t>(inside) >> 63);
        opens_before_ = (quotes | lines | delimiters) >> 63;
        return_before_ = (returns & ~inside) >> 63;
        return !wrong;
    }

    uint64_t inside_ = 0;          // all bits set when a quote is open
    uint64_t opens_before_ = 1;    // whether a quote may open at the first byte
    bool return_before_ = false;
};

// The value of a cell; `kept` holds it where it is not in the block as it stands.
struct Cell {
    const char *text;
    size_t size;
};

inline Cell value_of(const char *begin, const char *end, std::string &kept) {
    if (begin == end || *begin != '"') return {begin, static_cast<size_t>(end - begin)};
    begin++;
    const char *quote = static_cast<const char *>(memchr(begin, '"', static_cast<size_t>(end - begin)));
    if (quote == end - 1) return {begin, static_cast<size_t>(quote - begin)};
    kept.clear();
    while (quote) {
        kept.append(begin, quote);
        begin = quote + 1;
        if (begin == end || *begin != '"') break;
        kept += '"';
        begin++;
        quote = static_cast<const char *>(memchr(begin, '"', static_cast<size_t>(end - begin)));
    }
    kept.append(begin, end);
    return {kept.data(), kept.size()};
}

// How many line ends there are: LF, CRLF or CR. A byte counts those of few enough, so that compilers take many at once.
inline size_t count_line_ends(const char *text, size_t size) {
    enum : size_t { SOME = 240 };
    if (!size) return 0;
    const size_t last = size - 1;
    size_t count = text[last] == '\n' || text[last] == '\r';
    for (size_t at = 0; at < last; at += SOME) {
        const char *some = text + at;
        const size_t here = std::min<size_t>(SOME, last - at);
        uint8_t found = 0;
        for (size_t each = 0; each < here; each++) found += (some[each] == '\n') | ((some[each] == '\r') & (some[each + 1] != '\n'));
        count += found;
    }
    return count;
}

}  // namespace kernel
