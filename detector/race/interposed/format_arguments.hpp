#pragma once
#include <stdarg.h>

#include <cstddef>

namespace ravel::detector {

// Calls visit for the memory that printf would read (%s) or write (%n) through its arguments, in order. Stops at the first thing it does
// not know (positional arguments, a conversion somebody registered): arguments after it are not visited. `arguments` stays as it is.
void visit_format_memory(const char* format, va_list arguments, void* context,
                         void (*visit)(void* context, const void* memory, std::size_t size, bool written));

}  // namespace ravel::detector
