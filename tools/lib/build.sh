# Sourced, in the top folder. Configure and build with words only where something is wrong; ninja shows the progress.

ravel_configure() {
  echo "== configure"
  local log
  log=$(mktemp)
  cmake --preset release >"$log" 2>&1 || { cat "$log" >&2; rm -f "$log"; exit 1; }
  rm -f "$log"
}

# Targets, or all.
ravel_build() {
  echo "== build"
  if [ $# -eq 0 ]; then cmake --build --preset release; else cmake --build --preset release --target "$@"; fi
}
