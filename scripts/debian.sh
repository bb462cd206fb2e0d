# Packages that this machine's Debian release does not have, or only as sources, from the archive that apt is set up for. Sourced.

# Where the opt-in commands keep what takes long to make, between runs and between clones.
CACHE="${AKKACHAT_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/akkachat}"

is_debian_root() { [[ $EUID -eq 0 ]] && command -v apt-get >/dev/null && [[ "$(. /etc/os-release && printf '%s' "$ID")" == debian ]]; }

# need_debian_packages PACKAGE…: installs those that are missing.
need_debian_packages() {
  local package missing=()
  for package in "$@"; do
    dpkg-query --show --showformat '${Status}' "$package" 2>/dev/null | grep -q ' installed$' || missing+=("$package")
  done
  [[ ${#missing[@]} -gt 0 ]] || return 0
  say "Installing ${missing[*]} ..."
  export DEBIAN_FRONTEND=noninteractive
  # No service of theirs starts: the commands start what they need themselves.
  quietly apt-get update && RUNLEVEL=1 quietly apt-get install -y --no-install-recommends "${missing[@]}"
}

debian_archive() { apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' | grep . | head -1; }

# apt_of SUITE KIND: sets APT to an apt-get with lists of its own: this machine's Debian archive, SUITE instead of the machine's release, packages
# of KIND (deb or deb-src). The system's own lists are untouched.
apt_of() {
  local suite="$1" kind="$2" folder="$CACHE/apt/$1-$2" archive
  # The first one: the archive itself, before its updates.
  archive="$(debian_archive)"
  # A machine whose lists were removed does not know yet.
  if [[ -z "$archive" ]]; then quietly apt-get update && archive="$(debian_archive)"; fi
  [[ -n "$archive" ]] || { say "apt knows no Debian archive."; return 1; }
  mkdir -p "$folder/lists/partial" "$folder/archives/partial"
  printf '%s [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s %s main\n' "$kind" "$archive" "$suite" >"$folder/sources.list"
  APT=(apt-get -o "Dir::Etc::sourcelist=$folder/sources.list" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$folder/lists"
    -o "Dir::Cache::archives=$folder/archives" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o APT::Sandbox::User=root)
  [[ -n "$(find "$folder/lists" -name '*_InRelease' -mtime -1)" ]] || quietly "${APT[@]}" update
}
