#pragma once
// The real detector driven by a script of events on one thread, without compiler or runtime: goroutines are only names.

#include <cstdint>
#include <deque>

#include "detector/shadow/access_record.hpp"
#include "runtime/hooks/event_sink.hpp"

namespace ravel::test {

class scripted_detector {
 public:
  scripted_detector();   // starts the detector's tables once per process
  ~scripted_detector();  // ends all goroutines

  int go(int parent);    // -1: a goroutine without parent
  void end(int g);

  void acquire(int g, int object);
  void release(int g, int object);
  void release_merge(int g, int object);
  void exchange(int g, int object);
  void rendezvous(int a, int b);
  void handoff(int from, int to);
  void retaken(int g, int object);
  void forget(int object);

  // As instrumented code does it: the inline check, then the cold entry point. True when this access raced with an earlier one.
  bool access(int g, std::uintptr_t address, std::size_t size, bool write);
  bool atomic(int g, std::uintptr_t address, std::uint32_t size, std::uint32_t kind, std::uint32_t order);
  void fence(int g, std::uint32_t order);
  void annotate_release(int g, std::uintptr_t address);
  void reset(std::uintptr_t address, std::size_t size);

  bool read(int g, const void* p, std::size_t n = 4) { return access(g, reinterpret_cast<std::uintptr_t>(p), n, false); }
  bool write(int g, const void* p, std::size_t n = 4) { return access(g, reinterpret_cast<std::uintptr_t>(p), n, true); }
  bool read(int g, std::uintptr_t p, std::size_t n = 4) { return access(g, p, n, false); }
  bool write(int g, std::uintptr_t p, std::size_t n = 4) { return access(g, p, n, true); }

  std::uintptr_t memory() const { return memory_; }  // 4 KB, 256-aligned, no past

  hooks::goroutine_view& run(int g);  // from now on g runs on this thread

 private:
  hooks::sync_object& object(int o);

  std::deque<hooks::goroutine_view> goroutines_;
  std::deque<hooks::sync_object> objects_;
  std::uintptr_t memory_;
};

}  // namespace ravel::test
