// Characters as glyphs (see `numbering/compile/characters.py`), and what the rules of reading ask of each.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace kernel {

using Glyph = uint8_t;

// Codes of `characters.Glyph`.
enum : Glyph {
    OTHER_DIGIT = 128, DELETED = 138, PLUS_WIDE, PUNCTUATION, PUNCTUATION_WORD, WORD_GLYPH, OTHER, ZERO_LIKE, KELVIN,
    POINT_WIDE, POINT_ARABIC, COMMA_WIDE, LIST_MARK, TILDE_WIDE, HASH_WIDE, OPEN_ROUND_WIDE, CLOSE_ROUND_WIDE,
    OPEN_SQUARE_WIDE, CLOSE_SQUARE_WIDE, SINGLE_QUOTE, SINGLE_QUOTE_WORD, DOUBLE_QUOTE, DOUBLE_QUOTE_WORD, EQUALS_WIDE,
    E_WIDE, X_WIDE, T_WIDE, N_WIDE, I_WIDE, D_CYRILLIC, O_CYRILLIC, B_CYRILLIC, O_ACUTE, ACUTE,
    I_DOTTED, I_DOTLESS, S_LONG,
};

// What a glyph is, a bit each.
enum : uint16_t {
    DIGIT = 1,
    IN_NUMBERS = 2,      // may stand in a number after its third digit
    BEFORE_THIRD = 4,    // may stand before it
    WORD = 8,            // a word character for `re`
    KEPT = 16,           // stays at the end of a text
    LETTER = 32,         // A-Z, a-z
    SINGLE = 64,         // quotes
    DOUBLE = 8192,
    LONE_MARK = 128,     // comes off when it stands alone in front
    TRAILING_MARK = 256,
    POINT = 512,
    ZERO = 1024,         // the digit, of any script
    PLUS = 2048,
    SEPARATOR = 4096,    // between a label and an extension
};

constexpr std::array<uint16_t, 256> make_flags() {
    std::array<uint16_t, 256> flags{};
    for (int c = '0'; c <= '9'; c++) flags[c] = DIGIT | IN_NUMBERS | WORD | KEPT;
    for (int c = OTHER_DIGIT; c < OTHER_DIGIT + 10; c++) flags[c] = flags['0'];
    for (int c = 'A'; c <= 'Z'; c++) flags[c] = flags[c + 32] = LETTER | IN_NUMBERS | WORD | KEPT;
    for (unsigned char c : {'-', ' ', '(', ')', '.', '[', ']', '/', '~', '*', 'x', 'X'}) flags[c] |= IN_NUMBERS | BEFORE_THIRD;
    for (int c : {PUNCTUATION, POINT_WIDE, TILDE_WIDE, OPEN_ROUND_WIDE, CLOSE_ROUND_WIDE, OPEN_SQUARE_WIDE, CLOSE_SQUARE_WIDE})
        flags[c] |= IN_NUMBERS | BEFORE_THIRD;
    flags[PUNCTUATION_WORD] = IN_NUMBERS | BEFORE_THIRD | WORD | KEPT;
    for (int c : {KELVIN, I_DOTTED, I_DOTLESS, S_LONG}) flags[c] = IN_NUMBERS | WORD | KEPT;
    for (int c : {WORD_GLYPH, ZERO_LIKE, SINGLE_QUOTE_WORD, DOUBLE_QUOTE_WORD}) flags[c] |= WORD | KEPT;
    for (int c = E_WIDE; c < ACUTE; c++) flags[c] |= WORD | KEPT;
    flags['_'] = WORD;
    flags['#'] = KEPT;
    for (int c : {+'\'', +'`', +SINGLE_QUOTE, +SINGLE_QUOTE_WORD}) flags[c] |= SINGLE | LONE_MARK;
    for (int c : {+'"', +DOUBLE_QUOTE, +DOUBLE_QUOTE_WORD}) flags[c] |= DOUBLE;
    for (int c : {+'=', +EQUALS_WIDE}) flags[c] |= LONE_MARK;
    for (int c : {+',', +';', +' ', +COMMA_WIDE, +LIST_MARK}) flags[c] |= TRAILING_MARK;
    for (int c : {+'.', +POINT_WIDE, +POINT_ARABIC}) flags[c] |= POINT;
    for (int c : {+'0', +OTHER_DIGIT}) flags[c] |= ZERO;
    for (int c : {+'+', +PLUS_WIDE}) flags[c] |= PLUS;
    for (int c : {+' ', +',', +'-'}) flags[c] |= SEPARATOR;
    return flags;
}

inline constexpr std::array<uint16_t, 256> FLAGS = make_flags();

inline bool is(Glyph glyph, uint16_t flags) { return FLAGS[glyph] & flags; }
inline uint8_t digit_value(Glyph glyph) { return glyph < OTHER_DIGIT ? glyph - '0' : glyph - OTHER_DIGIT; }

// ASCII letters as small ones, also what is one of them where case is ignored.
constexpr std::array<Glyph, 256> make_lower() {
    std::array<Glyph, 256> lower{};
    for (int c = 0; c < 256; c++) lower[c] = static_cast<Glyph>(c);
    for (int c = 'A'; c <= 'Z'; c++) lower[c] = static_cast<Glyph>(c + 32);
    lower[KELVIN] = 'k';
    lower[I_DOTTED] = lower[I_DOTLESS] = 'i';
    lower[S_LONG] = 's';
    return lower;
}

inline constexpr std::array<Glyph, 256> LOWER = make_lower();

inline Glyph lower(Glyph glyph) { return LOWER[glyph]; }

constexpr uint32_t REPLACEMENT = 0xFFFD;

// How many bytes at `text` are one code point, which is set. What is not UTF-8 is U+FFFD, as often as
// Python's decoder has it (once for each longest part that could begin a code point).
inline size_t decode(const uint8_t *text, size_t left, uint32_t &code_point) {
    uint8_t lead = text[0];
    code_point = REPLACEMENT;
    if (lead < 0x80) {
        code_point = lead;
        return 1;
    }
    if (lead < 0xC2 || lead > 0xF4) return 1;
    size_t size = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    uint8_t least = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    uint8_t most = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    uint32_t value = lead & (0x7F >> size);
    for (size_t at = 1; at < size; at++) {
        if (at == left || text[at] < least || text[at] > most) return at;
        value = value << 6 | (text[at] & 0x3F);
        least = 0x80;
        most = 0xBF;
    }
    code_point = value;
    return size;
}

}  // namespace kernel
