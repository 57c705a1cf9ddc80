// Values of JSON that stand there as they are: no quote, backslash or control character is in them.
#pragma once

#include <array>

#include "glyphs.hh"

namespace kernel {

// What a value may be, in the order of VALUE_KINDS in interface.py, where it is said what that means.
enum class ValueKind : uint8_t { TEXT, NAMED, NUMBER, URL, UUID };

enum ValueFlag : uint8_t { QUOTE = 1, ESCAPED = 2, BEYOND_ASCII = 4, ALPHABETIC = 8, UNSEEN = 16, HEXADECIMAL = 32 };

// Of each byte.
inline constexpr std::array<uint8_t, 256> VALUE_FLAGS = [] {
    std::array<uint8_t, 256> flags{};
    for (int byte = 0; byte < 256; byte++) {
        const bool is_letter = (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z' && byte < 0x80;
        const bool is_hexadecimal = (byte >= '0' && byte <= '9') || (is_letter && (byte | 0x20) <= 'f');
        uint8_t each = byte == '"' ? QUOTE : byte == '\\' || byte < ' ' ? ESCAPED : byte >= 0x80 ? BEYOND_ASCII : 0;
        each |= is_letter ? ALPHABETIC : 0;
        each |= is_hexadecimal ? HEXADECIMAL : 0;
        each |= byte == ' ' || byte == 0x7F ? UNSEEN : 0;
        flags[static_cast<size_t>(byte)] = each;
    }
    return flags;
}();

enum : size_t { MOST_OF_VALUE = 250, MOST_OF_URL = 1'000, LEAST_OF_NUMBER = 9, SIZE_OF_UUID = 36 };

inline bool is_utf_8(const uint8_t *text, size_t size) {
    for (size_t at = 0; at < size;) {
        uint32_t code_point;
        const size_t taken = decode(text + at, size - at, code_point);
        if (code_point == REPLACEMENT && (taken != 3 || text[at] != 0xEF || text[at + 1] != 0xBF || text[at + 2] != 0xBD)) return false;
        at += taken;
    }
    return true;
}

inline bool is_uuid(const uint8_t *text, size_t size) {
    if (size != SIZE_OF_UUID) return false;
    for (size_t at = 0; at < size; at++) {
        const bool is_dash = at == 8 || at == 13 || at == 18 || at == 23;
        if (is_dash ? text[at] != '-' : !(VALUE_FLAGS[text[at]] & HEXADECIMAL)) return false;
    }
    return true;
}

// Where the value that begins there ends, which is before a quote; nullptr where none of the kind does.
inline const char *end_of_value(const char *begin, const char *end, ValueKind kind) {
    const char *at = begin;
    uint8_t seen = 0;
    for (; at < end && !(VALUE_FLAGS[static_cast<uint8_t>(*at)] & QUOTE); at++) seen |= VALUE_FLAGS[static_cast<uint8_t>(*at)];
    const size_t size = static_cast<size_t>(at - begin);
    const uint8_t *text = reinterpret_cast<const uint8_t *>(begin);
    if (at == end || !size || (seen & ESCAPED)) return nullptr;
    bool is_one = size <= MOST_OF_VALUE;
    switch (kind) {
        case ValueKind::NAMED: is_one = is_one && !(VALUE_FLAGS[*text] & (BEYOND_ASCII | UNSEEN)); break;
        case ValueKind::NUMBER: is_one = is_one && size >= LEAST_OF_NUMBER && !(seen & (BEYOND_ASCII | ALPHABETIC)); break;
        case ValueKind::URL: is_one = size <= MOST_OF_URL && !(seen & (BEYOND_ASCII | UNSEEN)) && (*text == '/' || *text == '?' || *text == '#'); break;
        case ValueKind::UUID: is_one = is_uuid(text, size); break;
        case ValueKind::TEXT: break;
    }
    return is_one && (!(seen & BEYOND_ASCII) || is_utf_8(text, size)) ? at : nullptr;
}

}  // namespace kernel
