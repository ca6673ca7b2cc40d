#pragma once
// A schedule as one line of text: what is different in it from the simplest one.
//
// In the simplest schedule a goroutine goes on as long as it can, then the one with the lowest number takes its turn, and every choice is the
// first. A line lists where a schedule deviates from that, with names that survive edits of the program (names.hpp):
//
// Better than where it deviates is why: most lines hold the orders that matter, and the schedule is the simplest one that keeps them.
//
//   r1:KIND:DEVIATION,DEVIATION...       r2: the same; with an order among them
//     KIND        letter of the failure's kind, "-" for none
//     G@S>H       when G is about to take step S (or is at the end: "$", or waits: "~"), H goes on
//     G.O<H.P     G's operation O comes before H's P: H is held back until then, as long as others can go on
//     ^G          when somebody has to be chosen, G is, before all that are not named so; after those that were named before it
//     G@S=2       in step S, G's choice is number 2;  G@S.1=2: its second choice
//     %12         the network's faults that were asked for (hooks::network_fault); at the beginning, when there are any
//     #17>2 #9=1  the same by number: at decision 17 goroutine 2 goes on. Written by a process that dies in a schedule.
//     G           "m" for the body, else three letters and, from the second such goroutine on, a number; S likewise

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "detector/explore/names.hpp"

namespace ravel::detector::explore {

struct deviation {
  enum class type : std::uint8_t { preemption, turn, choice, numbered_switch, numbered_choice, order, first };
  type is = type::preemption;
  goroutine_name who;
  step_name at;
  goroutine_name then;
  std::uint32_t value = 0;   // choice; numbered: the goroutine's number or the choice
  std::uint32_t nth = 0;     // choice: of the step; numbered: of the schedule's decisions
  step_name then_at = {};    // order: who's operation `at` comes before then's operation `then_at`
  bool operator==(const deviation&) const = default;
};

struct schedule_line {
  char kind = '-';
  std::vector<deviation> deviations;
  std::uint32_t network = 0;
};

std::string write_line(const schedule_line& l);
schedule_line read_line(std::string_view text);  // throws std::invalid_argument that names what is wrong

bool has_orders(const std::vector<deviation>& line);  // to follow them the names of operations are needed

std::string write_deviation(const deviation& d);

std::uint32_t preemptions(const std::vector<deviation>& d);

}  // namespace ravel::detector::explore
