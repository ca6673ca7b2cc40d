#pragma once
// All of Ravel's runtime: goroutines, channels, select, sync, time, errors.

#include "chan.hpp"
#include "defer.hpp"
#include "error.hpp"
#include "go.hpp"
#include "race.hpp"
#include "select.hpp"
#include "sync.hpp"
#include "time.hpp"
