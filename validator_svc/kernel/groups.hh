// Rows that have everything in common but their numbers.
#pragma once

#include <cstddef>
#include <vector>

namespace kernel {

// Numbers groups in the order in which they come up.
class Groups {
  public:
    // The group of a row with this record, and these two things that are known by where they are.
    int place(int record, size_t verdict, size_t answer) {
        if (2 * groups_.size() >= places_.size()) grow();
        int &place = find(record, verdict, answer);
        if (place == FREE) {
            place = static_cast<int>(groups_.size());
            groups_.push_back({record, verdict, answer});
            sizes_.push_back(0);
        }
        sizes_[static_cast<size_t>(place)]++;
        return place;
    }

    size_t size() const { return groups_.size(); }
    const std::vector<size_t> &sizes() const { return sizes_; }

  private:
    enum : int { FREE = -1, FIRST_ROOM = 64 };

    struct Group {
        int record;
        size_t verdict, answer;
    };

    // Where the group stands, or is to stand.
    int &find(int record, size_t verdict, size_t answer) {
        const size_t mask = places_.size() - 1;
        size_t at = ((answer + verdict) * 0x9E3779B97F4A7C15u + static_cast<size_t>(record)) * 0x9E3779B97F4A7C15u >> 32 & mask;
        for (;; at = (at + 1) & mask) {
            if (places_[at] == FREE) return places_[at];
            const Group &group = groups_[static_cast<size_t>(places_[at])];
            if (group.record == record && group.verdict == verdict && group.answer == answer) return places_[at];
        }
    }

    void grow() {
        places_.assign(places_.empty() ? size_t{FIRST_ROOM} : 2 * places_.size(), FREE);
        for (size_t group = 0; group < groups_.size(); group++)
            find(groups_[group].record, groups_[group].verdict, groups_[group].answer) = static_cast<int>(group);
    }

    std::vector<Group> groups_;
    std::vector<size_t> sizes_;
    std::vector<int> places_;
};

}  // namespace kernel
