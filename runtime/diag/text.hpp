#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ravel::diag {

// To stderr in one write per 4 KB, whatever locks the process holds.
void write_stderr(std::string_view text) noexcept;

// "main.cpp:12" style lines for a stack of return addresses, as Go prints them: function, newline, tab, file:line. Frames of Ravel itself
// and of process start-up are left out.
std::string stack_text(const std::uintptr_t* return_addresses, std::size_t count);

// Return addresses of the calling thread's stack, innermost first, by the unwinder: needs no frame pointers.
std::size_t unwind_here(std::uintptr_t* out, std::size_t room);

}  // namespace ravel::diag
