// Channels and their owners: who declared one, and what is done behind his back.

#include "tests/misuse/until_reported.hpp"

using namespace ravel;
using namespace std::chrono_literals;

RAVEL_PROGRAM(misuse_c11_send_by_another) {
  auto plain = make_chan<int>(4);
  owned_chan<int> mine(plain);
  mine << 1;
  wait_group all;
  all.go([&] { plain << 2; });
  all.wait();
  mine.close();
}
RAVEL_PROGRAM(misuse_c11_select_by_another) {
  auto plain = make_chan<int>(4);
  owned_chan<int> mine(plain);
  wait_group all;
  all.go([&] { select(on_send(plain, 2)); });
  all.wait();
}
RAVEL_PROGRAM(misuse_c11_send_by_the_old_owner) {
  auto plain = make_chan<int>(4);
  owned_chan<int> first(plain);
  wait_group all;
  all.go([out = std::move(first)]() mutable {
    out << 1;
    out.close();
  });
  all.wait();
  try {
    plain << 2;
  } catch (const panic_error&) {
  }
}
RAVEL_PROGRAM(misuse_c11_one_owner_for_two) {
  auto mine = make_owned_chan<int>(4);
  wait_group all;
  all.go([&] { mine << 1; });
  all.go([&] { mine << 2; });
  all.wait();
}
RAVEL_PROGRAM(misuse_c09_close_by_a_receiver) {
  auto plain = make_chan<int>(4);
  owned_chan<int> mine(plain);
  mine << 1;
  wait_group all;
  all.go([&] {
    plain.recv();
    plain.close();
  });
  all.wait();
  try {
    mine.close();
  } catch (const panic_error&) {
  }
}
RAVEL_PROGRAM(misuse_c10_closed_by_another_too) {
  auto plain = make_chan<int>(4);
  owned_chan<int> mine(plain);
  mine.close();
  wait_group all;
  all.go([&] {
    try {
      plain.close();
    } catch (const panic_error&) {
    }
  });
  all.wait();
}

// Near misses: hand-overs of every kind.
RAVEL_PROGRAM(ok_c11_handed_over_when_the_goroutine_starts) {
  auto first = make_owned_chan<int>();
  auto view = first.view();
  go([out = std::move(first)]() mutable {
    for (int i = 0; i < 3; ++i) out << i;
  });
  for (int v : view) programs::use(v);
}
RAVEL_PROGRAM(ok_c11_handed_over_after_the_first_send) {
  auto plain = make_chan<int>(4);
  owned_chan<int> first(plain);
  first << 1;
  wait_group all;
  all.go([out = std::move(first)]() mutable {
    out << 2;
    out.close();
  });
  for (int v : plain) programs::use(v);
  all.wait();
}
RAVEL_PROGRAM(ok_c11_handed_over_by_a_channel) {
  auto hand_over = make_chan<owned_chan<int>>();
  auto first = make_owned_chan<int>(4);
  auto view = first.view();
  go([=] {
    auto mine = hand_over.recv();
    *mine << 2;
  });
  first << 1;
  hand_over << std::move(first);
  for (int v : view) programs::use(v);
}
RAVEL_PROGRAM(ok_c11_lent_and_given_back) {
  auto mine = make_owned_chan<int>(4);
  wait_group all;
  all.go([&] { mine << 1; });
  all.wait();
  mine << 2;
  all.go([&] { mine << 3; });
  all.wait();
}
RAVEL_PROGRAM(ok_c11_never_used_by_who_closes_it) {
  auto first = make_owned_chan<int>();
  auto view = first.view();
  go([out = std::move(first)] {});
  view.recv();
}
RAVEL_PROGRAM(ok_c11_the_owners_own_old_handle) {
  auto plain = make_chan<int>(4);
  owned_chan<int> mine(plain);
  plain << 1;
  mine << 2;
  plain << 3;
}
RAVEL_PROGRAM(ok_c09_receivers_only_receive) {
  auto mine = make_owned_chan<int>(4);
  wait_group all;
  for (int i = 0; i < 2; ++i) all.go([view = mine.view()] { for (int v : view) programs::use(v); });
  for (int i = 0; i < 8; ++i) mine << i;
  mine.close();
  all.wait();
}

// Guessed owners: only with the option `advice`.
RAVEL_PROGRAM(advice_c09_closed_by_a_receiver) {
  auto c = make_chan<int>(4);
  auto sent = make_chan<unit>();
  wait_group all;
  all.go([=] {
    c << 1;
    sent << unit{};
  });
  all.go([=] {
    c.recv();
    sent.recv();
    c.close();
  });
  all.wait();
}
RAVEL_PROGRAM(ok_c09_closed_by_a_receiver) {  // the same, and no advice asked for
  auto c = make_chan<int>(4);
  wait_group all;
  all.go([=] { c << 1; });
  all.wait();
  all.go([=] {
    c.recv();
    c.close();
  });
  all.wait();
}
RAVEL_PROGRAM(noadvice_c09_closed_by_its_maker_after_all_sends) {
  auto c = make_chan<int>(4);
  wait_group all;
  for (int i = 0; i < 2; ++i) all.go([=] { c << i; });
  c.recv();
  all.wait();
  c.close();
}
RAVEL_PROGRAM(noadvice_c09_stop_channel) {
  auto stop = make_chan<unit>();
  wait_group all;
  all.go([=] { stop.recv(); });
  all.go([=] { stop.close(); });
  all.wait();
}
RAVEL_PROGRAM(advice_c10_closed_twice) {
  auto c = make_chan<int>();
  wait_group all;
  all.go([=] { c.close(); });
  all.wait();
  try {
    c.close();
  } catch (const panic_error&) {
  }
}
RAVEL_PROGRAM(noadvice_c10_closed_once_by_whoever_is_first) {
  auto c = make_chan<int>();
  once closing;
  wait_group all;
  for (int i = 0; i < 2; ++i) all.go([&] { closing.call([&] { c.close(); }); });
  all.wait();
}
RAVEL_PROGRAM(advice_c11_one_of_several_senders_closes) {
  auto c = make_chan<int>(4);
  mutex m;
  int left = 2;
  wait_group all;
  for (int i = 0; i < 2; ++i) {
    all.go([&, i] {
      c << i;
      const std::lock_guard hold(m);
      if (--left == 0) c.close();
    });
  }
  all.wait();
}
RAVEL_PROGRAM(noadvice_c11_handed_over_by_order) {
  auto c = make_chan<int>(4);
  c << 1;
  wait_group all;
  all.go([=] {
    c << 2;
    c.close();
  });
  all.wait();
}
RAVEL_PROGRAM(noadvice_c11_fan_in_closed_by_one_who_waits) {
  auto c = make_chan<int>();
  wait_group all;
  for (int i = 0; i < 3; ++i) all.go([=] { c << i; });
  go([&, c] {
    all.wait();
    c.close();
  });
  for (int v : c) programs::use(v);
}
RAVEL_PROGRAM(noadvice_c11_semaphore) {
  auto tokens = make_chan<unit>(2);
  wait_group all;
  for (int i = 0; i < 4; ++i) {
    all.go([=] {
      tokens << unit{};
      tokens.recv();
    });
  }
  all.wait();
}
RAVEL_PROGRAM(noadvice_c11_the_runtimes_own_channels) {
  ticker every(1ms);
  every.c().recv();
  auto [ctx, cancel] = context::with_cancel(context::background());
  go([ctx = ctx] { ctx.done().recv(); });
  cancel();
  ctx.done().recv();
  after(1ms).recv();
}
