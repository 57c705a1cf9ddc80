// The usual array of JSON: strings in which nothing stands for anything else.
#pragma once

#include <cstring>
#include <vector>

#include "csv.hh"

namespace kernel {

// Printable ASCII that stands for itself in a string.
struct PlainInString {
    bool is[256] = {};
    constexpr PlainInString() {
        for (int c = ' '; c <= '~'; c++) is[c] = c != '"' && c != '\\';
    }
};
inline constexpr PlainInString PLAIN_IN_STRING;

inline const char *after_space(const char *at, const char *end) {
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r')) at++;
    return at;
}

// The first array of a text of JSON, where it has at least one element and each is a string of printable ASCII without
// escapes. Whether it is an array, or stands in a string, is for whoever reads what is around it to find out.
struct JsonArray {
    enum : size_t { LIKELY_SIZE = 16 };  // of an element

    std::vector<Cell> texts;
    size_t begin = 0, end = 0;  // of what stands between the brackets

    bool find(const char *body, size_t size) {
        const char *const stop = body + size;
        const char *bracket = static_cast<const char *>(memchr(body, '[', size));
        if (!bracket) return false;
        begin = static_cast<size_t>(bracket + 1 - body);
        texts.reserve(size / LIKELY_SIZE);
        for (const char *at = bracket + 1;; at++) {
            at = after_space(at, stop);
            if (at == stop || *at != '"') return false;
            const char *const text = ++at;
            while (at < stop && PLAIN_IN_STRING.is[static_cast<uint8_t>(*at)]) at++;
            if (at == stop || *at != '"') return false;
            texts.push_back({text, static_cast<size_t>(at - text)});
            at = after_space(at + 1, stop);
            end = static_cast<size_t>(at - body);
            if (at == stop || (*at != ',' && *at != ']')) return false;
            if (*at == ']') return true;
        }
    }
};

}  // namespace kernel
