// Exceptions that several threads hold by std::exception_ptr. Their reference counts are libstdc++'s and not instrumented: letting go of an
// exception happens before its destruction, by whoever lets go last.
//
// The destructor is known when an exception is made, and only there: so each exception gets ours, which first learns from all who let go.
// Weak, so that a program with libstdc++ linked into it has that one's functions, and orders of this kind are not seen.

#include <cxxabi.h>
#include <dlfcn.h>

#include <exception>
#include <new>
#include <typeinfo>

#include "detector/base/object_pool.hpp"
#include "detector/race/interposed/libc_functions.hpp"
#include "detector/race/interposed/observed.hpp"

namespace ravel::detector {

namespace {

using destructor = void (*)(void*);

struct live_exception {
  void* object;
  destructor destroy;  // null: trivial
  live_exception* next;
};

constexpr std::size_t buckets = 256;
struct bucket { spin_lock lock; live_exception* first; };
constinit bucket table[buckets]{};
bucket& bucket_of(const void* object) { return table[(reinterpret_cast<std::uintptr_t>(object) >> 4) * 0x9E3779B97F4A7C15ull >> 56]; }

void remember(void* object, destructor destroy) {
  const inside_detector guard;
  bucket& b = bucket_of(object);
  locked hold(b.lock);
  b.first = ::new (object_pool<live_exception>::allocate()) live_exception{object, destroy, b.first};
}

destructor take_destructor(void* object) {
  const inside_detector guard;
  bucket& b = bucket_of(object);
  locked hold(b.lock);
  live_exception** at = &b.first;
  while (*at != nullptr && (*at)->object != object) at = &(*at)->next;
  RAVEL_INVARIANT(*at != nullptr);
  live_exception* e = *at;
  const destructor destroy = e->destroy;
  *at = e->next;
  object_pool<live_exception>::free(e);
  return destroy;
}

void destroy_exception(void* object) {
  const destructor destroy = take_destructor(object);
  if (observed()) acquire_from(object);
  if (destroy != nullptr) destroy(object);
}

void lets_go(const void* object, const void* frame) {
  if (object != nullptr && observed()) merge_into(object, hooks::operation::exception_release, frame);
}

// The object that the innermost handler has caught; null for a foreign exception.
const void* caught_object() {
  const inside_detector guard;
  const std::exception_ptr e = std::current_exception();
  return *reinterpret_cast<void* const*>(&e);
}

// One pointer, as in libstdc++'s own exception_ptr.
static_assert(sizeof(std::exception_ptr) == sizeof(void*));

template <class Function>
Function* next_definition(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

struct cxx_functions {
  void (*throw_it)(void*, void*, destructor);
  void* (*init_primary)(void*, std::type_info*, destructor);
  void (*end_catch)();
  void (*release)(void*);
};
constinit cxx_functions cxx{};

}  // namespace

void find_exception_functions() {
  cxx.throw_it = next_definition<void(void*, void*, destructor)>("__cxa_throw");
  cxx.init_primary = next_definition<void*(void*, std::type_info*, destructor)>("__cxa_init_primary_exception");
  cxx.end_catch = next_definition<void()>("__cxa_end_catch");
  cxx.release = next_definition<void(void*)>("_ZNSt15__exception_ptr13exception_ptr10_M_releaseEv");
}

}  // namespace ravel::detector

using namespace ravel::detector;

extern "C" {

[[gnu::weak, noreturn]] void ravel_interposed_throw(void* object, void* type, void (*destroy)(void*)) asm("__cxa_throw");
void ravel_interposed_throw(void* object, void* type, void (*destroy)(void*)) {
  remember(object, destroy);
  cxx.throw_it(object, type, destroy_exception);
  __builtin_unreachable();
}

[[gnu::weak]] void* ravel_interposed_init_primary(void* object, std::type_info* type, void (*destroy)(void*)) noexcept asm("__cxa_init_primary_exception");
void* ravel_interposed_init_primary(void* object, std::type_info* type, void (*destroy)(void*)) noexcept {
  remember(object, destroy);
  return cxx.init_primary(object, type, destroy_exception);
}

[[gnu::weak]] void ravel_interposed_end_catch() asm("__cxa_end_catch");
void ravel_interposed_end_catch() {
  if (observed()) lets_go(caught_object(), __builtin_frame_address(0));
  cxx.end_catch();
}

// void std::exception_ptr::_M_release() noexcept
[[gnu::weak]] void ravel_interposed_release(void* exception_ptr) noexcept asm("_ZNSt15__exception_ptr13exception_ptr10_M_releaseEv");
void ravel_interposed_release(void* exception_ptr) noexcept {
  if (observed()) lets_go(*static_cast<void**>(exception_ptr), __builtin_frame_address(0));
  cxx.release(exception_ptr);
}

}  // extern "C"
