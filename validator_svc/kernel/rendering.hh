// Finished records, lines of JSON as `to_line` or this kernel wrote them, as cells of CSV behind rows' own bytes.
#pragma once

#include <string>

#include "csv.hh"
#include "writing.hh"

namespace kernel {

// Why rendering came back: all is done; the output is full; quotes do not follow the rules by which rows can be cut;
// what was given is no record, or not one for each row.
enum class Rendered : int { DONE, FULL, IRREGULAR, WRONG };

class Rendering {
  public:
    // `rows`: nullptr where rows have no cells of their own. `width`: columns of the header, at least one where there are
    // rows; those with fewer cells are filled up, what has no column comes behind the record.
    Rendering(const char *records, size_t records_size, const char *rows, size_t rows_size, char delimiter, size_t width, std::string line_end)
        : at_(records), records_end_(records + records_size), rows_(rows), rows_size_(rows_size), delimiter_(delimiter), width_(width), line_end_(std::move(line_end)) {
        if (rows) structure_.find(rows, rows_size, delimiter);
    }

    Output out{};

    Rendered run() {
        if (rows_ && (!structure_.is_clean || structure_.ends_in_quotes)) return Rendered::IRREGULAR;
        while (at_ < records_end_) {
            const char *end = static_cast<const char *>(memchr(at_, '\n', static_cast<size_t>(records_end_ - at_)));
            if (!end) return Rendered::WRONG;
            char *before = out.at;
            const Rendered why = rows_ ? row(end) : bare(end);
            if (why != Rendered::DONE) {
                out.at = before;
                return why;
            }
            at_ = end + 1;
        }
        return rows_ && row_at_ < rows_size_ ? Rendered::WRONG : Rendered::DONE;
    }

  private:
    enum : size_t { MOST_GROWN = 3 };  // bytes that one byte of a record becomes at most: U+FFFD

    size_t room_of_record(const char *end) const { return MOST_GROWN * static_cast<size_t>(end - at_) + line_end_.size(); }

    // A record alone, behind as many empty cells as there are columns.
    Rendered bare(const char *end) {
        if (!out.has_room(room_of_record(end) + width_)) return Rendered::FULL;
        out.write(delimiter_, width_);
        if (!record(end)) return Rendered::WRONG;
        out.write(line_end_.data(), line_end_.size());
        return Rendered::DONE;
    }

    Rendered row(const char *record_end) {
        const std::vector<uint32_t> &ends = structure_.ends;
        if (row_at_ >= rows_size_) return Rendered::WRONG;
        size_t last = first_end_;
        while (last < ends.size() && rows_[ends[last]] != '\n') last++;
        const bool is_ended = last < ends.size();
        const char *begin = rows_ + row_at_, *end = rows_ + (is_ended ? ends[last] : rows_size_);
        const size_t next = static_cast<size_t>(end - rows_) + is_ended;
        if (end > begin && end[-1] == '\r') end--;
        const size_t cells = last - first_end_ + 1;
        const char *head_end = cells > width_ ? rows_ + ends[first_end_ + width_ - 1] : end;
        const size_t missing = width_ > cells ? width_ - cells : 0;
        if (!out.has_room(static_cast<size_t>(end - begin) + missing + 2 + room_of_record(record_end))) return Rendered::FULL;
        out.write(begin, static_cast<size_t>(head_end - begin));
        out.write(delimiter_, missing + 1);
        if (!record(record_end)) return Rendered::WRONG;
        out.write(head_end, static_cast<size_t>(end - head_end));
        out.write(line_end_.data(), line_end_.size());
        row_at_ = next;
        first_end_ = last + is_ended;
        return Rendered::DONE;
    }

    // The values of one record, with delimiters between. False for what is no record.
    bool record(const char *end) {
        const char *at = at_;
        if (at == end || *at++ != '{') return false;
        for (bool is_first = true;; is_first = false) {
            // Names are our own: without escapes.
            const char *colon = static_cast<const char *>(memchr(at, ':', static_cast<size_t>(end - at)));
            if (!colon || colon + 1 == end) return false;
            if (!is_first) out.write(delimiter_);
            at = colon + 1;
            at = *at == '"' ? text(at + 1, end) : word(at, end);
            if (!at || at == end) return false;
            if (*at == '}') return at + 1 == end;
            if (*at++ != ',') return false;
        }
    }

    // null, true or false; returns what follows.
    const char *word(const char *at, const char *end) {
        const char *begin = at;
        while (at < end && *at >= 'a' && *at <= 'z') at++;
        if (at == begin) return nullptr;
        if (*begin != 'n') out.write(begin, static_cast<size_t>(at - begin));
        return at;
    }

    // What stands between quotes, the first of which was read; returns what follows the other.
    const char *text(const char *begin, const char *end) {
        const char *quote = static_cast<const char *>(memchr(begin, '"', static_cast<size_t>(end - begin)));
        if (!quote) return nullptr;
        if (!memchr(begin, '\\', static_cast<size_t>(quote - begin))) {
            const size_t size = static_cast<size_t>(quote - begin);
            if (memchr(begin, delimiter_, size)) write_cell(out, begin, size, delimiter_);
            else out.write(begin, size);
            return quote + 1;
        }
        kept_.clear();
        for (const char *at = begin; at < end; at++) {
            if (*at == '"') {
                write_cell(out, kept_.data(), kept_.size(), delimiter_);
                return at + 1;
            }
            if (*at != '\\') kept_ += *at;
            else if (!(at = escaped(at + 1, end))) return nullptr;
        }
        return nullptr;
    }

    // One character behind a backslash; returns the last byte of it. \u only for what has no other name: below U+0020.
    const char *escaped(const char *at, const char *end) {
        static constexpr char NAMES[] = "\"\\/bfnrt", MEANINGS[] = "\"\\/\b\f\n\r\t";
        if (at == end) return nullptr;
        if (*at != 'u') {
            const char *name = *at ? strchr(NAMES, *at) : nullptr;
            if (!name) return nullptr;
            kept_ += MEANINGS[name - NAMES];
            return at;
        }
        if (end - at < 5) return nullptr;
        int value = 0;
        for (int place = 1; place <= 4; place++) {
            static constexpr char HEX[] = "0123456789abcdef";
            const char *digit = at[place] ? strchr(HEX, at[place] | 0x20) : nullptr;
            if (!digit) return nullptr;
            value = 16 * value + static_cast<int>(digit - HEX);
        }
        if (value >= 0x80) return nullptr;
        kept_ += static_cast<char>(value);
        return at + 4;
    }

    const char *at_, *const records_end_;
    const char *const rows_;
    const size_t rows_size_;
    const char delimiter_;
    const size_t width_;
    const std::string line_end_;
    Structure structure_;
    size_t row_at_ = 0, first_end_ = 0;
    std::string kept_;
};

}  // namespace kernel
