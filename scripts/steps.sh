# What the opt-in commands ./test containers and ./test kubernetes share: steps, conditions to wait for, and the load test beside a step.
# Sourced by ./test, whose `failed`, PASSED and RESULTS they use.

# cannot WHY…: there is nothing to judge on this machine; ./test then ends with code 2.
cannot() { CANNOT="$*"; say "It cannot run here: $*"; exit 2; }

# step WHAT COMMAND…: one test. Later steps run only after those before them passed.
step() {
  local what="$1" started=$SECONDS
  shift
  printf '\n== %s\n' "$what"
  if "$@"; then
    PASSED=$((PASSED + 1))
    say "ok: $what, $((SECONDS - started)) s"
  else
    failed "$what, after $((SECONDS - started)) s"
    exit 1
  fi
}

# eventually SECONDS WHAT COMMAND…: waits until the command succeeds.
eventually() {
  local until=$((SECONDS + $1)) what="$2"
  shift 2
  until "$@" >/dev/null 2>&1; do
    if [[ $SECONDS -ge $until ]]; then
      say "It did not happen: $what"
      return 1
    fi
    sleep 0.5
  done
}

# under_load NAME URL MAX_ERRORS COMMAND…: the load test of 100 users runs meanwhile, and some seconds longer. Fails where the load test finds
# something lost, doubled, out of order or altered, or more than MAX_ERRORS percent of the sends failed.
under_load() {
  local name="$1" url="$2" errors="$3" status=0 load
  shift 3
  LOAD_LOG="$RESULTS/$name.log"
  dotnet "$LOAD_DLL" --url "$url" --users 100 --rooms 10 --rate "${AKKACHAT_RATE:-100}" --duration 1h --settle 60s --max-errors "$errors" --plain \
    --json "$RESULTS/$name.json" --html "$RESULTS/$name.html" >"$LOAD_LOG" 2>&1 </dev/null &
  load=$!
  loaded 10 && "$@" && loaded 10 || status=$?
  kill -TERM "$load" 2>/dev/null
  wait "$load" || status=$?
  sed -n '/^http/,$p' "$LOAD_LOG" | grep -v '^$'
  [[ "$status" -eq 0 ]] || tail -n 3 "$LOAD_LOG"
  return "$status"
}

# loaded SECONDS: lets that many seconds of load pass, by the load test's own count.
loaded() {
  local from
  from="$(load_seconds)"
  eventually $(($1 * 4 + 60)) "$1 s of load" more_load $((from + $1))
}

load_seconds() { sed -n 's/^ *\([0-9]*\) s  .* connected .*/\1/p' "$LOAD_LOG" | tail -1 | grep . || echo 0; }
more_load() { [[ "$(load_seconds)" -ge "$1" ]]; }
