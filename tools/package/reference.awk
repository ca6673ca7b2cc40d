# A reference page from a public header: its opening comment as prose, its declarations with their comments as they stand, without what is
# only the library's own (namespaces detail, private members).
BEGIN { name = ARGV[1]; sub(/.*\//, "", name); print "# `<ravel/" name ">`\n"; head = 1; indent = "" }
/^#pragma once/ { next }
head && /^\/\/   / { if (!quoted) print "\n```cpp"; quoted = 1; sub(/^\/\/   /, ""); print; next }
head && /^\/\// { if (quoted && !/^\/\/$/) { print "```\n"; quoted = 0 } sub(/^\/\/ ?/, ""); print; next }
head && /^$/ && !begun { next }
head { if (quoted) print "```"; print "\n```cpp"; head = 0; blank = 1 }
/^namespace .*detail \{/ { hidden = 1 }
hidden { if (/^\}.*\/\/ namespace .*detail/) hidden = 0; next }
/^ *private:/ { private = 1; match($0, /^ */); margin = RLENGTH; next }
private { match($0, /^ */); if (!(RLENGTH < margin && /^ *\};/)) next; private = 0 }
/^#define RAVEL_DETAIL/ { next }
/^#if RAVEL_RACE$/ { race = 1; next }  # of the two variants the one with the detector: they promise the same
race && /^#else/ { race = 2; next }
race && /^#endif/ { race = 0; next }
race == 2 { next }
/^#include|^RAVEL_NAMESPACE|^#ifndef RAVEL_RACE|^#define RAVEL_RACE/ { next }
/^$/ { if (blank) next; blank = 1; print; next }
{ blank = 0; print }
END { print "```" }
