# The release that the file previous-release names, for ./test upgrade and ./test kubernetes. Sourced.

# Sets PREVIOUS to its commit, which must be in this clone's history.
find_previous() {
  local name
  name="$(grep -v '^#' "$ROOT/previous-release" | head -1)"
  git -C "$ROOT" rev-parse --git-dir >/dev/null 2>&1 || { say "This is no git clone: there is no history to build $name from."; return 1; }
  PREVIOUS="$(git -C "$ROOT" rev-parse --verify --quiet "$name^{commit}")" ||
    { say "$name is not in this clone; fetch it: git fetch --unshallow --tags"; return 1; }
}

# previous_source FOLDER: its files.
previous_source() {
  find_previous && mkdir -p "$1" && git -C "$ROOT" archive "$PREVIOUS" | tar -x -C "$1"
}

# Builds it, once.
build_previous() {
  find_previous || return 1
  local folder="$ROOT/artifacts/previous-release/$PREVIOUS"
  export AKKACHAT_PREVIOUS_RELEASE="$folder"
  [[ ! -e "$folder/built" ]] || return 0
  say "Building the previous release, $PREVIOUS ..."
  rm -rf "$folder"
  previous_source "$folder" || return 1
  (cd "$folder" && quietly dotnet build src/Edge/Edge.csproj -c Release -v q --nologo) || return 1
  touch "$folder/built"
}
