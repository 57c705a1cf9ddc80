// Opening a plan: proof that no walk leaves the file, goes on for ever, or reads digits that are not there.
#pragma once

#include "plan.hh"

namespace kernel {

inline uint32_t number_at(const uint8_t *at) {
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

inline std::string Plan::open(const uint8_t *content, size_t size, int records, int reasons) {
    records_ = records;
    reasons_ = reasons;
    if (reasons < 1 || records < reasons) return "it has no records";
    if (reinterpret_cast<uintptr_t>(content) % 8) return "it is not aligned in memory";
    if (!read_table(content, size)) return "its table of sections is wrong";
    if (!are_ops_sound()) return "a rewriting is wrong";
    if (!are_shapes_sound()) return "a national format is wrong";
    if (!are_leaves_sound()) return "a leaf is wrong";
    if (!are_walks_sound()) return "a walk would not end";
    for (size_t at = 0; at < BLOCKS; at++)
        if (chars_[at] >= counts_[GLYPHS]) return "a character is wrong";
    make_index();
    return "";
}

inline bool Plan::read_table(const uint8_t *content, size_t size) {
    constexpr size_t HEADER = 24, ENTRY = 12;
    if (size < HEADER + (SECTIONS - 1) * ENTRY || memcmp(content, "VPLAN\0\0\1", 8) != 0) return false;
    uint32_t width = number_at(content + 12);
    if (number_at(content + 8) != 1 || (width != 2 && width != 4) || number_at(content + 20) != SECTIONS - 1) return false;
    width_ = static_cast<int>(width);
    const size_t item_sizes[SECTIONS] = {0, 1, 1, 10 * width, sizeof(Leaf), sizeof(Op), width, 2, width, sizeof(Shape), sizeof(Piece), 1, 1, BLOCK};
    for (size_t section = META; section < SECTIONS; section++) {
        const uint8_t *entry = content + HEADER + (section - 1) * ENTRY;
        size_t offset = number_at(entry + 4), count = number_at(entry + 8);
        if (number_at(entry) != section || offset % 8 || offset > size || count > (size - offset) / item_sizes[section]) return false;
        at_[section] = content + offset;
        counts_[section] = count;
    }
    if (counts_[ROOTS] != 2 * LENGTHS || counts_[CHARS] != BLOCKS || counts_[REGIONS] > INT16_MAX) return false;
    if (counts_[REGION_ROOTS] != counts_[REGIONS] * REGION_LENGTHS) return false;
    if (counts_[NODES] > INT32_MAX || counts_[LEAVES] > INT32_MAX) return false;
    nodes_ = at_[NODES];
    roots_ = at_[ROOTS];
    region_roots_ = at_[REGION_ROOTS];
    chars_ = at_[CHARS];
    glyphs_ = at_[GLYPHS];
    leaves_ = reinterpret_cast<const Leaf *>(at_[LEAVES]);
    ops_ = reinterpret_cast<const Op *>(at_[OPS]);
    shapes_ = reinterpret_cast<const Shape *>(at_[SHAPES]);
    pieces_ = reinterpret_cast<const Piece *>(at_[PIECES]);
    literals_.assign(reinterpret_cast<const char *>(at_[TEXT]), counts_[TEXT]).append(COPIED, ' ');
    regions_ = reinterpret_cast<const char *>(at_[REGIONS]);
    return true;
}

inline bool Plan::are_ops_sound() const {
    for (size_t at = 0; at < counts_[OPS]; at++) {
        const Op &op = ops_[at];
        if (op.literal_size > MAX_LITERAL || op.start > op.stop || op.stop > MAX_DIGITS || op.drop > MAX_DIGITS) return false;
        if (op.goes_to > 1 || op.source > Source::DEFAULT) return false;
        for (int digit = 0; digit < op.literal_size; digit++)
            if (op.literal[digit] < '0' || op.literal[digit] > '9') return false;
    }
    return true;
}

inline bool Plan::are_shapes_sound() {
    for (size_t at = 0; at < counts_[PIECES]; at++) {
        const Piece &piece = pieces_[at];
        if (piece.start + piece.size > MAX_DIGITS || piece.size > COPIED || piece.literal > counts_[TEXT]) return false;
        if (piece.literal_size > counts_[TEXT] - piece.literal) return false;
    }
    for (size_t at = 0; at < counts_[SHAPES]; at++) {
        const Shape &shape = shapes_[at];
        if (shape.first > counts_[PIECES] || shape.count > counts_[PIECES] - shape.first || shape.count > 64) return false;
        size_t size = 0;
        for (uint32_t piece = 0; piece < shape.count; piece++)
            size += pieces_[shape.first + piece].literal_size + pieces_[shape.first + piece].size;
        longest_shape_ = std::max(longest_shape_, size);
    }
    return true;
}

inline bool Plan::are_leaves_sound() const {
    for (size_t at = 0; at < counts_[LEAVES]; at++) {
        const Leaf &leaf = leaves_[at];
        if (leaf.kind > LeafKind::SLOW || leaf.is_valid > 1) return false;
        if (leaf.kind == LeafKind::REWRITE && leaf.a >= counts_[OPS]) return false;
        if (leaf.kind != LeafKind::RECORD) continue;
        if (leaf.a >= records_ || (leaf.a < reasons_ && leaf.is_valid)) return false;
        if (leaf.b >= (leaf.a < reasons_ ? size_t{4} : counts_[SHAPES])) return false;
    }
    return true;
}

// How many digits a number must have for what a leaf reads of it.
inline int Plan::need_of_leaf(const Leaf &leaf) const {
    if (leaf.kind == LeafKind::REWRITE) return std::max(ops_[leaf.a].stop, ops_[leaf.a].drop);
    if (leaf.kind == LeafKind::SLOW || leaf.a < reasons_) return 0;
    int need = 0;
    const Shape &shape = shapes_[leaf.b];
    for (uint32_t piece = 0; piece < shape.count; piece++)
        need = std::max(need, pieces_[shape.first + piece].start + pieces_[shape.first + piece].size);
    return need;
}

// Nodes refer to smaller ones only, so in their order all that a node needs is known when its turn comes.
// A byte each: what needs more digits than there ever are is refused at once.
inline bool Plan::are_walks_sound() const {
    std::vector<uint8_t> depths(counts_[NODES]), needs(counts_[NODES]);
    for (size_t node = 0; node < counts_[NODES]; node++) {
        int depth = 0, need = 0;
        for (size_t digit = 0; digit < 10; digit++) {
            int32_t next = reference(nodes_, node * 10 + digit);
            if (next >= 0 ? static_cast<size_t>(next) >= node : static_cast<size_t>(~next) >= counts_[LEAVES]) return false;
            if (next >= 0) depth = std::max<int>(depth, depths[next]);
            need = std::max(need, need_of(next, needs));
        }
        if (depth >= MAX_DIGITS || need > MAX_DIGITS) return false;
        depths[node] = static_cast<uint8_t>(depth + 1);
        needs[node] = static_cast<uint8_t>(std::max(need, depth + 1));
    }
    if (!are_roots_sound(roots_, LENGTHS, MIN_DIGITS, needs)) return false;
    if (!are_roots_sound(roots_ + LENGTHS * width_, LENGTHS, MIN_DIGITS, needs)) return false;
    for (size_t region = 0; region < counts_[REGIONS]; region++) {
        const uint8_t *roots = region_roots_ + region * REGION_LENGTHS * width_;
        if (!are_roots_sound(roots, REGION_LENGTHS, MIN_REGION_DIGITS, needs)) return false;
    }
    return true;
}

// The depth of what follows is part of its need.
inline int Plan::need_of(int32_t reference, const std::vector<uint8_t> &needs) const {
    return reference >= 0 ? needs[reference] : need_of_leaf(leaves_[~reference]);
}

inline bool Plan::are_roots_sound(const uint8_t *roots, size_t lengths, int least, const std::vector<uint8_t> &needs) const {
    for (size_t at = 0; at < lengths; at++) {
        int32_t root = reference(roots, at);
        if (root >= 0 ? static_cast<size_t>(root) >= counts_[NODES] : static_cast<size_t>(~root) >= counts_[LEAVES]) return false;
        if (need_of(root, needs) > least + static_cast<int>(at)) return false;
    }
    return true;
}

// Where the first digits lead from the root for each length, so that a walk begins there.
inline void Plan::make_index() {
    index_.resize(LENGTHS * HEADS);
    for (size_t length = 0; length < LENGTHS; length++)
        for (size_t head = 0; head < HEADS; head++) {
            int32_t at = reference(roots_, length);
            const size_t digits[HEAD] = {head / 100, head / 10 % 10, head % 10};
            for (size_t digit : digits)
                if (at >= 0) at = reference(nodes_, static_cast<size_t>(at) * 10 + digit);
            index_[length * HEADS + head] = at;
        }
}

}  // namespace kernel
