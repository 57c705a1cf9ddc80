// Lines of JSON that are alike but for their values: answered with the records of their numbers, and with themselves.
#pragma once

#include <array>
#include <string>
#include <unordered_map>
#include <vector>

#include "counting.hh"
#include "csv.hh"
#include "values.hh"
#include "writing.hh"

namespace kernel {

// Lines that are alike, and what is answered to them; see `Template` in interface.py.
struct Template {
    enum : size_t { MOST_NUMBERS = 4, MOST_HEADS = 512 };
    enum : uint16_t { NO_GROUP = 0xFFFF };

    std::vector<std::string> asked, keys, answered;
    std::vector<ValueKind> kinds;
    std::vector<size_t> numbers;  // places among the values
    std::vector<int> number_at;   // for each value which of the numbers it is, or -1
    std::string sign;

    // What was said of numbers in the first, second… place by their record and verdict, and how answers begin.
    std::vector<uint16_t> groups;
    std::unordered_map<uint64_t, std::string> heads;

    uint16_t &group(size_t number, int record, Verdict verdict) {
        return groups[(static_cast<size_t>(record) * MOST_NUMBERS + number) * VERDICTS + static_cast<size_t>(verdict)];
    }
    void add_head(uint64_t key, const std::string &head) {
        if (heads.size() >= MOST_HEADS) heads.clear();
        heads[key] = head;
    }
};

// Why a call came back: all is done; the output is full; Python has to say what is not known here, and call again; or
// the line is none that can be answered here.
enum class Filled : int { DONE, FULL, CONSTANT, GROUP, HEAD, LEFT };

// One call: whole lines in, answers to those out that fit a template.
class Filling {
  public:
    Filling(const Plan &plan, const Reader &reader, const RiskList &risk_list, const Constants &constants, std::vector<Template> &templates, int region)
        : plan_(plan), reader_(reader), risk_list_(risk_list), constants_(constants), templates_(templates), region_(region) {}

    Output out{};
    int64_t numbers = 0, valid = 0;
    // Of each line that is left out: where its answer belongs in the output, where it begins, and where it ends.
    std::vector<uint32_t> left;
    // What is missing, with CONSTANT, GROUP and HEAD: of the template in that place.
    size_t place = 0, number = 0;
    int record = 0;
    Verdict verdict = Verdict::NONE;
    uint64_t head = 0;

    Filled run(const char *block, size_t size) {
        while (consumed_ < size) {
            const char *line = block + consumed_;
            const char *end = static_cast<const char *>(memchr(line, '\n', size - consumed_));
            if (!end) end = block + size;
            Filled why = answer(line, end);
            if (why == Filled::LEFT) {
                for (size_t at : {static_cast<size_t>(out.at - out.begin), consumed_, static_cast<size_t>(end - block)})
                    left.push_back(static_cast<uint32_t>(at));
            } else if (why != Filled::DONE) {
                return why;
            }
            consumed_ = static_cast<size_t>(end - block) + 1;
        }
        return Filled::DONE;
    }

  private:
    enum : size_t { ROOM = 256 };  // what a record has beside its text, constants and national format

    struct Found {
        Place place;
        Number number;
        const Constant *constant;
    };

    Filled answer(const char *line, const char *end) {
        for (place = 0; place < templates_.size(); place++) {
            if (!fits(templates_[place], line, end)) continue;
            Template &fitting = templates_[place];
            if (Filled why = find(fitting); why != Filled::DONE) return why;
            auto known = fitting.heads.find(head);
            if (known == fitting.heads.end()) return Filled::HEAD;
            if (!out.has_room(room(fitting, known->second))) return Filled::FULL;
            write(fitting, known->second);
            return Filled::DONE;
        }
        return Filled::LEFT;
    }

    // Whether a line is made up as a template has it; its values then.
    bool fits(const Template &wanted, const char *at, const char *end) {
        values_.resize(wanted.kinds.size());
        for (size_t index = 0;; index++) {
            const std::string &piece = wanted.asked[index];
            if (static_cast<size_t>(end - at) < piece.size() || memcmp(at, piece.data(), piece.size()) != 0) return false;
            at += piece.size();
            if (index == values_.size()) return at == end;
            const char *stop = end_of_value(at, end, wanted.kinds[index]);
            if (!stop) return false;
            values_[index] = {at, static_cast<size_t>(stop - at)};
            at = stop;
        }
    }

    // The numbers among the values, and what is said of them together.
    Filled find(Template &fitting) {
        head = 0;
        for (number = 0; number < fitting.numbers.size(); number++) {
            const Cell &text = values_[fitting.numbers[number]];
            Found &found = found_[number];
            bool is_assumed, is_plain;
            found.place = reader_.read(text.text, text.size, region_, found.number, is_assumed, is_plain);
            record = found.place.record;
            if (record == SLOW) return Filled::LEFT;
            verdict = reader_.has_number(record) ? risk_list_.verdict(found.number) : Verdict::NONE;
            found.constant = constants_.find(record, verdict);
            if (!found.constant) return Filled::CONSTANT;
            const uint16_t group = fitting.group(number, record, verdict);
            if (group == Template::NO_GROUP) return Filled::GROUP;
            head = head << 16 | group;
        }
        return Filled::DONE;
    }

    size_t room(const Template &fitting, const std::string &beginning) const {
        size_t size = beginning.size();
        for (const std::string &piece : fitting.answered) size += piece.size();
        for (const Cell &value : values_) size += value.size;
        for (size_t at = 0; at < fitting.numbers.size(); at++) {
            size += fitting.keys[at].size() + constants_.before.size() + values_[fitting.numbers[at]].size + found_[at].constant->size();
            size += plan_.longest_shape() + fitting.sign.size() + MAX_DIGITS + ROOM;
        }
        return size;
    }

    void write(const Template &fitting, const std::string &beginning) {
        write(beginning);
        for (size_t at = 0; at < fitting.numbers.size(); at++) {
            const Found &found = found_[at];
            const Cell &text = values_[fitting.numbers[at]];
            write(fitting.keys[at]);
            write(constants_.before);
            // What a value may have in it stands in JSON as it is.
            out.write(text.text, text.size);
            out.write_beyond(found.constant->after(), found.constant->after_size);
            if (reader_.has_number(found.place.record)) write_number(out, plan_, found.place, found.number, *found.constant);
            numbers++;
            valid += found.place.is_valid;
        }
        write(fitting.answered[0]);
        for (size_t at = 0; at < values_.size(); at++) {
            write_value(fitting, at);
            write(fitting.answered[at + 1]);
        }
    }

    // A value as it came, a number that was read as it is to be written.
    void write_value(const Template &fitting, size_t at) {
        const int number_at = fitting.number_at[at];
        if (number_at < 0 || !reader_.has_number(found_[static_cast<size_t>(number_at)].place.record)) {
            out.write(values_[at].text, values_[at].size);
            return;
        }
        const Number &found = found_[static_cast<size_t>(number_at)].number;
        write(fitting.sign);
        for (int digit = 0; digit < found.count; digit++) out.write(static_cast<char>('0' + found.digits[digit]));
    }

    void write(const std::string &content) { out.write(content.data(), content.size()); }

    const Plan &plan_;
    const Reader &reader_;
    const RiskList &risk_list_;
    const Constants &constants_;
    std::vector<Template> &templates_;
    const int region_;
    size_t consumed_ = 0;
    std::vector<Cell> values_;
    std::array<Found, Template::MOST_NUMBERS> found_{};
};

}  // namespace kernel
