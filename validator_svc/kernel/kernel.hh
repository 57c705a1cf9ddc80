// Blocks of rows to blocks of records.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "columns.hh"
#include "counting.hh"
#include "csv.hh"
#include "json.hh"

namespace kernel {

// Why a call came back: all is done; the output is full; or Python has to say what is not known here, and call again.
enum class Stop : int { DONE, FULL, CONSTANT, COUNTRY, SLOW };

// A row whose record Python must write.
struct Slow {
    std::string text;
    int region;
    bool is_line;  // the text is a line of NDJSON that has to be read first
};

// How a CSV file is made up.
struct Layout {
    char delimiter;
    size_t column, width;
    bool has_country;
    size_t country_column;
    std::string line_end;  // of results
};

// Stands for a line of NDJSON that could not be read, among texts that could.
inline constexpr Cell UNREADABLE_LINE = {nullptr, 0};

// What the cells of a country column mean: a region, or Reader::ANYWHERE or Reader::UNKNOWN. Bounded.
class Countries {
  public:
    // Of more different cells few would come again; the longest are those of as many characters as are looked at.
    enum : size_t { MOST = 4'096, LONGEST = 400 };

    // False: nobody has said yet.
    bool find(const Cell &cell, int &region) const {
        auto found = regions_.find(std::string(cell.text, std::min<size_t>(cell.size, LONGEST)));
        if (found == regions_.end()) return false;
        region = found->second;
        return true;
    }
    void add(const std::string &cell, int region) {
        if (regions_.size() >= MOST) regions_.clear();
        regions_[cell.substr(0, LONGEST)] = region;
    }

  private:
    std::unordered_map<std::string, int> regions_;
};

// What is kept from block to block of one file.
struct State {
    Seen seen;
    Countries countries;
    bool counts_duplicates = true, keeps_valid = false;
};

// One call: some rows in, their records out.
class Call {
  public:
    Call(const Plan &plan, const Reader &reader, const RiskList &risk_list, const Constants &constants, State *state, int region, char delimiter)
        : plan_(plan), reader_(reader), risk_list_(risk_list), constants_(constants), state_(state), region_(region), delimiter_(delimiter) {}

    Output out{};
    Counts counts;
    // What is missing, with Stop::CONSTANT, Stop::COUNTRY and Stop::SLOW.
    int record = 0;
    Verdict verdict = Verdict::NONE;
    std::string country;
    Slow slow{};
    // How much of the block has been read.
    size_t consumed = 0;
    bool is_irregular = false;
    // What stands behind each record of JSON.
    char separator = '\n';

    char delimiter() const { return delimiter_; }

    // From now on how many rows there are of each record is counted: what that takes is more than a few rows do.
    void count_records() { counts.by_record.resize(static_cast<size_t>(plan_.records())); }

    // The record of the row that was slow, counted by who gives it.
    void give(const char *content, size_t size) {
        given_.assign(content, size);
        is_given_ = true;
    }

    // How many of the valid numbers have come before, in this call or in one before it.
    int64_t duplicates() { return state_ && state_->counts_duplicates ? state_->seen.count(counts.valid) : 0; }

    // A number a line. LF, CRLF or CR end a line; the last one needs no end when it `is_last`.
    Stop lines(const char *block, size_t size, bool is_last) {
        const char *end = block + size;
        const bool has_returns = look_for_returns(block, size);
        for (const char *at = block + consumed; at < end; at = block + consumed) {
            const char *next = nullptr;
            const char *stop = end_of_line(at, end, has_returns, is_last, next);
            if (!stop) break;
            if (Stop why = record_line({at, static_cast<size_t>(stop - at)}, region_); why != Stop::DONE) return why;
            consumed = static_cast<size_t>(next - block);
        }
        return Stop::DONE;
    }

    // A value of JSON a line; lines end as they do in text.
    Stop json_lines(const char *block, size_t size, const std::string &key, bool is_last) {
        const char *end = block + size;
        const bool has_returns = look_for_returns(block, size);
        for (const char *at = block + consumed; at < end; at = block + consumed) {
            const char *next = nullptr;
            const char *stop = end_of_line(at, end, has_returns, is_last, next);
            if (!stop) break;
            Cell text;
            bool is_there = JsonLine(at, stop, key).find(text, kept_);
            Stop why = is_there ? record_line(text, region_) : odd_line(at, stop);
            if (why != Stop::DONE) return why;
            consumed = static_cast<size_t>(next - block);
        }
        return Stop::DONE;
    }

    // Texts one by one.
    Stop texts(const std::vector<Cell> &texts) {
        for (; consumed < texts.size(); consumed++) {
            const Cell &text = texts[consumed];
            // A line that is no JSON, so that nobody can read it.
            static constexpr char NO_JSON[] = "!";
            Stop why = text.text ? record_line(text, region_) : odd_line(NO_JSON, NO_JSON + 1);
            if (why != Stop::DONE) return why;
        }
        return Stop::DONE;
    }

    // Rows of CSV, to records as lines of JSON or behind the rows' own bytes.
    Stop csv(const char *block, size_t size, const Layout &layout, bool to_csv, bool is_last) {
        if (!is_scanned_) structure_.find(block, size, delimiter_);
        is_scanned_ = true;
        const std::vector<uint32_t> &ends = structure_.ends;
        while (consumed < size) {
            const char *row = block + consumed, *end = block + size;
            size_t last = next_end_;
            while (last < ends.size() && block[ends[last]] != '\n') last++;
            const bool is_whole = last < ends.size();
            if (is_whole) end = block + ends[last];
            else if (!is_last || !structure_.is_clean || structure_.ends_in_quotes) break;
            const size_t next = static_cast<size_t>(end - block) + is_whole;
            if (end > row && end[-1] == '\r') end--;
            Stop why = csv_row(block, row, end, ends.data() + next_end_, last - next_end_ + 1, layout, to_csv);
            if (why != Stop::DONE) return why;
            consumed = next;
            next_end_ = last + is_whole;
        }
        is_irregular = !structure_.is_clean || (is_last && structure_.ends_in_quotes);
        return Stop::DONE;
    }

  private:
    enum : size_t { ROOM = 256 };  // what a record has beside its text, constants and national format

    // Whether there is a CR in the block: looked for once, however often the call comes back.
    bool look_for_returns(const char *block, size_t size) {
        if (!is_scanned_) has_returns_ = memchr(block, '\r', size) != nullptr;
        is_scanned_ = true;
        return has_returns_;
    }

    // Where a line ends and the next begins; nullptr when that is not known yet.
    static const char *end_of_line(const char *at, const char *end, bool has_returns, bool is_last, const char *&next) {
        const char *feed = static_cast<const char *>(memchr(at, '\n', static_cast<size_t>(end - at)));
        const char *limit = feed ? feed : end;
        const char *back = has_returns ? static_cast<const char *>(memchr(at, '\r', static_cast<size_t>(limit - at))) : nullptr;
        if (!feed && !is_last && (!back || back + 1 == end)) return nullptr;
        next = back && back + 1 != feed ? back + 1 : feed ? feed + 1 : end;
        return back ? back : limit;
    }

    Stop record_line(const Cell &text, int region) {
        char *before = out.at;
        if (!out.has_room(ROOM)) return Stop::FULL;
        Stop why = answer(text, region, false, 0);
        if (why == Stop::DONE) out.write(separator);
        else out.at = before;
        return why;
    }

    Stop odd_line(const char *at, const char *stop) {
        Stop why = slow_row({at, static_cast<size_t>(stop - at)}, region_, true, 0);
        if (why == Stop::DONE) out.write(separator);
        return why;
    }

    Stop slow_row(const Cell &text, int region, bool is_line, size_t reserved) {
        if (!is_given_) {
            slow = {std::string(text.text, text.size), region, is_line};
            return Stop::SLOW;
        }
        if (!out.has_room(ROOM + given_.size() + reserved)) return Stop::FULL;
        out.write(given_.data(), given_.size());
        is_given_ = false;
        counts.rows++;
        return Stop::DONE;
    }

    // The record of one text, without a line end; there is room for so much that is `reserved` then. Where it comes back
    // with another word than DONE nothing has happened.
    Stop answer(const Cell &text, int region, bool to_csv, size_t reserved) {
        Number number;
        bool is_assumed, is_plain;
        const Place place = reader_.read(text.text, text.size, region, number, is_assumed, is_plain);
        if (place.record == SLOW) return slow_row(text, region, false, reserved);
        const bool has_number = place.record >= plan_.reasons();
        const Verdict listed = has_number ? risk_list_.verdict(number) : Verdict::NONE;
        const Constant *constant = constants_.find(place.record, listed);
        if (!constant) {
            record = place.record;
            verdict = listed;
            return Stop::CONSTANT;
        }
        size_t text_room = is_plain ? text.size : MOST_ESCAPED * text.size;
        if (!out.has_room(ROOM + reserved + constants_.before.size() + text_room + constant->size() + plan_.longest_shape())) return Stop::FULL;
        out.write(constants_.before.data(), constants_.before.size());
        if (is_plain) out.write(text.text, text.size);
        else if (to_csv) write_cell(out, text.text, text.size, delimiter_);
        else write_json_text(out, text.text, text.size);
        out.write_beyond(constant->after(), constant->after_size);
        if (has_number) write_number(out, plan_, place, number, *constant);
        counts.rows++;
        if (!counts.by_record.empty()) counts.by_record[static_cast<size_t>(place.record)]++;
        counts.assumed += is_assumed;
        if (place.is_valid && state_ && (state_->counts_duplicates || state_->keeps_valid) && number.count <= MOST_SEEN_DIGITS) counts.valid.push_back(value_of_digits(number));
        return Stop::DONE;
    }

    // The row from `row` to `end`, of so many cells that end at `ends`.
    Stop csv_row(const char *block, const char *row, const char *end, const uint32_t *ends, size_t cells, const Layout &layout, bool to_csv) {
        auto cell = [&](size_t column, std::string &kept) {
            if (column >= cells) return Cell{row, 0};
            const char *begin = column ? block + ends[column - 1] + 1 : row;
            return value_of(begin, column + 1 < cells ? block + ends[column] : end, kept);
        };
        int region = region_;
        if (layout.has_country) {
            const Cell named = cell(layout.country_column, kept_country_);
            if (!state_->countries.find(named, region)) {
                country.assign(named.text, named.size);
                return Stop::COUNTRY;
            }
        }
        const Cell text = cell(layout.column, kept_);
        if (!to_csv) return record_line(text, region);
        const char *head_end = cells > layout.width ? block + ends[layout.width - 1] : end;
        const size_t head = static_cast<size_t>(head_end - row), beyond = static_cast<size_t>(end - head_end);
        const size_t missing = layout.width > cells ? layout.width - cells : 0;
        const size_t behind = beyond + layout.line_end.size();
        if (!out.has_room(head + missing + behind + ROOM)) return Stop::FULL;
        char *before = out.at;
        out.write(row, head);
        out.write(delimiter_, missing);
        Stop why = answer(text, region, true, behind);
        if (why != Stop::DONE) {
            out.at = before;
            return why;
        }
        out.write(head_end, beyond);
        out.write(layout.line_end.data(), layout.line_end.size());
        return Stop::DONE;
    }

    const Plan &plan_;
    const Reader &reader_;
    const RiskList &risk_list_;
    const Constants &constants_;
    State *state_;
    const int region_;
    const char delimiter_;
    Structure structure_;
    size_t next_end_ = 0;
    bool is_scanned_ = false, has_returns_ = false;
    std::string kept_, kept_country_, given_;
    bool is_given_ = false;
};

// The records of texts, SLOW among them, and their shapes; of each MAX_DIGITS places for its international digits, and
// how many there are; these as a number where it is valid, else 0.
inline void find_all(const Reader &reader, const std::vector<Cell> &texts, int region, int *records, int *shapes, char *digits, uint8_t *counts, uint64_t *numbers) {
    for (const Cell &text : texts) {
        Number number{};
        bool is_assumed, is_plain;
        const Place place = reader.read(text.text, text.size, region, number, is_assumed, is_plain);
        const bool has_number = reader.has_number(place.record);
        *records++ = place.record;
        *shapes++ = has_number ? place.shape : 0;
        *counts++ = static_cast<uint8_t>(has_number ? number.count : 0);
        *numbers++ = place.is_valid && number.count <= MOST_SEEN_DIGITS ? value_of_digits(number) : 0;
        for (int at = 0; at < MAX_DIGITS; at++) *digits++ = static_cast<char>('0' + number.digits[at]);
    }
}

// What is constant in one line of JSON; `end` has the line end.
struct Pieces {
    Cell before, after, between, end;

    size_t size() const { return before.size + after.size + between.size + end.size; }
};

// Bytes that a line takes at most, and may touch.
inline size_t room_of_line(const Plan &plan, const Cell &text, const Pieces &pieces) {
    return pieces.size() + MOST_ESCAPED * text.size + MAX_DIGITS + plan.longest_shape() + COPIED;
}

// A line of pieces that the caller chose, around a text, its international digits and their national format.
inline void write_line(Output &out, const Plan &plan, const Cell &text, const Cell &digits, uint16_t shape, const Pieces &pieces) {
    out.write(pieces.before.text, pieces.before.size);
    write_json_text(out, text.text, text.size);
    out.write(pieces.after.text, pieces.after.size);
    if (digits.size) {
        char copy[MAX_DIGITS + COPIED + COPIED] = {};
        memcpy(copy, digits.text, digits.size);
        out.write(copy, digits.size);
        out.write(pieces.between.text, pieces.between.size);
        out.at = plan.write_shape(out.at, shape, copy);
    }
    out.write(pieces.end.text, pieces.end.size);
}

}  // namespace kernel
