// What is a viable number, and where an extension begins: the two patterns of phonenumbers that go back and
// forth over a text (phonenumberutil._VALID_PHONE_NUMBER_PATTERN and _EXTN_PATTERN), read from the end.
#pragma once

#include <algorithm>
#include <cstring>

#include "glyphs.hh"

namespace kernel {




enum : int { MOST_AFTER_LABEL = 20, MOST_AFTER_LIKELY_LABEL = 15, MOST_AFTER_AMBIGUOUS = 9, MOST_WHEN_NOT_SURE = 6 };

// Every place where an extension may begin that goes on to the end, as ranges: `visit(first, last)`.
template <class Visit>
class Extensions {
  public:
    Extensions(const Glyph *begin, const Glyph *end, Visit visit) : begin_(begin), visit_(visit) {
        has_hash_ = end > begin && end[-1] == '#';
        const Glyph *digits_end = end - has_hash_;
        digits_ = digits_end;
        while (digits_ > begin && is(digits_[-1], DIGIT)) digits_--;
        count_ = digits_end - digits_;
    }

    void find() const {
        if (count_ == 0) return;
        const Glyph *separators = back(digits_, [](Glyph glyph) { return is(glyph, SEPARATOR); });
        find_words(separators);
        if (separators > begin_ && is_mark(separators[-1])) {
            find_words(separators - 1);
            find_commas(separators - 1);
        }
        find_commas(separators);
        find_commas_among(separators);
        if (!has_hash_ && count_ <= MOST_AFTER_LABEL && ends_with(digits_, ";ext=")) visit_(digits_ - 5, digits_ - 5);
        if (has_hash_ && count_ <= MOST_WHEN_NOT_SURE) {
            const Glyph *first = back(digits_, [](Glyph glyph) { return glyph == ' ' || glyph == '-'; });
            if (first < digits_) visit_(first, digits_ - 1);
        }
    }

  private:
    static bool is_mark(Glyph glyph) { return glyph == ':' || glyph == '.' || glyph == POINT_WIDE; }

    template <class IsOne>
    const Glyph *back(const Glyph *at, IsOne is_one) const {
        while (at > begin_ && is_one(at[-1])) at--;
        return at;
    }

    bool ends_with(const Glyph *end, const char *text) const {
        const size_t size = strlen(text);
        if (static_cast<size_t>(end - begin_) < size) return false;
        for (size_t at = 0; at < size; at++)
            if (lower(end[at - size]) != static_cast<Glyph>(text[at])) return false;
        return true;
    }

    // Labels that are words or signs; spaces and commas may come before them.
    void find_words(const Glyph *label_end) const {
        if (count_ <= MOST_AFTER_LABEL) find_explicit(label_end);
        if (count_ > MOST_AFTER_AMBIGUOUS || label_end == begin_) return;
        switch (lower(label_end[-1])) {
            case 'x': case X_WIDE: case '#': case HASH_WIDE: case '~': case TILDE_WIDE: visit_word(label_end - 1);
        }
        static constexpr char INT_WIDE[] = {static_cast<char>(I_WIDE), static_cast<char>(N_WIDE), static_cast<char>(T_WIDE), 0};
        if (ends_with(label_end, "int")) visit_word(label_end - 3);
        if (ends_with(label_end, INT_WIDE)) visit_word(label_end - 3);
    }

    // e?xt(ensi(o U+0301? | U+00F3))?n?, its wide form e?xtn?, the Russian and the Spanish word
    void find_explicit(const Glyph *label_end) const {
        static constexpr char DOB[] = {static_cast<char>(D_CYRILLIC), static_cast<char>(O_CYRILLIC), static_cast<char>(B_CYRILLIC), 0};
        static constexpr char XT_WIDE[] = {static_cast<char>(X_WIDE), static_cast<char>(T_WIDE), 0};
        static constexpr char ENSIO_ACUTE[] = {'e', 'n', 's', 'i', static_cast<char>(O_ACUTE), 0};
        static constexpr char ENSIO_AND_ACUTE[] = {'e', 'n', 's', 'i', 'o', static_cast<char>(ACUTE), 0};
        if (ends_with(label_end, "anexo")) visit_word(label_end - 5);
        if (ends_with(label_end, DOB)) visit_word(label_end - 3);
        const Glyph *wide = label_end - (label_end > begin_ && label_end[-1] == N_WIDE);
        if (ends_with(wide, XT_WIDE)) visit_with_optional(wide - 2, E_WIDE);
        const Glyph *end = label_end - (label_end > begin_ && lower(label_end[-1]) == 'n');
        for (const char *middle : {"", "ensio", ENSIO_AND_ACUTE, ENSIO_ACUTE}) {
            if (!ends_with(end, middle)) continue;
            const Glyph *before = end - strlen(middle);
            if (ends_with(before, "xt")) visit_with_optional(before - 2, 'e');
        }
    }

    void visit_with_optional(const Glyph *label, Glyph optional) const {
        visit_word(label);
        if (label > begin_ && lower(label[-1]) == optional) visit_word(label - 1);
    }

    void visit_word(const Glyph *label) const {
        visit_(back(label, [](Glyph glyph) { return glyph == ' ' || glyph == ','; }), label);
    }

    // Commas and semicolons as labels; spaces may come before them. A comma may also be a separator behind one.
    void find_commas(const Glyph *label_end) const {
        if (label_end == begin_) return;
        if (label_end[-1] == ';' && count_ <= MOST_AFTER_LIKELY_LABEL) visit_behind_spaces(label_end - 1, label_end - 1);
        if (label_end[-1] != ',') return;
        const Glyph *first = back(label_end, [](Glyph glyph) { return glyph == ','; });
        if (count_ <= MOST_AFTER_AMBIGUOUS) visit_behind_spaces(first, label_end - 1);
        if (count_ <= MOST_AFTER_LIKELY_LABEL && label_end - first >= 2) visit_behind_spaces(label_end - 2, label_end - 2);
    }

    // Runs of commas among the separators: what is behind a comma, or two, separates.
    void find_commas_among(const Glyph *at) const {
        for (; at < digits_; at++) {
            if (*at != ',') continue;
            const Glyph *first = at;
            while (at < digits_ && *at == ',') at++;
            if (count_ <= MOST_AFTER_AMBIGUOUS) visit_behind_spaces(first, at - 1);
            if (count_ <= MOST_AFTER_LIKELY_LABEL && at - first >= 2) visit_behind_spaces(first, at - 2);
        }
    }

    void visit_behind_spaces(const Glyph *first, const Glyph *last) const {
        visit_(back(first, [](Glyph glyph) { return glyph == ' '; }), last);
    }

    const Glyph *begin_, *digits_;
    ptrdiff_t count_;
    bool has_hash_;
    Visit visit_;
};

// Where the leftmost extension begins; nullptr when there is none.
inline const Glyph *begin_of_extension(const Glyph *begin, const Glyph *end) {
    const Glyph *leftmost = nullptr;
    auto visit = [&](const Glyph *first, const Glyph *) { leftmost = leftmost ? std::min(leftmost, first) : first; };
    Extensions<decltype(visit)>(begin, end, visit).find();
    return leftmost;
}

// phonenumberutil._is_viable_phone_number
inline bool is_viable(const Glyph *begin, const Glyph *end) {
    if (end - begin == 2 && is(begin[0], DIGIT) && is(begin[1], DIGIT)) return true;
    const Glyph *at = begin;
    while (at < end && is(*at, PLUS)) at++;
    for (int digits = 0; digits < 3; at++) {
        if (at == end || !is(*at, DIGIT | BEFORE_THIRD)) return false;
        digits += is(*at, DIGIT);
    }
    const Glyph *third = at;
    while (at < end && is(*at, IN_NUMBERS)) at++;
    if (at == end) return true;
    bool is_there = false;
    auto visit = [&](const Glyph *first, const Glyph *last) { is_there |= std::max(first, third) <= std::min(last, at); };
    Extensions<decltype(visit)>(begin, end, visit).find();
    return is_there;
}

}  // namespace kernel
