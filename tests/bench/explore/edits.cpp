// Replay of the lines of failing schedules, unmodified and after four trivial edits, over the kernels of tests/explore/edits.hpp. Prints markdown.
// The last column counts what the line itself reproduced, in one schedule; the one before it also its neighbourhood.

#include <cstdio>
#include <cstdlib>

#include "../../explore/edits.hpp"

int main(int argc, char** argv) {
  const int seeds = argc > 1 ? std::atoi(argv[1]) : 20;
  const int repeats = argc > 2 ? std::atoi(argv[2]) : 10'000;
  edits::outcome sum;
  std::puts("| kernel | lines | longest | unmodified | after edits | by the line itself |\n|---|--:|--:|--:|--:|--:|");
  for (const edits::kernel& k : edits::kernels) {
    const edits::outcome o = edits::try_edits(k, seeds);
    std::printf("| %s | %d | %zu | %d | %d/%d | %d |\n", k.name, o.lines, o.longest, o.unmodified, o.near, o.edited, o.exact);
    std::fflush(stdout);
    sum.lines += o.lines, sum.unmodified += o.unmodified, sum.near += o.near, sum.exact += o.exact, sum.edited += o.edited;
    sum.longest = std::max(sum.longest, o.longest);
  }
  std::printf("| all | %d | %zu | %d | %.1f %% | %.1f %% |\n", sum.lines, sum.longest, sum.unmodified, 100.0 * sum.near / sum.edited, 100.0 * sum.exact / sum.edited);
  const auto body = [] { edits::reorder_3(edits::edit::none); };
  const ravel::explore::result found = ravel::explore::run(body);
  int reproduced = 0;
  for (int i = 0; i < repeats; ++i) reproduced += ravel::explore::replay(body, found.failures.at(0).schedule).schedules == 1;
  std::printf("\nreorder_3, unmodified: %d of %d replays reproduced\n", reproduced, repeats);
  return sum.unmodified == sum.lines && reproduced == repeats && sum.near * 100 >= sum.edited * 95 ? 0 : 1;
}
