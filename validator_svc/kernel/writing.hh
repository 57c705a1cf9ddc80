// Records as bytes: what is constant in them comes from Python, made once for all records that are alike.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "reading.hh"

namespace kernel {

// An operator's own verdict on a number.
enum class Verdict : uint8_t { NONE, RISKY, ALLOWED };
enum : int { VERDICTS = 3 };

// What stands in a record after the text, between the digits and the national format, and at the end; the line end is
// none of it. Where there is no number it all comes after the text. The bytes follow, in this order, and COPIED more.
struct Constant {
    uint32_t after_size, between_size, end_size;

    const char *after() const { return reinterpret_cast<const char *>(this + 1); }
    const char *between() const { return after() + after_size; }
    const char *end() const { return between() + between_size; }
    size_t size() const { return size_t{after_size} + between_size + end_size; }
};

// The constants of one kind of records. Any thread may look while one adds.
class Constants {
  public:
    // `before`: what stands before the text in all of them.
    Constants(int records, std::string before) : before(std::move(before)), places_(static_cast<size_t>(records) * VERDICTS) {}

    const std::string before;

    const Constant *find(int record, Verdict verdict) const {
        return places_[place_of(record, verdict)].load(std::memory_order_acquire);
    }

    void add(int record, Verdict verdict, const std::string &after, const std::string &between, const std::string &end) {
        std::lock_guard<std::mutex> lock(adding_);
        if (find(record, verdict)) return;
        const Constant sizes = {static_cast<uint32_t>(after.size()), static_cast<uint32_t>(between.size()), static_cast<uint32_t>(end.size())};
        kept_.push_back(std::make_unique<char[]>(sizeof sizes + sizes.size() + COPIED));
        char *to = kept_.back().get();
        memcpy(to, &sizes, sizeof sizes);
        (after + between + end).copy(to + sizeof sizes, sizes.size());
        places_[place_of(record, verdict)].store(reinterpret_cast<const Constant *>(to), std::memory_order_release);
    }

  private:
    static size_t place_of(int record, Verdict verdict) {
        return static_cast<size_t>(record) * VERDICTS + static_cast<size_t>(verdict);
    }

    std::vector<std::atomic<const Constant *>> places_;
    std::vector<std::unique_ptr<char[]>> kept_;
    std::mutex adding_;
};

// Where to write. Who has asked for room may write so much.
struct Output {
    char *begin, *at, *end;

    bool has_room(size_t size) const { return static_cast<size_t>(end - at) >= size; }
    void write(const char *content, size_t size) {
        memcpy(at, content, size);
        at += size;
    }
    void write_beyond(const char *content, size_t size) {
        copy_beyond(at, content, size);
        at += size;
    }
    void write(char content) { *at++ = content; }
    void write(char content, size_t count) {
        memset(at, content, count);
        at += count;
    }
};

enum : int { MOST_ESCAPED = 6 };  // bytes that one byte of text becomes at most

// Text as it stands in a JSON string; bytes that are not UTF-8 as U+FFFD.
inline void write_json_text(Output &out, const char *text, size_t size) {
    static constexpr char HEX[] = "0123456789abcdef";
    const uint8_t *bytes = reinterpret_cast<const uint8_t *>(text);
    for (size_t at = 0; at < size;) {
        uint8_t byte = bytes[at];
        if (byte >= 0x80) {
            uint32_t code_point;
            size_t taken = decode(bytes + at, size - at, code_point);
            bool is_replaced = code_point == REPLACEMENT;
            out.write(is_replaced ? "\xEF\xBF\xBD" : text + at, is_replaced ? 3 : taken);
            at += taken;
            continue;
        }
        at++;
        const char *escape = strchr("\"\"\\\\\bb\tt\nn\ff\rr", byte);
        if (byte >= ' ' && byte != '"' && byte != '\\') {
            out.write(static_cast<char>(byte));
        } else if (byte && escape) {
            out.write('\\');
            out.write(escape[1]);
        } else {
            out.write("\\u00", 4);
            out.write(HEX[byte >> 4]);
            out.write(HEX[byte & 15]);
        }
    }
}

// Text as a cell of CSV, in quotes where they are needed; bytes that are not UTF-8 as U+FFFD.
inline void write_cell(Output &out, const char *text, size_t size, char delimiter) {
    const uint8_t *bytes = reinterpret_cast<const uint8_t *>(text);
    bool is_quoted = false;
    for (size_t at = 0; at < size; at++)
        is_quoted |= text[at] == delimiter || text[at] == '"' || text[at] == '\n' || text[at] == '\r';
    if (is_quoted) out.write('"');
    for (size_t at = 0; at < size;) {
        uint32_t code_point;
        size_t taken = decode(bytes + at, size - at, code_point);
        if (code_point == REPLACEMENT) out.write("\xEF\xBF\xBD", 3);
        else out.write(text + at, taken);
        if (code_point == '"') out.write('"');
        at += taken;
    }
    if (is_quoted) out.write('"');
}

// The digits of a number and its national format, with what is constant around them.
inline void write_number(Output &out, const Plan &plan, const Place &place, const Number &number, const Constant &constant) {
    char digits[MAX_DIGITS + COPIED + COPIED];
    for (int at = 0; at < MAX_DIGITS; at++) digits[at] = static_cast<char>('0' + number.digits[at]);
    memcpy(out.at, digits, MAX_DIGITS);
    out.at += number.count;
    out.write_beyond(constant.between(), constant.between_size);
    out.at = plan.write_shape(out.at, place.shape, digits);
    out.write_beyond(constant.end(), constant.end_size);
}

}  // namespace kernel
