# Sourced. Installs what the build needs where that is possible, else says exactly what is missing.

ravel_packages=(
  clang-19 llvm-19-dev libclang-19-dev libclang-rt-19-dev                     # compiler, and what a plugin for it is built with
  llvm-19-tools                                                                # FileCheck
  g++ libgcc-12-dev cmake ninja-build                                          # libstdc++, libbacktrace, the build
  libboost1.81-dev libboost-context1.81-dev nlohmann-json3-dev libgtest-dev
  python3-jsonschema                                                          # tests hold reports against their schemas
)

ravel_require_packages() {
  local missing=() p
  for p in "${ravel_packages[@]}"; do
    dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'install ok installed' || missing+=("$p")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  if [ "$(id -u)" -ne 0 ]; then
    echo "missing packages: ${missing[*]}; install them with: sudo apt-get install ${missing[*]}" >&2
    exit 2
  fi
  echo "== install ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  local log
  log=$(mktemp)
  if ! { apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
    tail -5 "$log" >&2
    echo "apt-get could not install: ${missing[*]}" >&2
    exit 2
  fi
  rm -f "$log"
}
