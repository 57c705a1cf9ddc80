// Reading a number: any text to digits, or to the reason why there is none.
//
// The steps are those of `numbering.reading` and, after these, of `phonenumbers.parse`; the functions of
// both that a step follows are named. Everything is about glyphs, of which `characters` says what they are.
#pragma once

#include "extensions.hh"
#include "parameters.hh"
#include "plan.hh"

namespace kernel {

enum : int { MAX_TEXT = 1000, MAX_PARSED = 250, LONGEST_PLAIN = 64 };

// Outcomes beside a number. The record of each has its place in the plan's facts.
enum class Reason : int { NONE, SLOW, EMPTY, NOT_A_NUMBER, INVALID_COUNTRY_CODE, TOO_SHORT, TOO_LONG, SCIENTIFIC, UNKNOWN_COUNTRY, COUNT };

using Reasons = std::array<int, static_cast<size_t>(Reason::COUNT)>;

// A text as glyphs, tidied: `begin` and `end` shrink as marks come off it.
struct Glyphs {
    Glyph at[MAX_TEXT + 1];  // the first is free, for a `+`
    int begin, end;
};

// The digits of a text, one reading of it.
struct Digits {
    uint8_t digits[MAX_TEXT + COPIED];
    int count;
    bool has_plus;
};

// The glyphs of a text, spaces and dashes plain, what is invisible dropped. False: there are too many.
inline bool take_glyphs(const Plan &plan, const uint8_t *text, size_t size, Glyphs &glyphs) {
    int characters = 0;
    glyphs.begin = glyphs.end = 1;
    for (size_t at = 0; at < size;) {
        uint32_t code_point;
        at += decode(text + at, size - at, code_point);
        if (++characters > MAX_TEXT) return false;
        Glyph glyph = plan.glyph_of(code_point);
        glyphs.at[glyphs.end] = glyph;
        glyphs.end += glyph != DELETED;
    }
    return true;
}

// tidying.without_marks
inline void take_marks_off(Glyphs &glyphs) {
    const Glyph *at = glyphs.at;
    int begin = glyphs.begin, end = glyphs.end;
    for (;; begin++) {
        while (begin < end && is(at[end - 1], TRAILING_MARK)) end--;
        while (begin < end && at[begin] == ' ') begin++;
        if (end - begin >= 2 && FLAGS[at[begin]] & FLAGS[at[end - 1]] & (SINGLE | DOUBLE)) end--;
        else if (begin == end || !is(at[begin], LONE_MARK)) break;
    }
    glyphs.begin = begin;
    glyphs.end = end;
}

inline bool is_e(Glyph glyph) { return lower(glyph) == 'e' || glyph == E_WIDE; }
inline bool is_sign(Glyph glyph) { return is(glyph, PLUS) || glyph == '-'; }

// tidying.is_scientific
inline bool is_scientific(const Glyphs &glyphs) {
    const Glyph *at = glyphs.at + glyphs.begin, *end = glyphs.at + glyphs.end;
    Glyph first = *at, last = end[-1];
    bool in_brackets = (first == '(' && last == ')') || (first == '[' && last == ']') ||
                       (first == OPEN_ROUND_WIDE && last == CLOSE_ROUND_WIDE) ||
                       (first == OPEN_SQUARE_WIDE && last == CLOSE_SQUARE_WIDE);
    if (in_brackets) {
        for (at++, end--; at < end && *at == ' ';) at++;
        while (at < end && end[-1] == ' ') end--;
    }
    auto skip = [&](auto is_one) { const Glyph *from = at; while (at < end && is_one(*at)) at++; return at - from; };
    auto is_digit = [](Glyph glyph) { return is(glyph, DIGIT); };
    auto is_space = [](Glyph glyph) { return glyph == ' '; };
    if (at < end && is_sign(*at)) at++;
    if (!skip(is_digit)) return false;
    if (at < end && (is(*at, POINT) || *at == ',' || *at == COMMA_WIDE)) at++, skip(is_digit);
    skip(is_space);
    if (at == end || !is_e(*at++)) return false;
    skip(is_space);
    if (at < end && is_sign(*at)) at++;
    skip(is_space);
    auto digits = skip(is_digit);
    return at == end && digits >= 1 && digits <= 3;
}

// tidying.without_decimals
inline void take_decimals_off(Glyphs &glyphs) {
    int head = glyphs.end;
    while (head > glyphs.begin && is(glyphs.at[head - 1], ZERO)) head--;
    int zeros = glyphs.end - head;
    if (zeros < 1 || zeros > 2 || head == glyphs.begin || !is(glyphs.at[head - 1], POINT)) return;
    for (int at = glyphs.begin; at < head - 1; at++)
        if (is(glyphs.at[at], POINT)) return;
    glyphs.end = head - 1;
}

inline bool has_word(const Glyph *at, const Glyph *end) {
    return std::any_of(at, end, [](Glyph glyph) { return is(glyph, WORD); });
}

// reading.ONE_OR_TWO_DIGITS
inline bool has_one_or_two_digits(const Glyph *at, const Glyph *end) {
    int digits = 0;
    for (; at < end; at++) {
        if (is(*at, DIGIT)) digits++;
        else if (is(*at, WORD)) return false;
    }
    return digits == 1 || digits == 2;
}

// phonenumberutil._extract_possible_number, without what comes before the number; returns its end.
inline const Glyph *end_of_number(const Glyph *number, const Glyph *end) {
    while (end > number && !is(end[-1], KEPT)) end--;
    for (const Glyph *at = number; at < end; at++) {
        if (*at != '/' && *at != '\\') continue;
        const Glyph *next = at + 1;
        while (next < end && *next == ' ') next++;
        if (next < end && *next == 'x') return at;
    }
    return end;
}

// phonenumberutil._normalize
inline void take_digits(const Glyph *at, const Glyph *end, Digits &found) {
    static constexpr char KEYPAD[] = "22233344455566677778889999";
    int letters = 0;
    for (const Glyph *each = at; each < end; each++) letters += is(*each, LETTER);
    bool is_vanity = letters >= 3;
    found.count = 0;
    for (; at < end; at++) {
        if (is(*at, DIGIT) && !(is_vanity && *at >= OTHER_DIGIT)) found.digits[found.count++] = digit_value(*at);
        else if (is_vanity && (is(*at, LETTER) || *at == I_DOTLESS || *at == S_LONG)) found.digits[found.count++] = static_cast<uint8_t>(KEYPAD[lower(*at) - 'a'] - '0');
    }
}

// Whether it may be a number, and its digits, without those of an extension.
inline bool is_number(const Glyph *number, const Glyph *end, Digits &found) {
    if (!is_viable(number, end)) return false;
    const Glyph *extension = begin_of_extension(number, end);
    if (extension && is_viable(number, extension)) end = extension;
    found.has_plus = is(*number, PLUS);
    while (number < end && is(*number, PLUS)) number++;
    take_digits(number, end, found);
    return true;
}

// phonenumberutil.parse, up to the digits. `characters`: how many the whole text has.
inline Reason parse(const Glyph *number, const Glyph *end, int characters, Digits &found) {
    if (characters > MAX_PARSED) return Reason::TOO_LONG;
    const Glyph *stop = end_of_number(number, end);
    if (is_number(number, stop, found)) return Reason::NONE;
    return has_one_or_two_digits(number, end) ? Reason::TOO_SHORT : Reason::NOT_A_NUMBER;
}

// The same for a text with parameters (phonenumberutil._build_national_number_for_parsing).
inline Reason parse_uri(const Glyph *begin, const Glyph *end, Digits &found) {
    if (end - begin > MAX_PARSED) return Reason::TOO_LONG;
    Glyph joined[2 * MAX_PARSED];
    const Glyph *number = std::find_if(begin, end, [](Glyph glyph) { return is(glyph, PLUS | DIGIT); });
    const Glyph *stop = end_of_number(number, end);
    const Glyph *context = find_word(begin, end, PHONE_CONTEXT);
    if (context != end) {
        const Glyph *value = context + strlen(PHONE_CONTEXT), *value_end = std::find(value, end, ';');
        const bool is_global = is_global_number(value, value_end);
        if (!is_global && !is_domain_name(value, value_end)) return Reason::NOT_A_NUMBER;
        const Glyph *scheme = find_word(begin, end, URI_SCHEME);
        const Glyph *first = scheme == end ? begin : std::min(scheme + strlen(URI_SCHEME), context);
        Glyph *to = is_global ? std::copy(value, value_end, joined) : joined;
        stop = std::copy(first, context, to);
        number = joined;
    }
    const Glyph *subaddress = find_word(number, stop, SUBADDRESS);
    if (subaddress > number) stop = subaddress;
    return is_number(number, stop, found) ? Reason::NONE : Reason::NOT_A_NUMBER;
}

// Where the number begins: the first `+` or digit; `end` when there is none.
inline Glyph *begin_of_number(Glyphs &glyphs) {
    Glyph *at = glyphs.at + glyphs.begin, *end = glyphs.at + glyphs.end;
    while (at < end && !is(*at, PLUS | DIGIT)) at++;
    return at;
}

// Parsing a text as it is.
inline Reason parse_as_it_is(const Glyphs &glyphs, const Glyph *number, Digits &found) {
    const Glyph *begin = glyphs.at + glyphs.begin, *end = glyphs.at + glyphs.end;
    Reason reason = parse(number, end, glyphs.end - glyphs.begin, found);
    return reason == Reason::TOO_SHORT && has_word(begin, number) ? Reason::NOT_A_NUMBER : reason;
}

// Whether a `00` stands in front of the number (reading.has_zeros).
inline bool begins_with_zeros(const Glyphs &glyphs, const Glyph *number) {
    return number + 1 < glyphs.at + glyphs.end && is(number[0], ZERO) && (is(number[1], ZERO) || number[1] == ZERO_LIKE);
}

// Parsing with a `+` in front of the number, for which a `00` may stand (reading.as_international).
inline Reason parse_international(Glyphs &glyphs, Glyph *number, Digits &found) {
    Glyph *begin = glyphs.at + glyphs.begin, *end = glyphs.at + glyphs.end;
    if (number == end || is(*number, PLUS)) return parse_as_it_is(glyphs, number, found);
    Glyph *rest = begins_with_zeros(glyphs, number) ? number + 2 : number;
    // The `+` takes for a moment the place of what is before the rest.
    Glyph *plus = rest - 1;
    const Glyph overwritten = *plus;
    *plus = '+';
    Reason reason = parse(plus, end, static_cast<int>(number - begin + 1 + (end - rest)), found);
    *plus = overwritten;
    return reason == Reason::TOO_SHORT && has_word(begin, number) ? Reason::NOT_A_NUMBER : reason;
}

// What a byte of a plain text is.
enum : uint8_t { PLAIN_DIGIT = 1, PLAIN_POINT = 2, PLAIN_ODD = 4 };

constexpr std::array<uint8_t, 256> make_plain() {
    std::array<uint8_t, 256> plain{};
    for (auto &kind : plain) kind = PLAIN_ODD;
    for (unsigned char c : {' ', '-', '(', ')', '/'}) plain[c] = 0;
    for (int c = '0'; c <= '9'; c++) plain[c] = PLAIN_DIGIT;
    plain['.'] = PLAIN_POINT;
    return plain;
}

inline constexpr std::array<uint8_t, 256> PLAIN = make_plain();

// Whether it ends in `.0` or `.00`, and perhaps spaces.
inline bool may_have_decimals(const uint8_t *text, size_t size) {
    while (size && text[size - 1] == ' ') size--;
    for (int zeros = 0; zeros < 2 && size && text[size - 1] == '0'; zeros++) size--;
    return size && text[size - 1] == '.';
}

// The digits of a text in which there is nothing but common punctuation, at most one `+`, before them, and at least
// three of them; false when it is not so plain. `zeros`: whether they begin with a `00` that may stand for a `+`.
inline bool take_plain_digits(const uint8_t *text, size_t size, Digits &found, bool &zeros) {
    if (size > LONGEST_PLAIN) return false;
    size_t at = 0;
    while (at < size && (text[at] == ' ' || text[at] == '(')) at++;
    found.has_plus = at < size && text[at] == '+';
    at += found.has_plus;
    uint8_t kinds = 0;
    int count = 0;
    for (; at < size; at++) {
        uint8_t kind = PLAIN[text[at]];
        kinds |= kind;
        found.digits[count] = text[at] & 0xF;
        count += kind & PLAIN_DIGIT;
    }
    found.count = count;
    zeros = false;
    if (kinds & PLAIN_ODD || count < MIN_DIGITS || count > MAX_DIGITS) return false;
    if (kinds & PLAIN_POINT && may_have_decimals(text, size)) return false;
    if (!found.has_plus && found.digits[0] == 0 && found.digits[1] == 0) {
        const uint8_t *zero = static_cast<const uint8_t *>(memchr(text, '0', size));
        zeros = zero[1] == '0';
    }
    return true;
}

// reading.begins_international, for what is tidied
inline bool begins_international(Glyphs &glyphs) {
    const Glyph *number = begin_of_number(glyphs), *end = glyphs.at + glyphs.end;
    return number < end && (is(*number, PLUS) || begins_with_zeros(glyphs, number) || has_global_context(glyphs.at + glyphs.begin, end));
}

// What is read of a text: a place in the plan and a number, or a place and a reason.
class Reader {
  public:
    // `reasons`: the record of each Reason. `patterns_known`: whether phonenumbers reads as it is written here; if not,
    // only plain texts are read.
    Reader(const Plan &plan, const Reasons &reasons, bool patterns_known)
        : plan_(plan), reasons_(reasons), patterns_known_(patterns_known) {}

    enum : int { ANYWHERE = -1, UNKNOWN = -2 };

    // `region`: where the text may be as dialled; or ANYWHERE; or UNKNOWN, where only a `+` or `00` helps.
    // `assumed`: whether the number is one for want of a region only.
    // `is_plain`: whether the text has nothing that JSON or CSV would escape.
    Place read(const char *text, size_t size, int region, Number &number, bool &assumed, bool &is_plain) const {
        const uint8_t *bytes = reinterpret_cast<const uint8_t *>(text);
        Digits digits;
        bool zeros;
        assumed = false;
        is_plain = take_plain_digits(bytes, size, digits, zeros);
        if (!is_plain) return read_any(bytes, size, region, number, assumed);
        if (digits.has_plus) return find_with_plus(digits, region, number);
        int dropped = zeros ? 2 : 0;
        if (digits.count - dropped < MIN_DIGITS) return read_any(bytes, size, region, number, assumed);
        if (region == UNKNOWN && !zeros) return place_of(Reason::UNKNOWN_COUNTRY);
        if (region >= 0) {
            Place first = find_dialled(digits, region, number);
            if (first.record == SLOW || first.is_valid) return first;
            Number second_number;
            Place second = find(digits, dropped, second_number);
            return better(first, second, second_number, number);
        }
        return assuming(!zeros, find(digits, dropped, number), assumed);
    }

    bool has_number(int record) const { return record >= plan_.reasons(); }

  private:
    // Whether the number, where there is one, was assumed to be international.
    Place assuming(bool says_nothing, const Place &place, bool &assumed) const {
        assumed = says_nothing && has_number(place.record);
        return place;
    }


    Place place_of(Reason reason) const {
        return {reason == Reason::SLOW ? SLOW : reasons_[static_cast<size_t>(reason)], 0, false, Source::INTERNATIONAL};
    }

    // The second reading where it is valid, or left to phonenumbers; else the first.
    static Place better(const Place &first, const Place &second, const Number &second_number, Number &number) {
        if (second.record != SLOW && !second.is_valid) return first;
        number = second_number;
        return second;
    }

    Place find(const Digits &digits, int dropped, Number &number) const {
        int count = digits.count - dropped;
        if (count < MIN_DIGITS) return place_of(Reason::TOO_SHORT);
        if (count > MAX_DIGITS) return place_of_many(plan_.find(beginning_of(digits, number)));
        number.count = count;
        memcpy(number.digits, digits.digits + dropped, MAX_DIGITS);
        return plan_.find(number);
    }

    // With more digits than the plan goes into, whatever is taken off in front, they only differ in how they begin.
    static Number &beginning_of(const Digits &digits, Number &number) {
        number.count = MAX_DIGITS;
        memcpy(number.digits, digits.digits, MAX_DIGITS);
        return number;
    }
    Place place_of_many(const Place &beginning) const {
        const bool is_unknown = beginning.record == reasons_[static_cast<size_t>(Reason::INVALID_COUNTRY_CODE)];
        Place place = place_of(is_unknown ? Reason::INVALID_COUNTRY_CODE : Reason::TOO_LONG);
        place.source = beginning.source;
        return place;
    }

    Place find_dialled(const Digits &digits, int region, Number &number) const {
        if (digits.count > MAX_DIGITS) return place_of_many(plan_.find_dialled(beginning_of(digits, number), region));
        number.count = digits.count;
        memcpy(number.digits, digits.digits, MAX_DIGITS);
        return plan_.find_dialled(number, region);
    }

    // With a region, phonenumbers tries again without the `+` where no calling code follows it.
    Place find_with_plus(const Digits &digits, int region, Number &number) const {
        Place place = find(digits, 0, number);
        if (region < 0 || place.record != reasons_[static_cast<size_t>(Reason::INVALID_COUNTRY_CODE)]) return place;
        Place again = find_dialled(digits, region, number);
        return again.record == SLOW || again.source != Source::DEFAULT ? again : place;
    }

    Place read_any(const uint8_t *text, size_t size, int region, Number &number, bool &assumed) const {
        if (!patterns_known_) return place_of(Reason::SLOW);
        Glyphs glyphs;
        const bool is_whole = take_glyphs(plan_, text, size, glyphs);
        if (region == UNKNOWN) {
            Glyphs beginning = glyphs;
            take_marks_off(beginning);
            if (!begins_international(beginning)) return place_of(Reason::UNKNOWN_COUNTRY);
        }
        if (!is_whole) return place_of(Reason::TOO_LONG);
        take_marks_off(glyphs);
        if (glyphs.begin == glyphs.end) return place_of(Reason::EMPTY);
        if (is_scientific(glyphs)) return place_of(Reason::SCIENTIFIC);
        take_decimals_off(glyphs);
        if (has_parameters(glyphs.at + glyphs.begin, glyphs.at + glyphs.end)) return read_uri(glyphs, region, number, assumed);
        Glyph *begin = begin_of_number(glyphs);
        if (begin == glyphs.at + glyphs.end)
            return place_of(glyphs.end - glyphs.begin > MAX_PARSED ? Reason::TOO_LONG : Reason::NOT_A_NUMBER);
        Digits digits;
        if (is(*begin, PLUS) || region < 0) {
            Reason reason = parse_international(glyphs, begin, digits);
            if (reason != Reason::NONE) return place_of(reason);
            return assuming(!is(*begin, PLUS) && !begins_with_zeros(glyphs, begin), find_with_plus(digits, region, number), assumed);
        }
        Place first = read_dialled(glyphs, begin, region, number);
        if (first.record == SLOW || first.is_valid) return first;
        Reason reason = parse_international(glyphs, begin, digits);
        if (reason != Reason::NONE) return reason == Reason::SLOW ? place_of(reason) : first;
        Number second_number;
        Place second = find(digits, 0, second_number);
        return better(first, second, second_number, number);
    }

    // A text with parameters, of which RFC 3966 says what they are.
    Place read_uri(Glyphs &glyphs, int region, Number &number, bool &assumed) const {
        const Glyph *begin = glyphs.at + glyphs.begin, *end = glyphs.at + glyphs.end, *start = begin_of_number(glyphs);
        const bool has_plus = start == end || is(*start, PLUS) || has_global_context(begin, end);
        const bool zeros = !has_plus && begins_with_zeros(glyphs, start);
        Glyph international[MAX_TEXT + 1], *at = international;
        at = std::copy(begin, start, at);
        if (!has_plus) *at++ = '+';
        at = std::copy(start + 2 * zeros, end, at);
        Digits digits;
        Reason reason = parse_uri(international, at, digits);
        if (reason == Reason::NONE && !digits.has_plus) reason = Reason::INVALID_COUNTRY_CODE;
        if (region < 0) {
            if (reason != Reason::NONE) return place_of(reason);
            return assuming(!has_plus && !zeros, find_with_plus(digits, region, number), assumed);
        }
        const Place first = read_uri_as_it_is(begin, end, region, number);
        if (first.is_valid || reason != Reason::NONE) return first;
        Number second_number;
        const Place second = find(digits, 0, second_number);
        return better(first, second, second_number, number);
    }

    Place read_uri_as_it_is(const Glyph *begin, const Glyph *end, int region, Number &number) const {
        Digits digits;
        const Reason reason = parse_uri(begin, end, digits);
        if (reason != Reason::NONE) return place_of(reason);
        return digits.has_plus ? find_with_plus(digits, region, number) : find_dialled(digits, region, number);
    }

    Place read_dialled(const Glyphs &glyphs, const Glyph *begin, int region, Number &number) const {
        Digits digits;
        Reason reason = parse_as_it_is(glyphs, begin, digits);
        return reason == Reason::NONE ? find_dialled(digits, region, number) : place_of(reason);
    }

    const Plan &plan_;
    const Reasons reasons_;
    const bool patterns_known_;
};

}  // namespace kernel
