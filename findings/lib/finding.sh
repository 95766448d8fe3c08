# Sourced by the findings: a temporary folder, programs from pinned packages in it, and an end that leaves nothing.

set -euo pipefail
folder=$(mktemp -d)
# Killed with the finding, whatever becomes of it.
started=()
clean_up() {
  ((${#started[@]} == 0)) || kill "${started[@]}" 2>/dev/null || true
  rm -rf "$folder"
}
trap clean_up EXIT

# skip REASON: this machine cannot tell. Exit code 77.
skip() {
  echo "SKIPPED: $1"
  exit 77
}

# expect TEXT PATTERN: prints what was seen, and remembers where it is no longer so. finish: fails then.
differs=0
expect() {
  if [[ $1 =~ $2 ]]; then echo "as before: $1"; else
    echo "DIFFERS:   $1"
    echo "           was: $2"
    differs=1
  fi
}
finish() { exit "$differs"; }

# install NAME=VERSION...: unpacks Debian packages in $folder/root and puts their programs and libraries on the paths.
# Needs no privilege, and leaves the system's package lists alone.
install_debian() {
  command -v apt-get dpkg >/dev/null || skip 'needs apt-get and dpkg: a Debian, whose packages it unpacks'
  local state="$folder/apt" package
  mkdir -p "$state/lists/partial" "$state/archives/partial" "$folder/root"
  local options=(-o "Dir::State::lists=$state/lists" -o "Dir::Cache::archives=$state/archives" -o APT::Sandbox::User=root -q)
  apt-get "${options[@]}" update >"$folder/apt.log" 2>&1 || skip 'the package lists cannot be fetched'
  for package in "$@"; do
    (cd "$state/archives" && apt-get "${options[@]}" download "$package" >>"$folder/apt.log" 2>&1) ||
      skip "$package is not to be had any more: pin the version that is, and read the finding anew"
  done
  for package in "$state"/archives/*.deb; do dpkg -x "$package" "$folder/root"; done
  export PATH="$folder/root/usr/sbin:$folder/root/usr/bin:$PATH"
  export LD_LIBRARY_PATH="$folder/root/usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || echo "$(uname -m)-linux-gnu")"
}

# install_pypi NAME==VERSION...: puts Python packages in $folder/site, where python3 finds them.
install_pypi() {
  command -v python3 >/dev/null && python3 -m pip --version >/dev/null 2>&1 || skip 'needs python3 with pip'
  python3 -m pip install --quiet --disable-pip-version-check --no-cache-dir --only-binary :all: \
    --target "$folder/site" "$@" >"$folder/pip.log" 2>&1 || skip "$* is not to be had: see whether there is a newer version"
  export PYTHONPATH="$folder/site"
}

# in_own_network COMMAND...: in a network namespace of its own, whose loopback is up.
in_own_network() {
  local unshare=(unshare --net)
  [[ $(id -u) -eq 0 ]] || unshare+=(--map-root-user)
  "${unshare[@]}" true 2>/dev/null || skip 'needs a network namespace of its own (unshare --net)'
  "${unshare[@]}" bash -euo pipefail -c 'ip link set lo up; "$@"' own-network "$@"
}
