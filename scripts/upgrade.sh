# For `./test upgrade`, sourced by ./test: builds the release that the file previous-release names, once, from this clone's history.

build_previous() {
  local name commit folder
  name="$(grep -v '^#' "$ROOT/previous-release" | head -1)"
  git -C "$ROOT" rev-parse --git-dir >/dev/null 2>&1 || { say "This is no git clone: there is no history to build $name from."; return 1; }
  commit="$(git -C "$ROOT" rev-parse --verify --quiet "$name^{commit}")" ||
    { say "$name is not in this clone; fetch it: git fetch --unshallow --tags"; return 1; }
  folder="$ROOT/artifacts/previous-release/$commit"
  export AKKACHAT_PREVIOUS_RELEASE="$folder"
  [[ ! -e "$folder/built" ]] || return 0
  say "Building the previous release, $name ..."
  rm -rf "$folder"
  mkdir -p "$folder"
  git -C "$ROOT" archive "$commit" | tar -x -C "$folder" || return 1
  (cd "$folder" && quietly dotnet build src/Edge/Edge.csproj -c Release -v q --nologo) || return 1
  touch "$folder/built"
}
