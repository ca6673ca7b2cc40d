// qsort moves elements within the C library; its comparisons are the program's and are seen.

#include <stdlib.h>

#include "detector/race/interposed/libc_functions.hpp"
#include "detector/race/interposed/observed.hpp"

using namespace ravel::detector;

extern "C" {

void qsort(void* base, std::size_t count, std::size_t size, int (*compare)(const void*, const void*)) {
  if (count > 1) record_written(base, count * size, __builtin_frame_address(0));
  libc.qsort(base, count, size, compare);
}
void qsort_r(void* base, std::size_t count, std::size_t size, int (*compare)(const void*, const void*, void*), void* argument) {
  if (count > 1) record_written(base, count * size, __builtin_frame_address(0));
  libc.qsort_r(base, count, size, compare, argument);
}

}  // extern "C"
