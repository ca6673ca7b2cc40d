#pragma once
// The names of what the simulated network may do to connections: explore::options::network.

#include <cstdint>
#include <string_view>

namespace ravel::detector::explore {

std::uint32_t network_faults(std::string_view text);  // hooks::network_fault; throws std::invalid_argument for a name there is not

}  // namespace ravel::detector::explore
