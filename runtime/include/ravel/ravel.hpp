#pragma once
// All of Ravel's runtime: goroutines, channels, select, sync, time, context, errors.

#include "chan.hpp"
#include "context.hpp"
#include "defer.hpp"
#include "error.hpp"
#include "go.hpp"
#include "owned_chan.hpp"
#include "race.hpp"
#include "select.hpp"
#include "sync.hpp"
#include "time.hpp"
