#!/bin/sh
# From a clone to a verdict and a report to look at: ci.sh [cmake|ravel++]. What the workflow calls is what one calls at a desk.
# Leaves in ci-out: report.html, report.sarif, results.xml. Ends with the status of `ravel test`.
set -eu
cd "$(dirname "$0")"
how=${1:-cmake}
out=$PWD/ci-out
rm -rf "$out"
mkdir "$out"

ravel doctor --no-trial

case $how in
  cmake)
    cmake -S . -B "$out/build" -DCMAKE_CXX_COMPILER=clang++-19 -DCMAKE_BUILD_TYPE=RelWithDebInfo
    cmake --build "$out/build"
    ;;
  ravel++)  # no build system at all
    mkdir "$out/build"
    ravel++ -O2 -g src/*.cpp -o "$out/build/box_office"
    ravel++ -O2 -g -Isrc src/box_office.cpp tests/*.cpp -lgtest -lgtest_main -o "$out/build/box_office_test"
    ravel++ -race -O1 -g -Isrc src/box_office.cpp tests/*.cpp -lgtest -lgtest_main -o "$out/build/box_office_test_race"
    ;;
  *)
    echo "ci.sh: build with cmake or ravel++, not '$how'" >&2
    exit 2
    ;;
esac

status=0
ravel test --plain "$out/build/box_office_test" --report "$out/findings.jsonl" --junit "$out/results.xml" "$out/build/box_office_test_race" || status=$?
ravel report "$out/findings.jsonl" --format=html -o "$out/report.html"
ravel report "$out/findings.jsonl" --format=sarif -o "$out/report.sarif"
[ -z "${GITHUB_ACTIONS:-}" ] || ravel report "$out/findings.jsonl" --format=github
exit "$status"
