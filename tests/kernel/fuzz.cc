// Made-up bytes through everything that the kernel does, to be built with the compiler's sanitizers (`make sanitize`).
//
//     fuzz PLAN RECORDS REASONS REASON,REASON,... SEED SECONDS THREADS
//
// Every buffer is as long as it must be and not a byte longer, so that whoever goes beyond is caught. Half of the
// time the plan itself is damaged: then it is refused, or it answers something. With threads they share the plan and
// the constants that they make.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <random>
#include <sstream>
#include <thread>
#include <tuple>

#include "filling.hh"
#include "groups.hh"
#include "json_array.hh"
#include "kernel.hh"
#include "rendering.hh"

using namespace kernel;

namespace {

thread_local std::mt19937_64 chance;
size_t below(size_t limit) { return limit ? chance() % limit : 0; }

const std::vector<std::string> PIECES = {
    "+", "00", "0", "+44 20 7946 0018", "+1 (201) 555-0123", "442079460018", "8 (912) 345-67-89", "0612345678", "011", "x12", " ext. 123",
    ";ext=5", ",,3", "#", ";phone-context=+1", "tel:", "FLOWERS", ".0", ".00", "6.28E+11", "\xC2\xA0", "\xE2\x80\x93", "\xE2\x80\xAA", "\xD9\xA3",
    "\xC5\xBF", "\xC4\xB0", ";isub=1", ";phone-context=", "a-b.example", std::string(40, '7'), "0014", "8~10", "\xEF\xBC\x8B", "\xE3\x83\xBC", "\xC4\xB1", "\xE2\x81\xB0", "\xEF\xBD\x85\xEF\xBD\x98\xEF\xBD\x94", "\xD0\xB4\xD0\xBE\xD0\xB1", "extensio\xCC\x81n", "\"", "'", "=\"", "\"\"",
    ",", ";", "\n", "\r", "\r\n", "\\", "\\u00e9", "\\ud83d\\ude00", "\\u12", "{\"phone_number\":\"", "\"}", "{", "}", "[", "]", ":", "null", "1e5", "-",
    " ", "\t", "\xFF", "\xE2\x82", "\xF0\x9F\x98\x80", "\x01", "GB", "IT", "Nowhere", "/x", "(", ")", "~", "_", std::string(1, '\0'),
};

std::string made_up() {
    std::string text;
    for (size_t pieces = below(12); pieces; pieces--) {
        size_t what = below(10);
        if (what == 0) text += static_cast<char>(below(256));
        else if (what == 1) text += std::string(below(1200), " 1x-\"\xC3"[below(6)]);
        else if (what < 5) for (size_t digits = below(24); digits; digits--) text += static_cast<char>('0' + below(10));
        else text += PIECES[below(PIECES.size())];
    }
    return text;
}

// A copy that ends where its memory does.
struct Exact {
    explicit Exact(const std::string &content) : size(content.size()), bytes(new char[content.size()]) { content.copy(bytes.get(), size); }
    size_t size;
    std::unique_ptr<char[]> bytes;
};

struct Buffer {
    std::unique_ptr<char[]> bytes;
    size_t capacity = 0;

    template <class Writes>
    void grow(Writes &call) {
        size_t written = static_cast<size_t>(call.out.at - call.out.begin), more = 2 * capacity + 1 + below(300);
        std::unique_ptr<char[]> larger(new char[more]);
        if (written) memcpy(larger.get(), bytes.get(), written);
        bytes = std::move(larger);
        capacity = more;
        call.out = {bytes.get(), bytes.get() + written, bytes.get() + capacity};
    }
};

template <class Go>
void run(Call &call, Constants &constants, State &state, const Plan &plan, Go go) {
    Buffer buffer;
    buffer.grow(call);
    if (below(4)) call.count_records();
    for (Stop stop; (stop = go()) != Stop::DONE;) {
        if (stop == Stop::FULL) buffer.grow(call);
        if (stop == Stop::CONSTANT) constants.add(call.record, call.verdict, made_up(), made_up(), made_up());
        const std::string record = made_up();
        if (stop == Stop::SLOW) call.give(record.data(), record.size());
        if (stop == Stop::COUNTRY) state.countries.add(call.country, static_cast<int>(below(static_cast<size_t>(plan.regions()) + 2)) - 2);
    }
    call.duplicates();
}

void read_blocks(const Plan &plan, const Reader &reader, const RiskList &risk_list, Constants &constants) {
    State state;
    for (int blocks = 0; blocks < 20; blocks++) {
        const int region = static_cast<int>(below(static_cast<size_t>(plan.regions()) + 2)) - 2;
        const char delimiter = ",;\t|"[below(4)];
        std::string content;
        for (size_t rows = below(20); rows; rows--) content += made_up() + "\n";
        const Exact block(content);
        const bool is_last = below(2);
        const Layout layout = {delimiter, below(4), 1 + below(4), below(2) == 1, below(4), made_up()};
        const bool to_csv = below(2);
        const std::string key = "phone_number";
        const size_t what = below(4);
        Call call(plan, reader, risk_list, constants, &state, region, delimiter);
        if (what == 0) run(call, constants, state, plan, [&] { return call.lines(block.bytes.get(), block.size, is_last); });
        if (what == 1) run(call, constants, state, plan, [&] { return call.json_lines(block.bytes.get(), block.size, key, is_last); });
        if (what >= 2) run(call, constants, state, plan, [&] { return call.csv(block.bytes.get(), block.size, layout, to_csv, is_last); });
        std::vector<Cell> texts{{block.bytes.get(), block.size}};
        JsonArray array;
        const Exact json("[\"" + made_up() + "\",\"1\"" + made_up() + "]");
        if (array.find(json.bytes.get(), json.size)) texts = array.texts;
        if (what == 0) texts.push_back(UNREADABLE_LINE);
        Call of_texts(plan, reader, risk_list, constants, &state, region, delimiter);
        run(of_texts, constants, state, plan, [&] { return of_texts.texts(texts); });
        texts.resize(1);
        int record, shape;
        char digits[MAX_DIGITS];
        uint8_t count;
        uint64_t number;
        find_all(reader, texts, region, &record, &shape, digits, &count, &number);
    }
}

const std::vector<std::string> VALUES = {"+442079460018", "12015550123", "8 (912) 345-67-89", "+1 201 555 0123 ext. 9", "/status?id=1", "a \xC3\xBC", "123e4567-e89b-12d3-a456-426614174000"};

// Lines that a template fits, or nearly.
void fill(const Plan &plan, const Reader &reader, const RiskList &risk_list, Constants &constants) {
    std::vector<Template> templates(1 + below(3));
    for (Template &each : templates) {
        const size_t values = 1 + below(5), numbers = 1 + below(std::min<size_t>(values, Template::MOST_NUMBERS));
        for (size_t at = 0; at <= values; at++) {
            each.asked.push_back(below(9) ? at == values ? "\"}" : "{\"to\":\"" : made_up());
            each.answered.push_back(made_up());
        }
        for (size_t at = 0; at < values; at++) each.kinds.push_back(static_cast<ValueKind>(below(5)));
        each.number_at.assign(values, -1);
        for (size_t at = 0; at < numbers; at++) {
            each.numbers.push_back(values - 1 - at);
            each.number_at[values - 1 - at] = static_cast<int>(at);
            each.keys.push_back(made_up());
        }
        each.sign = below(2) ? "+" : "";
        each.groups.assign(static_cast<size_t>(plan.records()) * Template::MOST_NUMBERS * VERDICTS, Template::NO_GROUP);
    }
    std::string content;
    for (size_t lines = below(30); lines; lines--) {
        const Template &each = templates[below(templates.size())];
        for (size_t at = 0; at < each.asked.size(); at++) content += each.asked[at] + (at == each.kinds.size() ? "\n" : below(9) ? VALUES[below(VALUES.size())] : made_up());
    }
    const Exact block(content);
    Filling filling(plan, reader, risk_list, constants, templates, static_cast<int>(below(static_cast<size_t>(plan.regions()) + 2)) - 2);
    Buffer buffer;
    buffer.grow(filling);
    for (Filled stop; (stop = filling.run(block.bytes.get(), block.size)) != Filled::DONE;) {
        if (stop == Filled::FULL) buffer.grow(filling);
        if (stop == Filled::CONSTANT) constants.add(filling.record, filling.verdict, made_up(), made_up(), made_up());
        if (stop == Filled::GROUP) templates[filling.place].group(filling.number, filling.record, filling.verdict) = static_cast<uint16_t>(below(3));
        if (stop == Filled::HEAD) templates[filling.place].add_head(filling.head, made_up());
    }
}

// Records that are some, or nearly, behind rows that may be fewer or more.
void render() {
    std::string records, rows;
    for (size_t count = below(8); count; count--) {
        records += "{\"phone_number\":\"" + (below(3) ? PIECES[below(PIECES.size())] : made_up()) + "\",\"is_valid\":" + (below(2) ? "true" : "null");
        records += below(9) ? std::string("}\n") : made_up();
        rows += (below(4) ? PIECES[below(PIECES.size())] + ",b" : made_up()) + (below(9) ? "\r\n" : "");
    }
    const Exact given(records), own(rows);
    Rendering rendering(given.bytes.get(), given.size, below(3) ? own.bytes.get() : nullptr, own.size, ",;\t|"[below(4)], 1 + below(4), made_up());
    Buffer buffer;
    buffer.grow(rendering);
    while (rendering.run() == Rendered::FULL) buffer.grow(rendering);
}

// Rows grouped by what they have in common, as a map groups them.
void group() {
    Groups groups;
    std::map<std::tuple<int, size_t, size_t>, int> known;
    std::vector<size_t> sizes;
    const size_t records = 1 + below(2000), far = below(2) ? 1 : size_t{1} << (40 + below(20));
    for (size_t rows = below(5000); rows; rows--) {
        const std::tuple<int, size_t, size_t> row(static_cast<int>(below(records)) - 1, below(4) * far, below(40) * 16 * far);
        const auto [place, is_new] = known.emplace(row, static_cast<int>(sizes.size()));
        if (is_new) sizes.push_back(0);
        sizes[static_cast<size_t>(place->second)]++;
        if (groups.place(std::get<0>(row), std::get<1>(row), std::get<2>(row)) != place->second) abort();
    }
    if (groups.size() != known.size() || groups.sizes() != sizes) abort();
}

// Columns of numbers, as a map and a string stream have them.
void columns() {
    Distinct distinct;
    std::map<uint64_t, int> known = {{0, Distinct::NOWHERE}};
    std::string expected;
    const std::string beginning = made_up();
    const size_t rows = below(500), far = size_t{1} << below(64);
    Exact written(std::string(rows * room_of_bulk_string(beginning.size()), '-'));
    char *begin = written.bytes.get(), *at = begin;
    for (size_t row = 0; row < rows; row++) {
        const uint64_t number = below(9) ? below(300) * far : ~uint64_t{0};
        const int place = known.emplace(number, static_cast<int>(known.size()) - 1).first->second;
        if (distinct.place(number) != place) abort();
        const std::string name = beginning + std::to_string(number);
        expected += "$" + std::to_string(name.size()) + "\r\n" + name + "\r\n";
        at = write_bulk_string(at, beginning.data(), beginning.size(), number);
    }
    if (distinct.numbers.size() != known.size() - 1 || std::string(begin, at) != expected) abort();
}

uint32_t number_in(const std::string &content, size_t at) {
    uint32_t number;
    memcpy(&number, content.data() + at, sizeof number);
    return number;
}

// Some place in some section of a plan file, set to what is at a limit or beyond it; what walks, rewrites and formats
// numbers has its turn more often than what is only text.
void damage_item(std::string &content) {
    enum : size_t { HEADER = 24, ENTRY = 12, NODES = 3, PIECES = 10, SECTIONS = 13 };
    static constexpr uint32_t LIMITS[] = {0, 1, 2, 3, 9, 10, 19, 20, 31, 32, 33, 43, 44, 45, 63, 64, 127, 128, 255, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF};
    const size_t section = below(8) ? NODES + below(PIECES - NODES + 1) : 1 + below(SECTIONS);
    const size_t entry = HEADER + (section - 1) * ENTRY;
    const size_t begin = number_in(content, entry + 4);
    const size_t end = section == SECTIONS ? content.size() : number_in(content, entry + ENTRY + 4);
    const size_t size = size_t{1} << below(3);
    if (end > content.size() || begin + size > end) return;
    const size_t at = begin + below((end - begin) / size) * size;
    const uint32_t value = below(2) ? LIMITS[below(std::size(LIMITS))] : static_cast<uint32_t>(chance());
    memcpy(&content[at], &value, size);
}

std::string read_file(const char *path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

int main(int, char **arguments) {
    const std::string content = read_file(arguments[1]);
    const int records = atoi(arguments[2]), reason_count = atoi(arguments[3]);
    Reasons reasons{SLOW, SLOW};
    std::stringstream names(arguments[4]);
    for (size_t at = 2; at < reasons.size(); at++, names.ignore()) names >> reasons[at];
    chance.seed(static_cast<uint64_t>(atoll(arguments[5])));
    const int thread_count = atoi(arguments[7]);
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(atoi(arguments[6]));

    RiskList risk_list;
    for (const char *prefix : {"44", "4420", "1", "62812"}) risk_list.add(prefix, strlen(prefix), below(2));
    long rounds = 0, refused = 0, harmless = 0;
    for (; std::chrono::steady_clock::now() < end; rounds++) {
        std::string damaged = content;
        if (below(2))
            for (size_t items = 1 + below(6); items; items--) damage_item(damaged);
        else if (below(2))
            for (size_t bytes = 1 + below(4); bytes; bytes--) damaged[below(3) ? below(damaged.size()) : 24 + below(160)] = static_cast<char>(below(256));
        // Aligned as a mapped file is.
        const size_t size = below(20) ? damaged.size() : below(damaged.size());
        std::unique_ptr<uint64_t[]> mapped(new uint64_t[size / 8 + 1]);
        memcpy(mapped.get(), damaged.data(), size);
        Plan plan;
        if (!plan.open(reinterpret_cast<const uint8_t *>(mapped.get()), size, records, reason_count).empty()) {
            refused++;
            continue;
        }
        harmless += damaged != content;
        const Reader reader(plan, reasons, below(10) != 0);
        Constants constants(plan.records(), made_up());
        std::vector<std::thread> threads;
        for (int thread = 0; thread < thread_count; thread++)
            threads.emplace_back([&, seed = chance()] {
                chance.seed(seed);
                read_blocks(plan, reader, risk_list, constants);
                for (int times = 0; times < 20; times++) render();
                for (int times = 0; times < 20; times++) fill(plan, reader, risk_list, constants);
                group();
                columns();
            });
        for (std::thread &thread : threads) thread.join();
    }
    printf("%ld rounds, %ld damaged plans refused, %ld harmless\n", rounds, refused, harmless);
}
