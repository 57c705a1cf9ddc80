// The number on a line of NDJSON: a string or a number, or that of an object's key. What is odd in any way is left
// to who reads JSON as such: lines that are none, escapes that are half a character, numbers with long exponents.
#pragma once

#include <cstring>
#include <string>

#include "csv.hh"

namespace kernel {

class JsonLine {
  public:
    JsonLine(const char *begin, const char *end, const std::string &key) : at_(begin), end_(end), key_(key) {}

    // Whether there is one; `found` is its text as it stands there or in `kept`. A blank line is an empty number.
    bool find(Cell &found, std::string &kept) {
        skip_space();
        if (at_ == end_) {
            found = {at_, 0};
            return true;
        }
        has_found_ = *at_ != '{';
        Value value;
        if (!take_value(value, 0)) return false;
        skip_space();
        if (at_ != end_ || !has_found_) return false;
        if (*value.begin == '{') value = of_key_;
        if (*value.begin != '"') {
            found = {value.begin, static_cast<size_t>(value.end - value.begin)};
            return *value.begin == '-' || is_digit(*value.begin);
        }
        found = {value.begin + 1, static_cast<size_t>(value.end - value.begin - 2)};
        return !value.is_escaped || unescape(found, kept);
    }

  private:
    enum : int { MOST_NESTED = 32, MOST_OF_EXPONENT = 2 };

    struct Value {
        const char *begin, *end;
        bool is_escaped;
    };

    static bool is_digit(char c) { return c >= '0' && c <= '9'; }

    void skip_space() {
        while (at_ < end_ && (*at_ == ' ' || *at_ == '\t')) at_++;
    }

    bool take(char wanted) {
        skip_space();
        if (at_ == end_ || *at_ != wanted) return false;
        at_++;
        return true;
    }

    bool take_value(Value &value, int depth) {
        skip_space();
        if (at_ == end_ || depth > MOST_NESTED) return false;
        value = {at_, at_, false};
        bool is_there;
        switch (*at_) {
            case '"': is_there = take_string(value); break;
            case '{': is_there = take_members(depth); break;
            case '[': is_there = take_items(depth); break;
            case 't': is_there = take_word("true"); break;
            case 'f': is_there = take_word("false"); break;
            case 'n': is_there = take_word("null"); break;
            default: is_there = take_number();
        }
        value.end = at_;
        return is_there;
    }

    bool take_word(const char *word) {
        size_t size = strlen(word);
        if (static_cast<size_t>(end_ - at_) < size || memcmp(at_, word, size) != 0) return false;
        at_ += size;
        return true;
    }

    bool take_string(Value &value) {
        for (at_++; at_ < end_; at_++) {
            if (*at_ == '"') {
                at_++;
                return true;
            }
            if (static_cast<unsigned char>(*at_) < ' ') return false;
            if (*at_ == '\\' && !take_escape(value)) return false;
        }
        return false;
    }

    // Leaves out its last character.
    bool take_escape(Value &value) {
        value.is_escaped = true;
        if (++at_ == end_) return false;
        if (*at_ != 'u') return *at_ && strchr("\"\\/bfnrt", *at_) != nullptr;
        if (end_ - at_ < 5) return false;
        unsigned unit = hex(at_ + 1);
        at_ += 4;
        if (unit > 0xFFFF || unit >> 10 == 0x37) return false;
        if (unit >> 10 != 0x36) return true;
        if (end_ - at_ < 7 || at_[1] != '\\' || at_[2] != 'u' || hex(at_ + 3) >> 10 != 0x37) return false;
        at_ += 6;
        return true;
    }

    // Four hexadecimal digits; more than 0xFFFF when they are none.
    static unsigned hex(const char *at) {
        unsigned value = 0;
        for (int digit = 0; digit < 4; digit++) {
            char c = at[digit];
            unsigned each = is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : 16;
            if (each == 16) return 0x10000;
            value = value << 4 | each;
        }
        return value;
    }

    size_t take_digits() {
        const char *from = at_;
        while (at_ < end_ && is_digit(*at_)) at_++;
        return static_cast<size_t>(at_ - from);
    }

    bool take_number() {
        if (*at_ == '-') at_++;
        bool is_zero = at_ < end_ && *at_ == '0';
        size_t digits = take_digits();
        if (digits == 0 || (is_zero && digits > 1)) return false;
        if (at_ < end_ && *at_ == '.') {
            at_++;
            if (take_digits() == 0) return false;
        }
        if (at_ < end_ && (*at_ == 'e' || *at_ == 'E')) {
            at_++;
            if (at_ < end_ && (*at_ == '+' || *at_ == '-')) at_++;
            size_t exponent = take_digits();
            return exponent > 0 && exponent <= MOST_OF_EXPONENT;
        }
        return true;
    }

    bool take_members(int depth) {
        at_++;
        if (take('}')) return true;
        do {
            Value name, value;
            skip_space();
            if (at_ == end_ || *at_ != '"') return false;
            if (!take_value(name, depth) || name.is_escaped || !take(':') || !take_value(value, depth + 1)) return false;
            if (depth == 0 && is_key(name)) {
                of_key_ = value;
                has_found_ = true;
            }
        } while (take(','));
        return take('}');
    }

    bool is_key(const Value &name) const {
        return static_cast<size_t>(name.end - name.begin) == key_.size() + 2 && memcmp(name.begin + 1, key_.data(), key_.size()) == 0;
    }

    bool take_items(int depth) {
        at_++;
        if (take(']')) return true;
        Value value;
        do {
            if (!take_value(value, depth + 1)) return false;
        } while (take(','));
        return take(']');
    }

    // What was taken as a string already.
    static bool unescape(Cell &found, std::string &kept) {
        kept.clear();
        const char *at = found.text, *end = at + found.size;
        while (at < end) {
            const char *escape = static_cast<const char *>(memchr(at, '\\', static_cast<size_t>(end - at)));
            kept.append(at, escape ? escape : end);
            if (!escape) break;
            at = escape + 2;
            static constexpr char NAMES[] = "\"\\/bfnrt", MEANT[] = "\"\\/\b\f\n\r\t";
            if (escape[1] != 'u') {
                kept += MEANT[strchr(NAMES, escape[1]) - NAMES];
                continue;
            }
            uint32_t code_point = hex(at);
            at += 4;
            if (code_point >> 10 == 0x36) {
                code_point = 0x10000 + ((code_point & 0x3FF) << 10 | (hex(at + 2) & 0x3FF));
                at += 6;
            }
            append(kept, code_point);
        }
        found = {kept.data(), kept.size()};
        return true;
    }

    static void append(std::string &kept, uint32_t code_point) {
        auto tail = [&](int shift) { kept += static_cast<char>(0x80 | (code_point >> shift & 0x3F)); };
        if (code_point < 0x80) {
            kept += static_cast<char>(code_point);
        } else if (code_point < 0x800) {
            kept += static_cast<char>(0xC0 | code_point >> 6);
            tail(0);
        } else if (code_point < 0x10000) {
            kept += static_cast<char>(0xE0 | code_point >> 12);
            tail(6), tail(0);
        } else {
            kept += static_cast<char>(0xF0 | code_point >> 18);
            tail(12), tail(6), tail(0);
        }
    }

    const char *at_, *end_;
    const std::string &key_;
    bool has_found_ = false;
    Value of_key_{};
};

}  // namespace kernel
