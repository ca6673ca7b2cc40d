// A schedule in a process of its own: for whole programs, which exit, crash and change globals.
//
// Invariants: the copy is made before the runtime has made any thread. It writes what happens to memory that both processes see, step by step, so
// that a schedule whose process dies is known up to its last step. Only this process reads it, after the copy's end. Addresses are those of this
// process, so strategies learn of objects across copies.

#include "detector/explore/own_process.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <system_error>

#include "detector/explore/numbers.hpp"
#include "detector/report/print_json.hpp"
#include "detector/report/read_json.hpp"
#include "runtime/hooks/access_points.hpp"
#include "runtime/hooks/services.hpp"

namespace ravel::detector::explore {

namespace {

[[noreturn]] void failed(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

void* shared_memory(std::size_t size) {
  void* p = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED) failed("ravel explore: no memory to share with the processes of schedules");
  return p;
}

// A list that one process writes and another reads. Pages that were never written cost nothing.
template <class T>
class shared_list {
 public:
  explicit shared_list(std::size_t most) : most_(most), at_(static_cast<T*>(shared_memory(most * sizeof(T)))) {}
  void put(const std::vector<T>& all, std::size_t& known) {
    const std::size_t upto = std::min(all.size(), most_);
    if (upto > known) std::memcpy(static_cast<void*>(at_ + known), all.data() + known, (upto - known) * sizeof(T));
    known = upto;
  }
  void get(std::vector<T>& out, std::size_t count) const { out.assign(at_, at_ + count); }

 private:
  std::size_t most_;
  T* at_;
};

constexpr std::size_t most_text = 4 << 20;

struct head {
  std::size_t events, enabled, objects, deviations, taken, noted, text;
  std::uint64_t steps;
  std::uint32_t goroutines;
  hooks::ending how;
  bool over, given_up, cut, stopped;
  std::size_t raced;                                            // places
  const void* places[hooks::access_points::most];
};

struct shared {
  head* now = static_cast<head*>(shared_memory(sizeof(head)));
  shared_list<event> events{1 << 23};
  shared_list<std::uint32_t> enabled{1 << 26};
  shared_list<const void*> objects{1 << 22};
  shared_list<deviation> deviations{1 << 22};
  shared_list<taken_step> taken{1 << 22};
  shared_list<std::uint32_t> noted{1 << 26};
  char* text = static_cast<char*>(shared_memory(most_text));
  int output = ::memfd_create("ravel schedule output", MFD_CLOEXEC);
};

shared& both() {
  static shared& s = *new shared;
  return s;
}

bool output_goes_through = false;

// Copies ask what is at an address; the tables for the answer are read here, once, and not in each of them.
void read_symbols() {
  static const int read = (hooks::symbolize(reinterpret_cast<std::uintptr_t>(&execute), nullptr, [](void*, const hooks::source_frame&) {}), 0);
  (void)read;
}

class text_writer {
 public:
  void put(const std::string& s) {
    const std::size_t room = most_text - at_;
    if (room < sizeof(std::uint32_t)) return;
    const auto n = static_cast<std::uint32_t>(std::min(s.size(), room - sizeof(std::uint32_t)));
    std::memcpy(both().text + at_, &n, sizeof n);
    std::memcpy(both().text + at_ + sizeof n, s.data(), n);
    both().now->text = at_ += sizeof n + n;
  }

 private:
  std::size_t at_ = 0;
};

class text_reader {
 public:
  bool more() const { return at_ < both().now->text; }
  std::string get() {
    if (!more()) return {};
    std::uint32_t n = 0;
    std::memcpy(&n, both().text + at_, sizeof n);
    std::string s(both().text + at_ + sizeof n, n);
    at_ += sizeof n + n;
    return s;
  }

 private:
  std::size_t at_ = 0;
};

class recorder final : public witness {
 public:
  explicit recorder(bool of_replay) : of_replay_(of_replay) {}

  void saw(const execution& e, const strategy& by) override {
    shared& s = both();
    s.events.put(e.happened.events, s.now->events);
    s.enabled.put(e.happened.enabled, s.now->enabled);
    s.objects.put(e.happened.objects, s.now->objects);
    s.deviations.put(e.deviations, s.now->deviations);
    s.taken.put(e.taken, s.now->taken);
    s.now->goroutines = e.happened.goroutines;
    if (of_replay_) note(by);  // which deviations fitted is wanted of a crash too
  }

  [[noreturn]] void over(const execution& e, const strategy& by) override {
    saw(e, by);
    note(by);
    head& h = *both().now;
    h.how = e.happened.result.how;
    h.steps = e.happened.result.steps;
    h.given_up = e.given_up;
    h.cut = e.cut;
    h.stopped = e.stopped;
    const auto& p = hooks::points_at_accesses;
    std::copy(p.raced, p.raced + p.noted, h.places);
    h.raced = p.noted;
    text_writer out;
    out.put(e.happened.result.message);
    out.put(e.unsupported);
    for (const found& f : e.failures) {
      out.put(std::string(1, static_cast<char>(f.kind)));
      out.put(f.message);
      out.put(f.key);
      out.put(f.report);
      out.put(f.report.empty() ? std::string() : report::print_json(f.what));
    }
    h.over = true;
    std::fflush(nullptr);
    ::_exit(0);
  }

 private:
  void note(const strategy& by) {
    noted_.clear();
    by.remember(noted_);
    both().now->noted = 0;
    both().noted.put(noted_, both().now->noted);
  }

  bool of_replay_;
  std::vector<std::uint32_t> noted_;
};

[[noreturn]] void run_copy(const terms& t, strategy& s, const wishes& w, execution& out) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::signal(SIGINT, SIG_IGN);  // the parent ends this process then
  if (!output_goes_through) {
    const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    ::dup2(nothing, 0);
    ::dup2(both().output, 1);
    ::dup2(both().output, 2);
  }
  ::on_exit([](int status, void*) { ended_by_exit(status); }, nullptr);
  auto* records = new recorder(w.names);  // never destroyed: the handler of exit above runs after the destructors of statics made here
  execute_here(t, s, w, out, records);
  ::_exit(0);
}

std::int64_t milliseconds() {
  timespec t{};
  ::clock_gettime(CLOCK_MONOTONIC, &t);
  return std::int64_t{t.tv_sec} * 1000 + t.tv_nsec / 1'000'000;
}

enum class waited : std::uint8_t { ended, too_long, interrupted };

// Kills the process where it does not end by itself.
waited wait_for(pid_t copy, std::int64_t limit_ms, int& status) {
  const auto handle = static_cast<int>(::syscall(SYS_pidfd_open, copy, 0));
  const std::int64_t end = milliseconds() + limit_ms;
  waited how = waited::ended;
  for (;;) {
    if (interrupted.load(std::memory_order_relaxed) || (exploration_ends > 0 && real_seconds() > exploration_ends)) how = waited::interrupted;
    std::int64_t left = end - milliseconds();
    if (left <= 0) how = waited::too_long;
    if (how != waited::ended) break;
    if (exploration_ends > 0) left = std::min(left, std::max<std::int64_t>(1, static_cast<std::int64_t>((exploration_ends - real_seconds()) * 1000)));
    pollfd p{handle, POLLIN, 0};
    if (handle < 0) ::usleep(200);  // a kernel without pidfd_open
    else ::poll(&p, 1, static_cast<int>(left));
    if (::waitpid(copy, &status, WNOHANG) == copy) break;
  }
  if (how != waited::ended) {
    ::kill(copy, SIGKILL);
    while (::waitpid(copy, &status, 0) < 0 && errno == EINTR) {}
  }
  if (handle >= 0) ::close(handle);
  return how;
}

std::string last_output() {
  constexpr off_t most = 4000;
  const off_t size = ::lseek(both().output, 0, SEEK_END);
  if (size <= 0) return {};
  std::string text(static_cast<std::size_t>(std::min(size, most)), '\0');
  const ssize_t n = ::pread(both().output, text.data(), text.size(), std::max<off_t>(0, size - most));
  text.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
  return text;
}

// Who was running when the process was last heard of.
std::string last_step(const execution& e) {
  for (std::size_t i = e.happened.events.size(); i-- > 0;) {
    const event& last = e.happened.events[i];
    if (last.is == event::type::step) return "goroutine " + std::to_string(last.who + 1) + ", after step " + with_commas(e.happened.result.steps);
  }
  return "its start";
}

// As data: what the copy wrote. Where it wrote none, or there was no room for all of it, kind and title are known.
report::finding finding_of(const found& f, const std::string& written = {}) {
  std::istringstream line(written + "\n");
  try {
    report::report_file file = report::read_json(line, "a schedule");
    if (!file.findings.empty()) {
      file.findings.front().number = 0;
      return std::move(file.findings.front());
    }
  } catch (const report::unreadable&) {
  }
  report::finding known;
  known.kind = finding_kind_of(f.kind);
  known.wrong.title = f.message;
  return known;
}

void add_death(const wishes& w, execution& out, enum api::kind kind, const std::string& how) {
  out.lost = true;
  found f{kind, how, how, {}, {}};
  if (w.reports) {
    f.report = how + "\nlast seen: " + last_step(out);
    if (const std::string said = last_output(); !said.empty()) f.report += "\nlast output:\n" + said;
  }
  f.what = finding_of(f);
  out.failures.push_back(std::move(f));
}

void take_over(execution& out, strategy& s) {
  const shared& from = both();
  const head& h = *from.now;
  from.events.get(out.happened.events, h.events);
  from.enabled.get(out.happened.enabled, h.enabled);
  from.objects.get(out.happened.objects, h.objects);
  from.deviations.get(out.deviations, h.deviations);
  from.taken.get(out.taken, h.taken);
  out.happened.goroutines = h.goroutines;
  out.happened.result.steps = h.over ? h.steps : 0;
  std::vector<std::uint32_t> noted;
  from.noted.get(noted, h.noted);
  s.recall(noted);
  for (std::size_t i = 0; i < h.raced; ++i) hooks::points_at_accesses.note(h.places[i]);
  if (!h.over) {
    for (const event& e : out.happened.events) out.happened.result.steps += e.is == event::type::step;
    return;
  }
  out.given_up = h.given_up;
  out.cut = h.cut;
  out.stopped = h.stopped;
  out.happened.result.how = h.how;
  text_reader in;
  out.happened.result.message = in.get();
  out.unsupported = in.get();
  while (in.more()) {
    found f;
    f.kind = static_cast<enum api::kind>(in.get()[0]);
    f.message = in.get();
    f.key = in.get();
    f.report = in.get();
    f.what = finding_of(f, in.get());
    out.failures.push_back(std::move(f));
  }
}

}  // namespace

void let_output_through() { output_goes_through = true; }

bool can_be_copied() {
  DIR* tasks = ::opendir("/proc/self/task");
  if (tasks == nullptr) return true;
  int threads = 0;
  while (const dirent* d = ::readdir(tasks)) threads += d->d_name[0] != '.';
  ::closedir(tasks);
  return threads == 1;
}

void execute_in_own_process(const terms& t, strategy& s, const wishes& w, execution& out) {
  clear(out);
  if (w.names) read_symbols();
  shared& m = both();
  *m.now = {};
  if (::ftruncate(m.output, 0) != 0) failed("ravel explore: cannot keep the output of schedules");
  ::lseek(m.output, 0, SEEK_SET);
  std::fflush(nullptr);
  const pid_t copy = ::fork();
  if (copy < 0) failed("ravel explore: cannot start a process for a schedule");
  if (copy == 0) run_copy(t, s, w, out);
  int status = 0;
  const waited how = wait_for(copy, t.limits.nanoseconds / 1'000'000, status);
  take_over(out, s);
  if (how == waited::interrupted) {
    out.stopped = true;
    out.lost = !m.now->over;
  } else if (m.now->over) {
    return;
  } else if (how == waited::too_long) {
    add_death(w, out, api::kind::livelock, "livelock: the schedule did not end within " + std::to_string(t.limits.nanoseconds / 1'000'000'000) +
                                               " seconds of real time; it waits where schedules are not controlled, or computes on and on");
  } else if (WIFSIGNALED(status)) {
    add_death(w, out, api::kind::panic, std::string("the program was killed by signal ") + std::to_string(WTERMSIG(status)) + " (" +
                                            ::strsignal(WTERMSIG(status)) + ")");
  } else if (WEXITSTATUS(status) != 0) {
    add_death(w, out, api::kind::panic, "the program ended at once (_exit or a fatal error) with status " + std::to_string(WEXITSTATUS(status)));
  } else {
    out.lost = true;  // _exit(0): nothing is wrong, and nothing more known
  }
}

}  // namespace ravel::detector::explore
