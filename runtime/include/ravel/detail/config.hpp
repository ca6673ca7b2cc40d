#pragma once
// One set of sources, two libraries: plain (v1) and race (v1_race). The inline namespace keeps objects of the two from linking together,
// since such a program would miss races in silence; the marker below says so in words, before the missing symbols do.

#ifndef RAVEL_RACE
#define RAVEL_RACE 0
#endif

#if RAVEL_RACE
#define RAVEL_VARIANT v1_race
#define RAVEL_NAMESPACE_BEGIN namespace ravel { inline namespace v1_race {
#define RAVEL_LINK_MARKER ravel_link_error__object_was_compiled_with_race__link_with_ravelxx_race_and_recompile_all_objects_so
#else
#define RAVEL_VARIANT v1
#define RAVEL_NAMESPACE_BEGIN namespace ravel { inline namespace v1 {
#define RAVEL_LINK_MARKER ravel_link_error__object_was_compiled_without_race__recompile_it_with_ravelxx_race
#endif
#define RAVEL_NAMESPACE_END } }

extern "C" const char RAVEL_LINK_MARKER;

RAVEL_NAMESPACE_BEGIN
namespace detail {
// Survives every optimisation and section garbage collection: the reference is the check.
[[gnu::used, gnu::retain]] static const char* const link_marker = &RAVEL_LINK_MARKER;
}  // namespace detail
RAVEL_NAMESPACE_END
