#include "detector/record/record_file.hpp"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>

namespace ravel::detector::record {

std::uint64_t hash_of_text(const char* text, std::size_t size) {
  constexpr std::uint64_t prime = 0x9E3779B97F4A7C15ull;
  std::uint64_t lanes[4] = {size, ~size, size * prime, prime};
  std::size_t at = 0;
  for (; at + 32 <= size; at += 32) {
    for (int lane = 0; lane < 4; ++lane) {
      std::uint64_t word = 0;
      std::memcpy(&word, text + at + static_cast<std::size_t>(lane) * 8, 8);
      lanes[lane] = (lanes[lane] ^ word) * prime;
      lanes[lane] ^= lanes[lane] >> 29;
    }
  }
  for (; at < size; ++at) lanes[at & 3] = (lanes[at & 3] ^ static_cast<unsigned char>(text[at])) * prime;
  std::uint64_t h = 0;
  for (const std::uint64_t lane : lanes) h = ((h ^ lane) * prime) ^ (h >> 31);
  return h == 0 ? 1 : h;
}

namespace {

// Past the detector's own mmap, which would take the mapping for the program's.
std::uint64_t hash_of_file(const char* path) {
  const int file = ::open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  struct stat about{};
  std::uint64_t h = 0;
  if (::fstat(file, &about) == 0 && about.st_size > 0) {
    const auto size = static_cast<std::size_t>(about.st_size);
    const long at = ::syscall(SYS_mmap, nullptr, size, PROT_READ, MAP_PRIVATE, file, 0L);
    if (at > 0) {
      h = hash_of_text(reinterpret_cast<const char*>(at), size);
      ::syscall(SYS_munmap, at, size);
    }
  }
  ::syscall(SYS_close, file);
  return h;
}

// The program itself is the first that is iterated over.
int find_build_id(dl_phdr_info* module, std::size_t, void* found) {
  for (int i = 0; i < module->dlpi_phnum; ++i) {
    const ElfW(Phdr)& part = module->dlpi_phdr[i];
    if (part.p_type != PT_NOTE) continue;
    const auto* at = reinterpret_cast<const char*>(module->dlpi_addr + part.p_vaddr);
    const auto whole = [&part](std::size_t size) { const std::size_t to = part.p_align == 8 ? 8 : 4; return (size + to - 1) / to * to; };
    for (const char* const end = at + part.p_memsz; at + sizeof(ElfW(Nhdr)) <= end;) {
      ElfW(Nhdr) note;
      std::memcpy(&note, at, sizeof note);
      const char* const name = at + sizeof note;
      const char* const value = name + whole(note.n_namesz);
      if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && std::memcmp(name, "GNU", 4) == 0) {
        *static_cast<std::uint64_t*>(found) = hash_of_text(value, note.n_descsz);
        return 1;
      }
      at = value + whole(note.n_descsz);
    }
  }
  return 1;
}

}  // namespace

std::uint64_t hash_of_this_program() {
  std::uint64_t found = 0;
  ::dl_iterate_phdr(find_build_id, &found);
  return found != 0 ? found : hash_of_file("/proc/self/exe");
}

}  // namespace ravel::detector::record
