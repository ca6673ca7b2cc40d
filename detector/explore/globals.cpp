#include "detector/explore/globals.hpp"

#include <cxxabi.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string_view>
#include <utility>

#include "detector/race/heap.hpp"
#include "runtime/hooks/hooks.hpp"

namespace ravel::detector::explore {

namespace {

constexpr std::size_t none = ~std::size_t{0};

struct variable {
  char* at = nullptr;
  std::size_t size = 0;
  std::size_t saved_at = 0;   // in globals::before_
  std::size_t guard = none;   // the variable that says whether this one's function has initialised it
  bool is_guard = false;
  std::string name;           // mangled
};

struct table {
  std::vector<variable> all;  // by address
  std::size_t bytes = 0;
  bool known = false;
};

// Whose it is shows in a mangled name: the first namespace of the variable, or of the function it is in.
bool is_of_a_library(std::string_view name) {
  if (name.starts_with("__") || name.starts_with("DW.ref.") || name.starts_with("completed.") || name.find('@') != std::string_view::npos) return true;
  if (!name.starts_with("_Z")) return false;
  name.remove_prefix(2);
  if (name.starts_with("GV")) name.remove_prefix(2);
  if (name.starts_with('T')) return true;  // type information, vtables
  while (!name.empty() && std::string_view("ZNKLVr").find(name.front()) != std::string_view::npos) name.remove_prefix(1);
  constexpr std::string_view libraries[] = {"St", "5ravel", "7testing", "5boost", "8nlohmann", "9__gnu_cxx", "10__cxxabiv1"};
  return std::any_of(std::begin(libraries), std::end(libraries), [name](std::string_view of) { return name.starts_with(of); });
}

// The executable's file, while it is read.
class own_file {
 public:
  own_file() {
    const int file = ::open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    struct stat about{};
    if (file >= 0 && ::fstat(file, &about) == 0) {
      size_ = static_cast<std::size_t>(about.st_size);
      if (void* p = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file, 0); p != MAP_FAILED) start_ = static_cast<const char*>(p);
    }
    if (file >= 0) ::close(file);
  }
  ~own_file() {
    if (start_ != nullptr) ::munmap(const_cast<char*>(start_), size_);
  }
  own_file(const own_file&) = delete;
  own_file& operator=(const own_file&) = delete;
  // Null where the file does not reach.
  template <class T>
  const T* at(std::uint64_t offset, std::uint64_t count = 1) const {
    if (start_ == nullptr || offset > size_ || count > (size_ - offset) / sizeof(T)) return nullptr;
    return reinterpret_cast<const T*>(start_ + offset);
  }

 private:
  const char* start_ = nullptr;
  std::size_t size_ = 0;
};

// What the program can write to, without what the loader has made read-only since.
struct writable_memory {
  std::uintptr_t base = 0, low = 0, high = 0, read_only_until = 0;
  bool contains(std::uintptr_t p, std::size_t size) const { return p >= low && p >= read_only_until && p + size <= high; }
};

writable_memory memory_of_program() {
  writable_memory m;
  ::dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* out) {
        auto& w = *static_cast<writable_memory*>(out);
        w.base = info->dlpi_addr;
        for (int i = 0; i < info->dlpi_phnum; ++i) {
          const auto& p = info->dlpi_phdr[i];
          const std::uintptr_t start = w.base + p.p_vaddr;
          if (p.p_type == PT_LOAD && (p.p_flags & PF_W) != 0) {
            if (w.low == 0) w.low = start;
            w.high = start + p.p_memsz;
          }
          if (p.p_type == PT_GNU_RELRO) w.read_only_until = start + p.p_memsz;
        }
        return 1;  // the program itself comes first
      },
      &m);
  return m;
}

struct named {
  variable v;
  std::string_view name;
  std::size_t file;  // of a local symbol: others may have the same name
};

void find_guards(const std::vector<named>& found, std::vector<variable>& all) {
  std::map<std::pair<std::size_t, std::string_view>, std::size_t> guards;  // by the name of what they guard, without "_Z"
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (all[i].is_guard) guards[{found[i].file, found[i].name.substr(4)}] = i;
  }
  for (std::size_t i = 0; i < found.size() && !guards.empty(); ++i) {
    if (all[i].is_guard || !found[i].name.starts_with("_Z")) continue;
    if (const auto g = guards.find({found[i].file, found[i].name.substr(2)}); g != guards.end()) all[i].guard = g->second;
  }
}

table read_table() {
  table t;
  const own_file file;
  const auto* head = file.at<ElfW(Ehdr)>(0);
  if (head == nullptr || std::memcmp(head->e_ident, ELFMAG, SELFMAG) != 0) return t;
  const auto* sections = file.at<ElfW(Shdr)>(head->e_shoff, head->e_shnum);
  const writable_memory memory = memory_of_program();
  for (std::size_t s = 0; sections != nullptr && s < head->e_shnum; ++s) {
    const auto& table_section = sections[s];
    if (table_section.sh_type != SHT_SYMTAB || table_section.sh_link >= head->e_shnum) continue;
    const auto& text = sections[table_section.sh_link];
    const std::size_t count = table_section.sh_size / sizeof(ElfW(Sym));
    const auto* symbols = file.at<ElfW(Sym)>(table_section.sh_offset, count);
    const char* names = file.at<char>(text.sh_offset, text.sh_size);
    if (symbols == nullptr || names == nullptr) continue;
    t.known = true;
    std::vector<named> found;
    std::size_t in_file = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const auto& symbol = symbols[i];
      const auto type = ELF64_ST_TYPE(symbol.st_info);
      in_file += type == STT_FILE;
      const std::uintptr_t at = memory.base + symbol.st_value;
      if (type != STT_OBJECT || symbol.st_size == 0 || symbol.st_name >= text.sh_size || !memory.contains(at, symbol.st_size)) continue;
      const std::string_view name(names + symbol.st_name);
      if (is_of_a_library(name)) continue;
      found.push_back({{reinterpret_cast<char*>(at), symbol.st_size, 0, none, name.starts_with("_ZGV"), {}}, name,
                       ELF64_ST_BIND(symbol.st_info) == STB_LOCAL ? in_file : 0});
    }
    std::sort(found.begin(), found.end(), [](const named& a, const named& b) { return a.v.at < b.v.at; });
    // Two names of one thing.
    found.erase(std::unique(found.begin(), found.end(), [](const named& a, const named& b) { return a.v.at == b.v.at; }), found.end());
    for (const named& n : found) {
      t.all.push_back(n.v);
      t.all.back().name = n.name;
      t.all.back().saved_at = t.bytes;
      t.bytes += n.v.size;
    }
    find_guards(found, t.all);
    break;
  }
  return t;
}

const table& variables() {
  static const table& t = *new table(read_table());
  return t;
}

}  // namespace

bool globals::are_known() {
  const hooks::own_use ours;
  return variables().known;
}

globals::globals(bool to_be_put_back) {
  const hooks::own_use ours;
  const table& t = variables();
  before_.resize(t.bytes);
  states_.resize(t.all.size());
  for (const variable& v : t.all) std::memcpy(before_.data() + v.saved_at, v.at, v.size);
  // Now: a block that is freed later may become the detector's own, of which nothing is known.
  for (std::size_t i = 0; i < t.all.size() && to_be_put_back; ++i) states_[i].held_heap = held_heap(i);
}

bool globals::is_changed(std::size_t i) const {
  const variable& v = variables().all[i];
  return std::memcmp(before_.data() + v.saved_at, v.at, v.size) != 0;
}

bool globals::is_initialised_since(std::size_t i) const {
  const variable& v = variables().all[i];
  return v.is_guard || states_[i].initialised || (v.guard != none && is_changed(v.guard));
}

void globals::first_schedule_is_over() {
  const table& t = variables();
  for (std::size_t i = 0; i < t.all.size(); ++i) {
    const variable& v = t.all[i];
    if (v.guard == none || !is_changed(v.guard)) continue;
    states_[i].initialised = true;
    std::memcpy(before_.data() + v.saved_at, v.at, v.size);
  }
}

// Containers and smart pointers know their blocks by where they begin.
bool globals::held_heap(std::size_t i) const {
  const variable& v = variables().all[i];
  const std::size_t first = -reinterpret_cast<std::uintptr_t>(v.at) & (sizeof(std::uintptr_t) - 1);
  for (std::size_t at = first; at + sizeof(std::uintptr_t) <= v.size; at += sizeof(std::uintptr_t)) {
    std::uintptr_t word = 0;
    std::memcpy(&word, before_.data() + v.saved_at + at, sizeof word);
    if (word != 0 && begins_heap_block(word)) return true;
  }
  return false;
}

void globals::put_back() {
  const table& t = variables();
  for (std::size_t i = 0; i < t.all.size(); ++i) {
    const variable& v = t.all[i];
    if (is_changed(i) && !is_initialised_since(i) && !states_[i].held_heap) std::memcpy(v.at, before_.data() + v.saved_at, v.size);
  }
}

std::vector<std::string> globals::changed() const {
  const table& t = variables();
  std::vector<std::string> names;
  for (std::size_t i = 0; i < t.all.size(); ++i) {
    const variable& v = t.all[i];
    // What was initialised after the first schedule has no value to compare with.
    if (v.is_guard || !is_changed(i) || (is_initialised_since(i) && !states_[i].initialised)) continue;
    int status = 0;
    char* readable = v.name.starts_with("_Z") ? abi::__cxa_demangle(v.name.c_str(), nullptr, nullptr, &status) : nullptr;
    names.emplace_back(readable != nullptr ? readable : v.name.c_str());
    std::free(readable);
  }
  return names;
}

}  // namespace ravel::detector::explore
