// Memory that stdio moves. The FILE itself has its own lock, within the C library: a FILE never races.

#include <string.h>

#include "detector/race/interposed/libc_functions.hpp"
#include "detector/race/interposed/observed.hpp"

using namespace ravel::detector;

extern "C" {

std::size_t fread(void* to, std::size_t size, std::size_t count, FILE* f) {
  const std::size_t n = libc.fread(to, size, count, f);
  record_written(to, n * size, __builtin_frame_address(0));
  return n;
}
std::size_t fwrite(const void* from, std::size_t size, std::size_t count, FILE* f) {
  record_read(from, size * count, __builtin_frame_address(0));
  return libc.fwrite(from, size, count, f);
}
char* fgets(char* to, int size, FILE* f) {
  char* got = libc.fgets(to, size, f);
  if (got != nullptr) record_written(to, ::strlen(to) + 1, __builtin_frame_address(0));
  return got;
}
int fputs(const char* s, FILE* f) {
  record_read(s, ::strlen(s) + 1, __builtin_frame_address(0));
  return libc.fputs(s, f);
}
int puts(const char* s) {
  record_read(s, ::strlen(s) + 1, __builtin_frame_address(0));
  return libc.puts(s);
}
ssize_t getdelim(char** line, std::size_t* capacity, int delimiter, FILE* f) {
  const ssize_t n = libc.getdelim(line, capacity, delimiter, f);
  record_written(line, sizeof *line, __builtin_frame_address(0));
  record_written(capacity, sizeof *capacity, __builtin_frame_address(0));
  if (n >= 0) record_written(*line, static_cast<std::size_t>(n) + 1, __builtin_frame_address(0));
  return n;
}
// <stdio.h> defines the name inline.
ssize_t ravel_interposed_getline(char** line, std::size_t* capacity, FILE* f) asm("getline");
ssize_t ravel_interposed_getline(char** line, std::size_t* capacity, FILE* f) {
  const ssize_t n = libc.getline(line, capacity, f);
  record_written(line, sizeof *line, __builtin_frame_address(0));
  record_written(capacity, sizeof *capacity, __builtin_frame_address(0));
  if (n >= 0) record_written(*line, static_cast<std::size_t>(n) + 1, __builtin_frame_address(0));
  return n;
}

}  // extern "C"
