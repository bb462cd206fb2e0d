# Shared by ./run and ./test; sourced, never run. Expects ROOT, the repository's folder.

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1 UseSharedCompilation=false

STAMPS="$ROOT/artifacts/stamps"
EDGE_DLL="$ROOT/src/Edge/bin/Release/net10.0/AkkaChat.Edge.dll"
CLUSTER_DLL="$ROOT/src/Cluster/bin/Release/net10.0/AkkaChat.Cluster.dll"
LOCAL_CLUSTER_DLL="$ROOT/src/LocalCluster/bin/Release/net10.0/AkkaChat.LocalCluster.dll"
WEB_DIST="$ROOT/src/Web/dist"

say() { printf '%s\n' "$*"; }
die() { printf 'akkachat: %s\n' "$*" >&2; exit 1; }

need_dotnet() {
  # `dotnet --version` also fails where an SDK is installed but none that global.json accepts.
  local version
  version="$(cd "$ROOT" && dotnet --version 2>/dev/null)" || version=""
  [[ "${version%%.*}" =~ ^[0-9]+$ && "${version%%.*}" -ge 10 ]] ||
    die "the .NET SDK 10 is needed (package dotnet-sdk-10.0, or https://dot.net); ${version:-none} was found."
}

need_node() {
  local version major minor
  version="$(node --version 2>/dev/null)" || version=""
  IFS=. read -r major minor _ <<<"${version#v}"
  [[ "${major:-0}" -gt 20 || ( "${major:-0}" -eq 20 && "${minor:-0}" -ge 19 ) ]] ||
    die "Node.js 20.19 or later is needed to build the web client (https://nodejs.org); ${version:-none} was found."
  command -v npm >/dev/null || die "npm is needed to build the web client; it comes with Node.js (package npm)."
}

# port_busy PORT: something already accepts connections there, on either loopback.
port_busy() {
  (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null || (exec 3<>"/dev/tcp/::1/$1") 2>/dev/null
}

# free_port FIRST: the first port from FIRST upward that nothing listens on.
free_port() {
  local port="$1"
  while port_busy "$port"; do port=$((port + 1)); done
  printf '%s' "$port"
}

# user_settings: PORT and DATA, checked and exported; a relative DATA starts at the folder the user is in.
user_settings() {
  PORT="${PORT:-8080}"
  [[ "$PORT" =~ ^[0-9]+$ && "$PORT" -ge 1 && "$PORT" -le 65535 ]] || die "PORT must be a number from 1 to 65535, not '$PORT'."
  DATA="${DATA:-$ROOT/data}"
  [[ "$DATA" = /* ]] || DATA="$PWD/$DATA"
  mkdir -p "$DATA" 2>/dev/null || die "the data folder $DATA cannot be created; set DATA to a folder you may write to."
  DATA="$(cd "$DATA" && pwd)" || die "the data folder $DATA cannot be entered; set DATA to a folder you may write to."
  local probe="$DATA/.writable.$$"
  (: >"$probe") 2>/dev/null || die "the data folder $DATA is not writable; set DATA to a folder you may write to."
  rm -f "$probe"
  [[ -n "${PORT_MAY_BE_BUSY:-}" ]] || ! port_busy "$PORT" || die "port $PORT is in use; stop what listens there or set PORT to another."
  export PORT DATA
}

# hash_of PATH…: one hash over the names and bytes of all files there, build products left out.
hash_of() {
  (cd "$ROOT" && find "$@" \( -name bin -o -name obj -o -name node_modules -o -name dist -o -name TestResults \) -prune -o -type f -print0 |
    LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1)
}

# stamped NAME HASH PRODUCT / stamp NAME HASH: whether the last successful build of NAME had this input, and is still there.
stamped() { [[ -e "$3" && "$(cat "$STAMPS/$1" 2>/dev/null)" == "$2" ]]; }
stamp() { mkdir -p "$STAMPS" && printf '%s\n' "$2" >"$STAMPS/$1"; }

# Runs a step and shows its output only if it fails.
quietly() {
  local log
  log="$(mktemp)"
  if ! "$@" >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    return 1
  fi
  rm -f "$log"
}

build_web() {
  [[ -f "$ROOT/src/Web/package.json" ]] || return 0
  local packages sources
  sources="$(hash_of src/Web)"
  stamped web "$sources" "$WEB_DIST/index.html" && return 0
  need_node
  install_web_packages
  say "Building the web client ..."
  (cd "$ROOT/src/Web" && quietly npm run build) || die "the web client did not build."
  stamp web "$sources"
}

install_web_packages() {
  local packages
  packages="$(hash_of src/Web/package.json src/Web/package-lock.json)"
  stamped web-packages "$packages" "$ROOT/src/Web/node_modules" && return 0
  say "Installing the web client's packages ..."
  (cd "$ROOT/src/Web" && quietly npm ci --no-audit --no-fund) || die "npm ci failed."
  stamp web-packages "$packages"
}

# What the tests run under Node: an S3 server and a tus client.
install_test_packages() {
  local packages
  packages="$(hash_of tests/Node/package.json tests/Node/package-lock.json)"
  stamped test-packages "$packages" "$ROOT/tests/Node/node_modules" && return 0
  say "Installing the packages of tests/Node ..."
  (cd "$ROOT/tests/Node" && quietly npm ci --no-audit --no-fund) || return 1
  stamp test-packages "$packages"
}

server_hash() {
  hash_of src/Messages src/Persistence src/Cluster src/Edge Directory.Build.props Directory.Packages.props global.json .editorconfig BannedSymbols.txt
}

build_server() {
  local sources
  sources="$(server_hash)"
  stamped server "$sources" "$EDGE_DLL" && return 0
  need_dotnet
  say "Building the server ..."
  (cd "$ROOT" && quietly dotnet build src/Edge/Edge.csproj -c Release -v q --nologo) || die "the server did not build."
  stamp server "$sources"
}

# What starts the processes of `./run cluster`.
build_local_cluster() {
  local sources
  sources="$(hash_of src/LocalCluster Directory.Build.props Directory.Packages.props global.json .editorconfig BannedSymbols.txt)"
  stamped local-cluster "$sources" "$LOCAL_CLUSTER_DLL" && return 0
  (cd "$ROOT" && quietly dotnet build src/LocalCluster/LocalCluster.csproj -c Release -v q --nologo) || die "the local cluster did not build."
  stamp local-cluster "$sources"
}
