// Numbers with the parameters of RFC 3966 (`tel:…;phone-context=+44`, `;isub=12`), as phonenumbers takes them.
#pragma once

#include <algorithm>
#include <cstring>

#include "glyphs.hh"

namespace kernel {

inline constexpr char PHONE_CONTEXT[] = ";phone-context=", GLOBAL_CONTEXT[] = ";phone-context=+", SUBADDRESS[] = ";isub=", URI_SCHEME[] = "tel:";

// Where a word stands first; `end` when it does not.
template <size_t SIZE>
const Glyph *find_word(const Glyph *begin, const Glyph *end, const char (&word)[SIZE]) {
    return std::search(begin, end, word, word + SIZE - 1, [](Glyph glyph, char letter) { return glyph == static_cast<Glyph>(letter); });
}

inline bool has_parameters(const Glyph *begin, const Glyph *end) {
    const Glyph *first = std::find(begin, end, ';');
    return find_word(first, end, PHONE_CONTEXT) != end || find_word(first, end, SUBADDRESS) != end;
}

inline bool has_global_context(const Glyph *begin, const Glyph *end) { return find_word(begin, end, GLOBAL_CONTEXT) != end; }

// phonenumberutil._RFC3966_GLOBAL_NUMBER_DIGITS_PATTERN
inline bool is_global_number(const Glyph *at, const Glyph *end) {
    if (at == end || *at++ != '+') return false;
    bool has_digit = false;
    for (; at < end; at++) {
        if (is(*at, DIGIT)) has_digit = true;
        else if (*at != '-' && *at != '.' && *at != '(' && *at != ')') return false;
    }
    return has_digit;
}

// phonenumberutil._RFC3966_DOMAINNAME_PATTERN
inline bool is_domain_name(const Glyph *at, const Glyph *end) {
    if (end - at > 1 && end[-1] == '.') end--;
    for (;;) {
        const Glyph *stop = std::find(at, end, '.');
        if (at == stop || !is(*at, LETTER | DIGIT) || !is(stop[-1], LETTER | DIGIT)) return false;
        if (!std::all_of(at, stop, [](Glyph glyph) { return glyph == '-' || is(glyph, LETTER | DIGIT); })) return false;
        if (stop == end) return is(*at, LETTER);
        at = stop + 1;
    }
}

}  // namespace kernel
