# `./run load`, sourced by ./run: the load test against a fresh `./run cluster` on free ports in a temporary folder, all of it stopped and
# removed at the end. The report stays in artifacts/load.

LOAD_DLL="$ROOT/src/LoadTest/bin/Release/net10.0/AkkaChat.LoadTest.dll"

build_load_test() {
  local sources
  sources="$(hash_of src/LoadTest Directory.Build.props Directory.Packages.props global.json .editorconfig BannedSymbols.txt)"
  stamped load-test "$sources" "$LOAD_DLL" && return 0
  need_dotnet
  say "Building the load test ..."
  (cd "$ROOT" && quietly dotnet build src/LoadTest/LoadTest.csproj -c Release -v q --nologo) || die "the load test did not build."
  stamp load-test "$sources"
}

# Exits with the load test's code.
stop_load() {
  trap - EXIT
  trap '' INT TERM HUP
  if [[ -n "${CLUSTER:-}" ]] && kill -TERM "$CLUSTER" 2>/dev/null; then
    say "Stopping the cluster ..."
    wait "$CLUSTER" 2>/dev/null
  fi
  mkdir -p "$REPORTS"
  cp -r "$DATA/cluster/logs" "$REPORTS/" 2>/dev/null
  rm -rf "$DATA"
  exit "$1"
}

run_load() {
  # Only help and errors in arguments: without a cluster.
  case " $* " in *" --help "* | *" -h "* | *" -? "* | *" --version "*) exec dotnet "$LOAD_DLL" "$@" ;; esac
  case " $* " in *" --url "* | *" -u "*) die "'./run load' starts a cluster of its own; for another server: dotnet $LOAD_DLL $*" ;; esac

  REPORTS="$ROOT/artifacts/load/$(date +%Y%m%d-%H%M%S)"
  DATA="$(mktemp -d "${TMPDIR:-/tmp}/akkachat-load.XXXXXX")"
  # PostgreSQL, which runs as a user of its own where root starts it, must get through.
  chmod 711 "$DATA"
  PORT="$(free_port 18080)"
  export DATA PORT
  trap 'stop_load $?' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP

  # Nobody else is there to be protected from a flood of new accounts.
  export AkkaChat__Auth__RegistrationsPerAddressPerMinute="${AkkaChat__Auth__RegistrationsPerAddressPerMinute:-100000}"
  say "Starting a cluster for the load test ..."
  # In a session of its own: Ctrl-C ends the load, and the cluster only after the report. If this script is killed, it ends too.
  setsid setpriv --pdeathsig TERM "$ROOT/run" cluster >"$DATA/run.log" 2>&1 </dev/null &
  CLUSTER=$!
  until grep -q '^AkkaChat: ' "$DATA/run.log"; do
    if ! kill -0 "$CLUSTER" 2>/dev/null; then
      cat "$DATA/run.log" >&2
      die "the cluster did not start."
    fi
    sleep 0.2
  done
  say "2 room nodes, 4 edges, HAProxy, PostgreSQL and Redis are up: http://localhost:$PORT"

  local status=0
  trap : INT TERM HUP
  dotnet "$LOAD_DLL" --url "http://localhost:$PORT" --json "$REPORTS/report.json" --html "$REPORTS/report.html" "$@" || status=$?
  exit "$status"
}
