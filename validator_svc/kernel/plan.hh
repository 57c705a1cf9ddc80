// The numbering plan's file (see `numbering/plan_file.py` for its layout): opened, proven sound, and walked.
#pragma once

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "glyphs.hh"

namespace kernel {

enum : int { MIN_DIGITS = 3, MAX_DIGITS = 44, LENGTHS = 42, MIN_REGION_DIGITS = 2, REGION_LENGTHS = 43 };
enum : int { MAX_LITERAL = 9, MAX_REWRITINGS = 2, BLOCK = 128, BLOCKS = 0x110000 / BLOCK, COPIED = 32 };
enum : int { HEAD = 3, HEADS = 1000 };  // digits that the index takes in one step

enum class LeafKind : uint8_t { RECORD, REWRITE, SLOW };
enum class Source : uint8_t { INTERNATIONAL, IDD, CODE, DEFAULT };

struct Leaf {
    LeafKind kind;
    uint8_t is_valid;
    uint16_t a, b, zero;
};

struct Op {
    uint8_t literal_size;
    char literal[MAX_LITERAL];
    uint8_t start, stop, drop, goes_to;
    Source source;
    uint8_t zero;
};

struct Shape {
    uint32_t first, count;
};

struct Piece {
    uint8_t literal_size, start, size, zero;
    uint32_t literal;
};

static_assert(sizeof(Leaf) == 8 && sizeof(Op) == 16 && sizeof(Shape) == 8 && sizeof(Piece) == 8);

// Copies in steps of a fixed size, which takes no call; up to COPIED bytes beyond both ends may be touched.
inline void copy_beyond(char *to, const char *from, size_t size) {
    for (size_t at = 0; at < size; at += COPIED) memcpy(to + at, from + at, COPIED);
}

// Digits as values 0 to 9. What lies beyond the last one may be copied, never read.
struct Number {
    uint8_t digits[MAX_DIGITS + COPIED];
    int count;
};

// Where a walk ended. `record` is below zero when `phonenumbers` must say.
struct Place {
    int record;
    uint16_t shape;
    bool is_valid;
    Source source;  // of a region's graph
};

enum : int { SLOW = -1 };

class Plan {
  public:
    // Returns what is wrong with the content, or nothing; it must outlive the plan. `records`: how many its
    // FACTS name, `reasons` of them for texts without a number.
    std::string open(const uint8_t *content, size_t size, int records, int reasons);

    // The place of international digits as dialled; `number` loses its national prefix.
    Place find(Number &number) const {
        if (number.count < MIN_DIGITS || number.count > MAX_DIGITS) return {SLOW, 0, false, {}};
        const uint8_t *d = number.digits;
        int32_t reference = index_[(number.count - MIN_DIGITS) * HEADS + 100 * d[0] + 10 * d[1] + d[2]];
        return follow(number, reference, HEAD);
    }

    // The place of digits as dialled in a region; `number` becomes international.
    Place find_dialled(Number &number, int region) const {
        if (number.count < MIN_REGION_DIGITS || number.count > MAX_DIGITS) return {SLOW, 0, false, {}};
        return follow(number, region_root(region, number.count), 0);
    }

    Glyph glyph_of(uint32_t code_point) const {
        return glyphs_[chars_[code_point / BLOCK] * BLOCK + code_point % BLOCK];
    }

    // The national format of international digits; returns its end. At most `longest_shape` + COPIED bytes.
    char *write_shape(char *to, uint16_t shape, const char *digits) const {
        const Piece *piece = pieces_ + shapes_[shape].first;
        for (const Piece *end = piece + shapes_[shape].count; piece < end; piece++) {
            copy_beyond(to, literals_.data() + piece->literal, piece->literal_size);
            to += piece->literal_size;
            memcpy(to, digits + piece->start, COPIED);
            to += piece->size;
        }
        return to;
    }

    int records() const { return records_; }
    int reasons() const { return reasons_; }
    int regions() const { return static_cast<int>(counts_[REGIONS]); }
    const char *region_code(int region) const { return regions_ + 2 * region; }
    size_t longest_shape() const { return longest_shape_; }
    bool has_shape(long shape) const { return shape >= 0 && static_cast<size_t>(shape) < counts_[SHAPES]; }

  private:
    enum Section { META = 1, FACTS, NODES, LEAVES, OPS, ROOTS, REGIONS, REGION_ROOTS, SHAPES, PIECES, TEXT, CHARS, GLYPHS, SECTIONS };

    int32_t reference(const uint8_t *section, size_t at) const {
        if (width_ == 2) return reinterpret_cast<const int16_t *>(section)[at];
        return reinterpret_cast<const int32_t *>(section)[at];
    }
    int32_t region_root(int region, int count) const {
        return reference(region_roots_, static_cast<size_t>(region) * REGION_LENGTHS + count - MIN_REGION_DIGITS);
    }

    const Leaf &leaf_of(const uint8_t *digits, int32_t at, int read) const {
        if (width_ == 2) return walk(reinterpret_cast<const int16_t *>(nodes_), digits, at, read);
        return walk(reinterpret_cast<const int32_t *>(nodes_), digits, at, read);
    }
    template <class Reference>
    const Leaf &walk(const Reference *nodes, const uint8_t *digits, int32_t at, int read) const {
        while (at >= 0) at = nodes[static_cast<size_t>(at) * 10 + digits[read++]];
        return leaves_[~at];
    }

    Place follow(Number &number, int32_t at, int read) const {
        Source source = Source::INTERNATIONAL;
        for (int rewritings = 0;; rewritings++) {
            const Leaf &leaf = leaf_of(number.digits, at, at < 0 ? 0 : read);
            if (leaf.kind == LeafKind::RECORD) {
                bool has_number = leaf.a >= reasons_;
                if (!has_number && source == Source::INTERNATIONAL) source = static_cast<Source>(leaf.b);
                return {leaf.a, has_number ? leaf.b : uint16_t{0}, leaf.is_valid != 0, source};
            }
            if (leaf.kind == LeafKind::SLOW || rewritings == MAX_REWRITINGS) break;
            const Op &op = ops_[leaf.a];
            if (source == Source::INTERNATIONAL) source = op.source;
            if (!rewrite(number, op)) break;
            at = reference(roots_, static_cast<size_t>(op.goes_to) * LENGTHS + number.count - MIN_DIGITS);
            read = 0;
        }
        return {SLOW, 0, false, source};
    }

    static bool rewrite(Number &number, const Op &op) {
        int count = op.literal_size + (op.stop - op.start) + (number.count - op.drop);
        if (count < MIN_DIGITS || count > MAX_DIGITS) return false;
        uint8_t old[MAX_DIGITS];
        memcpy(old, number.digits, MAX_DIGITS);
        uint8_t *to = number.digits;
        for (int at = 0; at < op.literal_size; at++) *to++ = op.literal[at] - '0';
        to = std::copy(old + op.start, old + op.stop, to);
        std::copy(old + op.drop, old + number.count, to);
        number.count = count;
        return true;
    }

    // See plan_checks.hh.
    bool read_table(const uint8_t *content, size_t size);
    bool are_ops_sound() const;
    bool are_shapes_sound();
    bool are_leaves_sound() const;
    bool are_walks_sound() const;
    bool are_roots_sound(const uint8_t *roots, size_t lengths, int least, const std::vector<uint8_t> &needs) const;
    int need_of(int32_t reference, const std::vector<uint8_t> &needs) const;
    int need_of_leaf(const Leaf &leaf) const;
    void make_index();

    const uint8_t *at_[SECTIONS] = {};
    size_t counts_[SECTIONS] = {};
    int width_ = 2, records_ = 0, reasons_ = 0;
    size_t longest_shape_ = 0;
    const uint8_t *nodes_ = nullptr, *roots_ = nullptr, *region_roots_ = nullptr, *chars_ = nullptr, *glyphs_ = nullptr;
    const Leaf *leaves_ = nullptr;
    const Op *ops_ = nullptr;
    const Shape *shapes_ = nullptr;
    const Piece *pieces_ = nullptr;
    const char *regions_ = nullptr;
    std::string literals_;
    std::vector<int32_t> index_;
};

}  // namespace kernel

#include "plan_checks.hh"
