// The rule, by tables: which pairs of accesses race, and which records a history keeps.

#include "detector/shadow/transition.hpp"

#include <gtest/gtest.h>

#include <deque>

namespace {

using namespace ravel::detector;

struct goroutine { vector_clock clock; segment_id segment; };

constexpr ravel_site some_site{{"f()", "f.cpp", 1, 1, nullptr}, "x", 8, 0};

class rule : public testing::Test {
 protected:
  static void SetUpTestSuite() { reserve_histories(); }

  goroutine& make(chain_id chain) {
    goroutine& g = goroutines_.emplace_back();
    g.clock.start(chain, 1);
    g.segment = segment_table::begin(chain, 1, chain);
    return g;
  }

  // Everything `from` did so far comes before what `to` does from now on.
  void order(goroutine& from, goroutine& to) {
    sync_clock o;
    from.clock.release(o);
    to.clock.acquire(o);
  }

  transition_result access(goroutine& g, access_class kind, byte_mask bytes = all_bytes, stack_id stack = 1) {
    const clock_time time = g.clock.begin_recording();
    if (segment_table::at(g.segment).time != time) g.segment = segment_table::begin(g.clock.chain(), time, g.clock.chain());
    const access_record a{g.clock.chain(), time, &some_site, stack, g.clock.chain(), 0, static_cast<std::uint8_t>(bytes), kind, access_nature::memory, false};
    const transition_result r = transition(tag_, a, g.clock, g.segment);
    tag_ = r.tag;
    return r;
  }

  std::size_t records(access_class kind) const {
    if (tag_ == 0) return 0;
    if (names_point(tag_)) return only_record(tag_).kind == kind;
    const state_slot& slot = segment_table::of(tag_);
    if (slot.head == 0) return (only_record(slot.older).kind == kind) + (only_record(newer_of_pair(tag_, slot)).kind == kind);
    const history_lists lists = lists_of(slot.head);
    std::size_t n = 0;
    for (std::uint32_t i = is_write(kind) ? lists.writes : lists.reads; i != 0; i = node_pool::at(i).next) n += node_pool::at(i).record.kind == kind;
    return n;
  }

  tag_word tag_ = 0;
  std::deque<goroutine> goroutines_;
};

using enum access_class;

constexpr access_class all[] = {plain_write, atomic_write, plain_read, atomic_read};

// C++: two accesses of the same byte conflict if one of them writes and not both are atomic.
constexpr bool races[access_classes][access_classes] = {
    // plain_write atomic_write plain_read atomic_read   then
    {true, true, true, true},      // plain_write
    {true, false, true, false},    // atomic_write
    {true, true, false, false},    // plain_read
    {true, false, false, false},   // atomic_read
};

TEST_F(rule, unordered_accesses_race_as_the_table_says) {
  chain_id chain = 100;
  for (const access_class first : all) {
    for (const access_class second : all) {
      tag_ = 0;
      goroutine &a = make(chain++), &b = make(chain++);
      EXPECT_FALSE(access(a, first).races);
      const transition_result r = access(b, second);
      ASSERT_EQ(r.races, races[static_cast<int>(first)][static_cast<int>(second)]) << static_cast<int>(first) << static_cast<int>(second);
      if (r.races) {
        EXPECT_EQ(r.conflict.chain, a.clock.chain());
        EXPECT_EQ(r.conflict.kind, first);
      }
    }
  }
}

TEST_F(rule, ordered_accesses_never_race) {
  chain_id chain = 200;
  for (const access_class first : all) {
    for (const access_class second : all) {
      tag_ = 0;
      goroutine &a = make(chain++), &b = make(chain++);
      access(a, first);
      order(a, b);
      EXPECT_FALSE(access(b, second).races);
    }
  }
}

TEST_F(rule, accesses_of_different_bytes_never_race) {
  goroutine &a = make(300), &b = make(301);
  access(a, plain_write, 0b00001111);
  EXPECT_FALSE(access(b, plain_write, 0b11110000).races);
  EXPECT_TRUE(access(b, plain_write, 0b00011000).races);
}

TEST_F(rule, what_was_read_by_many_races_with_each_of_them) {
  goroutine& writer = make(400);
  for (chain_id c = 401; c <= 500; ++c) access(make(c), plain_read);
  EXPECT_EQ(records(plain_read), 100u);
  for (std::size_t i = 1; i < 100; ++i) order(goroutines_[i], writer);
  const transition_result r = access(writer, plain_write);
  ASSERT_TRUE(r.races) << "the hundredth reader is not ordered";
  EXPECT_EQ(r.conflict.chain, 500u);
}

TEST_F(rule, a_write_stands_for_all_it_comes_after) {
  goroutine &a = make(600), &b = make(601);
  access(a, plain_write);
  access(a, plain_read);
  order(a, b);
  access(b, plain_write);
  EXPECT_EQ(records(plain_write), 1u);
  EXPECT_EQ(records(plain_read), 0u);
}

TEST_F(rule, a_write_stands_for_its_own_bytes_alone) {
  goroutine &a = make(610), &b = make(611), &c = make(612);
  access(a, plain_write, 0xFF);
  order(a, b);
  access(b, plain_write, 0x0F);
  const transition_result low = access(c, plain_read, 0x01);
  ASSERT_TRUE(low.races);
  EXPECT_EQ(low.conflict.chain, 611u);
  const transition_result high = access(c, plain_read, 0x80);
  ASSERT_TRUE(high.races);
  EXPECT_EQ(high.conflict.chain, 610u);
}

TEST_F(rule, what_my_earlier_record_stands_for_is_not_dropped_for_a_wider_one) {
  for (const auto [mine, other] : {std::pair{plain_read, plain_write}, std::pair{plain_write, plain_read}}) {
    tag_ = 0;
    goroutine &beside = make(mine == plain_read ? 10 : 20), &a = make(mine == plain_read ? 11 : 21), &b = make(mine == plain_read ? 12 : 22);
    access(beside, plain_read, 0xF0);
    access(a, mine, 0x0F, 1);
    access(a, mine, 0xFF, 2);
    order(beside, b);
    EXPECT_TRUE(access(b, other, 0x0F).races) << static_cast<int>(mine);
  }
}

TEST_F(rule, an_atomic_write_does_not_stand_for_a_plain_one) {
  goroutine &a = make(620), &b = make(621), &c = make(622);
  access(a, plain_write);
  order(a, b);
  access(b, atomic_write);
  EXPECT_TRUE(access(c, atomic_read).races) << "with the plain write, which only b is ordered after";
}

TEST_F(rule, the_same_again_changes_nothing) {
  goroutine& a = make(700);
  for (const access_class kind : all) {
    tag_ = 0;
    const tag_word once = access(a, kind).tag;
    EXPECT_EQ(access(a, kind).tag, once);
    EXPECT_EQ(access(a, kind, 0x3).tag, once);
  }
  tag_ = 0;
  const tag_word written = access(a, plain_write).tag;
  EXPECT_EQ(access(a, plain_read).tag, written) << "the write says more";
}

TEST_F(rule, the_tag_answers_the_inline_check) {
  goroutine& a = make(710);
  access(a, plain_read, 0x0F);
  const tag_word current = current_word(a.segment);
  EXPECT_TRUE(already_recorded(tag_, current, 0x0F, false));
  EXPECT_FALSE(already_recorded(tag_, current, 0x1F, false));
  EXPECT_FALSE(already_recorded(tag_, current, 0x0F, true));
  access(a, plain_write, 0x30);
  EXPECT_TRUE(already_recorded(tag_, current, 0x3F, false));
  EXPECT_TRUE(already_recorded(tag_, current, 0x30, true));
  EXPECT_FALSE(already_recorded(tag_, current, 0x31, true));
  EXPECT_FALSE(already_recorded(tag_, current_word(make(711).segment), 0x0F, false));
  access(a, atomic_write, 0xC0);
  EXPECT_FALSE(already_recorded(tag_, current, 0xC0, true)) << "an atomic access says nothing of plain ones";
}

// The three kinds of names, and that each of them still says everything.
TEST_F(rule, what_a_tag_can_name_needs_no_list) {
  const auto is_list = [this] { return !names_point(tag_) && segment_table::of(tag_).head != 0; };
  goroutine &a = make(740), &b = make(741), &c = make(742);
  access(a, plain_write);
  EXPECT_TRUE(names_point(tag_));
  order(a, b);
  access(b, plain_read);
  EXPECT_FALSE(names_point(tag_));
  EXPECT_FALSE(is_list());
  EXPECT_EQ(records(plain_write) + records(plain_read), 2u);
  EXPECT_EQ(access(c, plain_read).conflict.chain, 740u) << "the older record of a pair";
  tag_ = 0;
  access(a, plain_write, 0x0F);
  access(b, plain_write, 0xF0);
  EXPECT_FALSE(is_list()) << "different bytes need not be ordered";
  EXPECT_EQ(access(c, plain_read, 0xF0).conflict.chain, 741u);
  tag_ = 0;
  access(a, plain_write, 0x0F);
  access(b, plain_write, 0xF0);
  order(b, c);
  EXPECT_FALSE(access(c, plain_write, 0xF0).races);
  EXPECT_EQ(access(c, plain_write, 0x01).conflict.chain, 740u) << "c is ordered after the newer record alone";
  tag_ = 0;
  access(a, plain_read);
  access(b, plain_read);
  access(c, plain_read);
  EXPECT_TRUE(is_list());
  EXPECT_EQ(records(plain_read), 3u);
}

// Else data that many read would have as many states as there are orders in which they come.
TEST_F(rule, readers_in_any_order_are_one_state) {
  goroutine &w = make(750), &a = make(751), &b = make(752), &c = make(753), &d = make(754);
  access(w, plain_write);
  const tag_word written = tag_;
  for (goroutine* g : {&a, &b, &c, &d}) order(w, *g);
  const auto after = [&](std::initializer_list<goroutine*> readers) {
    tag_ = written;
    for (goroutine* g : readers) EXPECT_FALSE(access(*g, plain_read).races);
    EXPECT_EQ(records(plain_read), readers.size());
    EXPECT_EQ(records(plain_write), 1u);
    return tag_;
  };
  const tag_word first = after({&a, &b, &c, &d});
  EXPECT_EQ(after({&b, &a, &c, &d}), first);
  EXPECT_EQ(after({&c, &b, &a, &d}), first);
  EXPECT_NE(after({&a, &b, &c}), first);
  EXPECT_FALSE(access(a, plain_read).races);
  const tag_word all_in = tag_;
  for (goroutine* g : {&b, &c, &a}) EXPECT_EQ(access(*g, plain_read).tag, all_in) << "who is in it changes nothing";
}

TEST_F(rule, two_who_take_turns_reading_change_nothing) {
  goroutine &a = make(760), &b = make(761), &c = make(762);
  access(a, plain_read);
  const tag_word both = access(b, plain_read).tag;
  EXPECT_EQ(access(a, plain_read).tag, both);
  EXPECT_EQ(access(b, plain_read).tag, both);
  EXPECT_NE(access(a, plain_read, all_bytes, 2).tag, 0u);
  tag_ = both;
  order(b, c);
  EXPECT_EQ(access(c, plain_write).conflict.chain, 760u);
  tag_ = both;
  order(a, c);
  EXPECT_FALSE(access(c, plain_write).races) << "it comes after both";
  tag_ = both;
  EXPECT_EQ(access(a, plain_write).conflict.chain, 761u);
}

TEST_F(rule, more_bytes_at_one_point_are_one_record) {
  goroutine& a = make(745);
  for (const byte_mask bytes : {0x03u, 0x0Cu, 0x30u, 0xC0u}) access(a, plain_write, bytes);
  EXPECT_TRUE(names_point(tag_));
  EXPECT_EQ(only_record(tag_).bytes, 0xFF);
  access(a, plain_write, 0x01, 2);
  EXPECT_EQ(only_record(tag_).bytes, 0xFF) << "recorded already";
}

TEST_F(rule, overwriting_a_granule_gives_one_state_whatever_was_there) {
  goroutine &a = make(720), &b = make(721);
  access(a, plain_write);
  order(a, b);
  const tag_word first = access(b, plain_write).tag;
  tag_ = 0;
  EXPECT_EQ(access(b, plain_write).tag, first);
}

TEST_F(rule, a_full_segment_says_so_and_does_nothing) {
  goroutine& a = make(730);
  tag_word last = 0;
  transition_result r{};
  for (std::uint32_t n = 1; n <= states_per_segment; ++n) {
    tag_ = 0;
    r = access(a, atomic_read, 1, n);
    ASSERT_FALSE(r.segment_full) << n;
    last = r.tag;
  }
  tag_ = last;
  r = access(a, plain_write, 1, 1);
  EXPECT_TRUE(r.segment_full);
  EXPECT_EQ(r.tag, last);
}

}  // namespace
