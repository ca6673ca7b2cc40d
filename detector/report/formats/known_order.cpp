#include "detector/report/formats/known_order.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "detector/report/names.hpp"
#include "detector/report/words.hpp"

namespace ravel::detector::report {

namespace {

std::string says(const access& a) {
  std::string text = name_of(a.kind);
  std::replace(text.begin(), text.end(), '_', ' ');
  if (!a.variable.empty()) return text + " of " + a.variable;
  return a.size == 0 ? text : text + " of " + bytes(a.size);
}

class builder {
 public:
  // Creators that are in no finding themselves have a number and a column too.
  void add(const goroutine& g) {
    known_[g.id] = g;
    if (g.created_by != 0) known_.try_emplace(g.created_by, goroutine{g.created_by, "", true, 0, {}});
  }

  void start() {
    for (const auto& [id, g] : known_) {
      numbers_[id] = h_.goroutines.size() + 1;
      h_.goroutines.push_back(g);
    }
    for (const auto& [id, g] : known_) start(id);
  }

  void heard(std::uint64_t by, std::uint64_t of, const known_order& last) {
    if (last.did.empty()) return;
    step(of, last.did, last.at);
    between(schedule_step::type::woken, by, of);
  }

  // Which step it is, counted from 1.
  std::size_t act(std::uint64_t id, const std::vector<held_lock>& locks, const std::string& what, const stack& at) {
    for (const held_lock& l : locks) {
      step(id, l.shared ? "rw_rlock" : "mutex_lock", l.acquired_at);
      h_.steps.back().objects = {object(l)};
      h_.steps.back().writes = !l.shared;
    }
    step(id, what, at);
    return h_.steps.size();
  }

  schedule h_;

 private:
  // After its creator, whose number need not be lower.
  void start(std::uint64_t id) {
    const goroutine& g = known_[id];
    if (!started_.insert(id).second || g.created_by == 0) return;
    start(g.created_by);
    step(g.created_by, "spawn", g.created_at);
    between(schedule_step::type::created, id, g.created_by);
  }
  void step(std::uint64_t id, const std::string& operation, const stack& at) {
    schedule_step& s = h_.steps.emplace_back();
    s.goroutine = numbers_[id];
    s.operation = operation;
    if (const frame* own = own_frame(at)) s.at = *own;
  }
  void between(schedule_step::type is, std::uint64_t who, std::uint64_t other) {
    schedule_step& s = h_.steps.emplace_back();
    s.is = is;
    s.goroutine = numbers_[who];
    s.other = numbers_[other];
  }
  std::uint32_t object(const held_lock& l) {
    const auto at = std::find_if(h_.objects.begin(), h_.objects.end(), [&](const schedule_object& o) { return o.address == l.address; });
    if (at != h_.objects.end()) return static_cast<std::uint32_t>(at - h_.objects.begin() + 1);
    h_.objects.push_back({l.kind, l.address, 0});
    return static_cast<std::uint32_t>(h_.objects.size());
  }

  std::map<std::uint64_t, goroutine> known_;  // by id
  std::set<std::uint64_t> started_;
  std::map<std::uint64_t, std::uint64_t> numbers_;
};

}  // namespace

schedule known_order_of(const finding& f) {
  builder b;
  if (f.kind == finding_kind::race) {
    const race& r = f.data_race;
    b.add(r.previous.by);
    b.add(r.current.by);
    b.start();
    b.heard(r.current.by.id, r.previous.by.id, r.last_known);
    b.h_.previous_at = b.act(r.previous.by.id, r.previous.locks, says(r.previous), r.previous.at);
    b.h_.current_at = b.act(r.current.by.id, r.current.locks, says(r.current), r.current.at);
    return b.h_;
  }
  for (const party& p : f.wrong.parties) b.add(p.who);
  b.start();
  for (const party& p : f.wrong.parties) b.act(p.who.id, p.locks, p.doing, p.at);
  return b.h_;
}

}  // namespace ravel::detector::report
