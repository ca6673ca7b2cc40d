// A pool of workers that run any jobs, here one for each start of a Collatz sequence below 300.

#include <ravel/ravel.hpp>

#include <algorithm>
#include <functional>
#include <iostream>
#include <utility>
#include <vector>

namespace {

class worker_pool {
 public:
  explicit worker_pool(int size) {
    for (int i = 0; i < size; ++i) workers_.go([this] { work(); });
  }
  ~worker_pool() {
    jobs_.close();
    workers_.wait();
  }

  void submit(std::function<void()> job) {
    pending_.add();
    jobs_ << std::move(job);
  }
  void wait() { pending_.wait(); }  // until all jobs are done

 private:
  void work() {
    for (auto job : jobs_) {
      // Said before the job has run, so that wait() returns while the last jobs are still at work.
      pending_.done();
      job();
    }
  }

  ravel::chan<std::function<void()>> jobs_ = ravel::make_chan<std::function<void()>>();
  ravel::wait_group pending_;
  ravel::wait_group workers_;
};

int collatz_steps(long n) {
  int steps = 0;
  for (; n != 1; ++steps) n = n % 2 == 0 ? n / 2 : 3 * n + 1;
  return steps;
}

}  // namespace

int main() {
  std::vector<int> steps(300);
  worker_pool pool(3);
  for (int n = 1; n < 300; ++n) {
    pool.submit([n, &steps] { steps[n] = collatz_steps(n); });  // races
  }
  pool.wait();

  int longest = 0;
  for (int s : steps) longest = std::max(longest, s);  // races
  std::cout << "the longest Collatz sequence that starts below 300 takes " << longest << " steps\n";
}
