// Reads a recording back: rows of entries out of the chunks, put together by goroutine.

#include "detector/record/read_record.hpp"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <unordered_map>

namespace ravel::detector::record {

namespace {

constexpr const char* record_again = "; record it again with RAVEL_OPTIONS=record=FILE";

[[noreturn]] void bad(const std::string& path, const std::string& what) { throw std::invalid_argument(path + ": " + what); }

struct operation {
  hooks::op what;
  std::uint8_t outcome;
  std::uint64_t stamp;
};

// What one thread wrote of one goroutine without a break.
struct row {
  std::uint64_t goroutine, first, resumed_at;  // `first`: operations it had done
  std::vector<operation> operations;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> looks;  // before which operation of the goroutine, how many
};

struct birth {
  std::uint64_t parent, operation, child;      // by_timer: no parent, and its stamp in `operation`
};

class reader {
 public:
  reader(const std::string& path, recording& out) : path_(path), out_(out) {}

  void chunk(const std::uint8_t* at, const std::uint8_t* end) {
    at_ = at;
    end_ = end;
    std::size_t present = none;                // index of the row
    std::uint64_t stamp = 0;
    while (at_ < end_ && *at_ != 0) {
      const std::uint8_t first = *at_++;
      if (first == control_byte) {
        read_control(present, stamp);
        continue;
      }
      const std::uint8_t outcome = (first & has_outcome) != 0 ? byte() : 0;
      const std::uint8_t more = (first & has_more) != 0 ? byte() : 0;
      const std::uint64_t jump = bytes(more & 7);
      const int what = (first & op_bits) - 1;
      if (what < 0 || what >= static_cast<int>(hooks::op::end) || present == none) bad(path_, std::string("is damaged") + record_again);
      looks_of_last_ = more >> 3;
      add_looks(rows_[present], looks_of_last_);
      stamp += jump + 1;
      rows_[present].operations.push_back({static_cast<hooks::op>(what), outcome, stamp});
    }
  }

  void put_together() {
    std::sort(rows_.begin(), rows_.end(), [](const row& a, const row& b) {
      return a.goroutine != b.goroutine ? a.goroutine < b.goroutine : a.first != b.first ? a.first < b.first : a.resumed_at < b.resumed_at;
    });
    for (row& r : rows_) add(r);
    std::sort(births_.begin(), births_.end(), [](const birth& a, const birth& b) { return a.operation < b.operation; });
    std::unordered_map<std::uint64_t, std::uint32_t> children;
    for (const birth& b : births_) {
      const auto known = index_.find(b.child);
      const std::uint32_t nth = children[b.parent]++;
      if (known == index_.end()) continue;     // it never ran
      recorded_goroutine& g = out_.goroutines[known->second];
      g.parent = b.parent;
      g.by_timer = b.parent == 0;
      g.nth = nth;
    }
    for (auto& [timer, stamps] : out_.fired) std::sort(stamps.begin(), stamps.end());
  }

 private:
  static constexpr std::size_t none = ~std::size_t{0};

  void read_control(std::size_t& present, std::uint64_t& stamp) {
    switch (static_cast<control>(byte())) {
      case control::switched: {
        const std::uint64_t goroutine = number(), done = number();
        stamp = number();
        present = rows_.size();
        rows_.push_back({goroutine, done, stamp, {}, {}});
        return;
      }
      case control::created: {
        const std::uint64_t child = number();
        if (present == none) break;
        births_.push_back({rows_[present].goroutine, rows_[present].first + rows_[present].operations.size(), child});
        return;
      }
      case control::created_by_timer: {
        const std::uint64_t child = number();
        births_.push_back({0, number(), child});
        return;
      }
      case control::fired: {
        const std::uint64_t goroutine = number(), done = number();
        out_.fired[{goroutine, done}].push_back(number());
        return;
      }
      case control::looks: {
        const std::uint64_t n = number();
        if (present == none) break;
        add_looks(rows_[present], n);
        return;
      }
      case control::repeats: {
        const std::uint64_t n = bytes(4);
        if (present == none || rows_[present].operations.empty()) break;
        for (std::uint64_t i = 0; i < n; ++i) {
          row& r = rows_[present];
          add_looks(r, looks_of_last_);
          r.operations.push_back({r.operations.back().what, r.operations.back().outcome, ++stamp});
        }
        return;
      }
      case control::returned: out_.main_returned = number(); return;
    }
    bad(path_, std::string("is damaged") + record_again);
  }

  static void add_looks(row& r, std::uint64_t n) {
    if (n != 0) r.looks.emplace_back(r.first + r.operations.size(), n);
  }

  // Each row begins where the one before it ends, or it says only that the goroutine was resumed. Behind a gap nothing is known.
  void add(const row& r) {
    const auto [known, is_new] = index_.try_emplace(r.goroutine, out_.goroutines.size());
    if (is_new) out_.goroutines.emplace_back().id = r.goroutine;
    recorded_goroutine& g = out_.goroutines[known->second];
    if (r.first != g.what.size()) return;
    g.resumed.push_back({r.first, r.resumed_at});
    for (const operation& o : r.operations) {
      g.what.push_back(o.what);
      g.outcome.push_back(o.outcome);
      g.stamp.push_back(o.stamp);
    }
    for (const auto& [before, n] : r.looks) {
      if (!g.looks.empty() && g.looks.back().first == before) g.looks.back().second += n;
      else g.looks.emplace_back(before, n);
    }
    out_.operations += r.operations.size();
  }

  std::uint8_t byte() {
    if (at_ == end_) bad(path_, std::string("is damaged") + record_again);
    return *at_++;
  }
  std::uint64_t bytes(int count) {
    std::uint64_t n = 0;
    for (int i = 0; i < count; ++i) n |= std::uint64_t{byte()} << (8 * i);
    return n;
  }
  std::uint64_t number() {
    std::uint64_t n = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const std::uint8_t b = byte();
      n |= std::uint64_t{b & 0x7Fu} << shift;
      if ((b & 0x80) == 0) return n;
    }
    bad(path_, std::string("is damaged") + record_again);
  }

  const std::string& path_;
  recording& out_;
  std::uint64_t looks_of_last_ = 0;
  const std::uint8_t *at_ = nullptr, *end_ = nullptr;
  std::vector<row> rows_;
  std::vector<birth> births_;
  std::unordered_map<std::uint64_t, std::size_t> index_;
};

}  // namespace

recording read_recording(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) bad(path, "cannot be read; give the FILE of RAVEL_OPTIONS=record=FILE");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  if (text.empty()) bad(path, std::string("is empty") + record_again);
  if (text.size() < sizeof magic || std::memcmp(text.data(), magic, sizeof magic) != 0) {
    bad(path, "is no recording; give the FILE of RAVEL_OPTIONS=record=FILE, or a line that begins with 'r1:' or 'r2:'");
  }
  if (text.size() < head_size) bad(path, std::string("is truncated; copy it whole, or") + (record_again + 1));
  file_head head;
  std::memcpy(&head, text.data(), sizeof head);
  if (head.version != version) {
    bad(path, "has version " + std::to_string(head.version) + " of recordings, this program was built by a Ravel for version " + std::to_string(version) +
                  "; build and record it again with one Ravel");
  }
  if ((text.size() - head_size) / chunk_size < head.chunks) bad(path, std::string("is truncated; copy it whole, or") + (record_again + 1));
  recording out;
  head.program[sizeof head.program - 1] = '\0';
  out.program = head.program;
  out.program_hash = head.program_hash;
  out.ended = head.ended != 0;
  out.threads = head.threads != 0;
  out.out_of_space = head.out_of_space != 0;
  out.findings = head.findings;
  for (std::size_t i = 0; i < std::min<std::size_t>(head.findings, kept_findings); ++i) out.noted.push_back(head.noted[i]);
  reader r(path, out);
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  for (std::uint64_t i = 0; i < head.chunks; ++i) {
    const std::uint8_t* at = bytes + head_size + i * chunk_size;
    r.chunk(at, at + chunk_size);
  }
  r.put_together();
  if (out.goroutines.empty() && out.threads) bad(path, "holds nothing: the program makes threads of its own (std::thread), which a controlled schedule cannot repeat; use goroutines, or a debugger on the race itself: RAVEL_OPTIONS=halt_on_error=1");
  if (out.goroutines.empty()) bad(path, std::string("holds nothing: the program ended before main, or made threads of its own first") + record_again);
  return out;
}

}  // namespace ravel::detector::record
