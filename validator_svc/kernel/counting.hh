// What rows add up to.
#pragma once

#include <vector>

#include "writing.hh"

namespace kernel {

enum : int { MOST_SEEN_DIGITS = 19 };  // as many as 64 bits always hold

// Digits of a number of at most MOST_SEEN_DIGITS; never 0, as no calling code begins with that.
inline uint64_t value_of_digits(const Number &number) {
    uint64_t value = 0;
    for (int at = 0; at < number.count; at++) value = 10 * value + number.digits[at];
    return value;
}

// The numbers that have come before. After so many different ones no more are remembered.
class Seen {
  public:
    enum : size_t { MOST = 1 << 20, FIRST_ROOM = 1 << 8, AHEAD = 16 };

    // Whether the number has come before; remembers it. Only for numbers of at most MOST_SEEN_DIGITS.
    bool has(uint64_t number) {
        if (2 * count_ >= places_.size()) grow(2 * count_);
        size_t place = find(number);
        if (places_[place] == number) return true;
        if (count_ == MOST) return false;
        places_[place] = number;
        count_++;
        return false;
    }

    // How many of the numbers have come before.
    int64_t count(const std::vector<uint64_t> &numbers) {
        if (2 * (count_ + numbers.size()) >= places_.size()) grow(2 * (count_ + numbers.size()));
        int64_t before = 0;
        for_each(numbers, [&](uint64_t number) { before += has(number); });
        return before;
    }

  private:
    // Places are all over the memory: they are fetched some time before they are looked at.
    template <class Do>
    void for_each(const std::vector<uint64_t> &numbers, Do do_it) {
        for (size_t at = 0; at < numbers.size(); at++) {
#if defined(__GNUC__)
            if (at + AHEAD < numbers.size()) __builtin_prefetch(&places_[first_place(numbers[at + AHEAD])], 1);
#endif
            do_it(numbers[at]);
        }
    }

    // A number is never 0, which stands for a free place.
    size_t find(uint64_t number) const {
        const size_t mask = places_.size() - 1;
        size_t place = first_place(number);
        while (places_[place] && places_[place] != number) place = (place + 1) & mask;
        return place;
    }

    size_t first_place(uint64_t number) const { return (number * 0x9E3779B97F4A7C15u >> 20) & (places_.size() - 1); }

    void grow(size_t least) {
        size_t room = std::max<size_t>(places_.size(), FIRST_ROOM);
        while (room <= least && room < 2 * MOST) room *= 2;
        if (room == places_.size()) return;
        std::vector<uint64_t> old(room);
        old.swap(places_);
        for_each(old, [&](uint64_t number) {
            if (number) places_[find(number)] = number;
        });
    }

    std::vector<uint64_t> places_;
    size_t count_ = 0;
};

// Counts over the rows of one call.
struct Counts {
    std::vector<int64_t> by_record;  // empty where they are not counted
    int64_t rows = 0, assumed = 0;
    std::vector<uint64_t> valid;  // the valid numbers among them, in order
};

// An operator's own prefixes as a graph: a node has ten successors, 0 where there is none.
struct RiskList {
    struct Node {
        int32_t next[10] = {};
        Verdict verdict = Verdict::NONE;
    };
    std::vector<Node> nodes{1};

    void add(const char *prefix, size_t size, bool is_risky) {
        size_t at = 0;
        for (size_t digit = 0; digit < size; digit++) {
            int32_t next = nodes[at].next[prefix[digit] - '0'];
            if (next == 0) {
                next = static_cast<int32_t>(nodes.size());
                nodes[at].next[prefix[digit] - '0'] = next;
                nodes.emplace_back();
            }
            at = static_cast<size_t>(next);
        }
        nodes[at].verdict = is_risky ? Verdict::RISKY : Verdict::ALLOWED;
    }

    // That of the longest prefix.
    Verdict verdict(const Number &number) const {
        Verdict verdict = Verdict::NONE;
        int32_t at = 0;
        for (int digit = 0; digit < number.count && (at = nodes[static_cast<size_t>(at)].next[number.digits[digit]]) != 0; digit++)
            if (nodes[static_cast<size_t>(at)].verdict != Verdict::NONE) verdict = nodes[static_cast<size_t>(at)].verdict;
        return verdict;
    }
};

}  // namespace kernel
