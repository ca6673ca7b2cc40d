// Exceptions that travel between threads: their reference counts are libstdc++.so's.

#include <exception>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "program.hpp"

using threads_suite::unseen_order;

namespace {

struct failure {
  std::string what;
  int code;
};

void look_at(const std::exception_ptr& e) {
  try {
    std::rethrow_exception(e);
  } catch (const failure& f) {
    REQUIRE(f.what.size() == 40 && f.code == 3);
  }
}

// The other thread is the first to let go; this one is the last and destroys, ordered with it by nothing but the count.
void destroy_after_another(std::exception_ptr e) {
  unseen_order o;
  std::thread t([&o, e]() mutable {
    look_at(e);
    e = nullptr;
    o.reach(1);
  });
  o.wait_for(1);
  e = nullptr;
  t.join();
}

}  // namespace

RAVEL_PROGRAM(norace_thrown_and_destroyed_by_another) {
  std::exception_ptr e;
  try {
    throw failure{std::string(40, 'x'), 3};
  } catch (...) {
    e = std::current_exception();
  }
  destroy_after_another(std::move(e));
}

RAVEL_PROGRAM(norace_made_and_destroyed_by_another) { destroy_after_another(std::make_exception_ptr(failure{std::string(40, 'x'), 3})); }

namespace {

template <class Error>
void destroy_copies_apart(const char* text) {
  unseen_order o;
  auto mine = std::make_unique<Error>(text);
  std::thread t([&o, copy = std::make_unique<Error>(*mine)]() mutable {
    REQUIRE(std::string(copy->what()).size() == 40);
    copy.reset();
    o.reach(1);
  });
  o.wait_for(1);
  mine.reset();
  t.join();
}

}  // namespace

RAVEL_PROGRAM(norace_copies_of_an_error_share_its_text) {
  const std::string text(40, 'x');
  destroy_copies_apart<std::runtime_error>(text.c_str());
  destroy_copies_apart<std::out_of_range>(text.c_str());
}

RAVEL_PROGRAM(norace_through_futures) {
  for (int i = 0; i < 30; ++i) {
    std::promise<int> p;
    std::shared_future<int> f = p.get_future().share();
    std::vector<std::thread> threads;
    for (int k = 0; k < 3; ++k) {
      threads.emplace_back([f]() mutable {
        try {
          f.get();
          REQUIRE(false);
        } catch (const std::runtime_error& e) {
          REQUIRE(std::string(e.what()) == "not this time");
        }
        f = {};
      });
    }
    f = {};
    {
      std::promise<int> own = std::move(p);
      own.set_exception(std::make_exception_ptr(std::runtime_error("not this time")));
    }
    for (std::thread& t : threads) t.join();
  }
}

RAVEL_PROGRAM(norace_nested_and_rethrown) {
  std::vector<std::thread> threads;
  for (int k = 0; k < 2; ++k) {
    threads.emplace_back([] {
      for (int i = 0; i < 100; ++i) {
        try {
          try {
            throw failure{"inner", i};
          } catch (const failure&) {
            throw;
          }
        } catch (...) {
          try {
            std::throw_with_nested(std::runtime_error("outer"));
          } catch (const std::exception& e) {
            REQUIRE(dynamic_cast<const std::nested_exception*>(&e) != nullptr);
          }
        }
      }
    });
  }
  for (std::thread& t : threads) t.join();
}

RAVEL_PROGRAM(race_on_a_thrown_object) {
  const std::exception_ptr e = std::make_exception_ptr(failure{std::string(40, 'x'), 3});
  const auto change = [&] {
    try {
      std::rethrow_exception(e);
    } catch (failure& f) {
      ++f.code;
    }
  };
  std::thread t(change);
  change();
  t.join();
}
