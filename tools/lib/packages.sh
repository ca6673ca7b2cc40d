# Sourced. Installs what the build needs where that is possible, else says exactly what is missing.

ravel_packages=(clang-19 llvm-19-dev libclang-19-dev llvm-19-tools libclang-rt-19-dev g++ libgcc-12-dev cmake ninja-build
  libboost1.81-dev libboost-context1.81-dev nlohmann-json3-dev libgtest-dev)

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
  echo "installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
    { echo "apt-get could not install: ${missing[*]}" >&2; exit 2; }
}
