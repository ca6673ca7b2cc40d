#pragma once
#include <llvm/IR/Module.h>

namespace ravel::instrument {

class abi;

// Tells the runtime of what a goroutine takes that belongs to the OS thread it runs on: locks of the C library, and so std::mutex,
// std::shared_mutex and the rest; the initialisation of a static. While it has any it is not preempted: it might go on on another
// thread, and whoever runs on this one meanwhile would hold them too.
// True if it inserted anything.
bool count_thread_locks(llvm::Module& m, abi& names);

}  // namespace ravel::instrument
