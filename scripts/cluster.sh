# `./run cluster`, sourced by ./run: PostgreSQL, Redis, 2 room nodes, 4 edges and HAProxy as processes of this machine, each
# supervised, restarted when one dies, and stopped in order. All files are in $DATA/cluster.

declare -A PID STARTED DELAY DUE AT PORT_OF
RUNNING=()        # names, in the order they were started
SELF=$$
STOPPING=""

# --- External programs -----------------------------------------------------------------------------------------------------

find_program() {
  local found
  found="$(PATH="$PATH:/usr/sbin:/sbin" type -P "$1")" || die "$1 is needed for './run cluster'; install the package $2."
  printf '%s' "$found"
}

find_postgres() {
  local newest
  newest="$(ls -d /usr/lib/postgresql/*/bin/postgres 2>/dev/null | sort -V | tail -1)"
  [[ -n "$newest" ]] || newest="$(type -P postgres)" ||
    die "PostgreSQL is needed for './run cluster'; install the package postgresql, or set AkkaChat__Database__ConnectionString."
  dirname "$newest"
}

# PostgreSQL refuses to run as root, and Redis has no need to.
service_user() {
  AS=()
  SERVICE_USER=""
  [[ $EUID -eq 0 ]] || return 0
  SERVICE_USER="$(id -un postgres 2>/dev/null || echo nobody)"
  AS=(--reuid="$SERVICE_USER" --regid="$(id -gn "$SERVICE_USER")" --clear-groups)
  setpriv "${AS[@]}" test -x "$HOME_OF_CLUSTER" ||
    die "the user $SERVICE_USER, as whom PostgreSQL runs here, may not enter $HOME_OF_CLUSTER; set DATA to a folder outside root's own."
}

# secret FILE BYTES: generated once, readable by the owner only.
secret() {
  [[ -s "$1" ]] || (umask 077; head -c "$2" /dev/urandom | base64 -w0 >"$1")
  cat "$1"
}

prepare_postgres() {
  local folder="$HOME_OF_CLUSTER/postgres"
  POSTGRES_PASSWORD="$(secret "$HOME_OF_CLUSTER/secrets/postgres" 24)"
  if [[ ! -f "$folder/PG_VERSION" ]]; then
    say "Creating the database ..."
    rm -rf "$folder.new"
    mkdir -m 700 "$folder.new"
    local admin="$folder.new.password"
    (umask 077; head -c 24 /dev/urandom | base64 -w0 >"$admin")
    [[ -z "$SERVICE_USER" ]] || chown "$SERVICE_USER" "$folder.new" "$admin"
    setpriv "${AS[@]}" "$PGBIN/initdb" -D "$folder.new" -U postgres -E UTF8 --locale=C.UTF-8 --auth=scram-sha-256 --pwfile="$admin" \
      >"$LOGS/initdb.log" 2>&1 || die "initdb failed; see $LOGS/initdb.log."
    # A line is a statement here.
    printf "CREATE ROLE akkachat LOGIN PASSWORD '%s'\nCREATE DATABASE akkachat OWNER akkachat\n" "$POSTGRES_PASSWORD" |
      setpriv "${AS[@]}" "$PGBIN/postgres" --single -D "$folder.new" postgres >>"$LOGS/initdb.log" 2>&1 ||
      die "the database could not be created; see $LOGS/initdb.log."
    rm -f "$admin"
    # Only a finished database gets the name that a second start looks for.
    mv "$folder.new" "$folder"
  fi
}

prepare_redis() {
  REDIS_PASSWORD="$(secret "$HOME_OF_CLUSTER/secrets/redis" 24)"
  mkdir -p "$HOME_OF_CLUSTER/redis"
  # It holds only presence, which the edges rebuild: nothing is written to disk.
  (umask 077; printf '%s\n' "bind 127.0.0.1" "port ${PORT_OF[redis]}" "requirepass $REDIS_PASSWORD" "dir $HOME_OF_CLUSTER/redis" \
    'save ""' "appendonly no" "daemonize no" >"$HOME_OF_CLUSTER/redis/redis.conf")
  [[ -z "$SERVICE_USER" ]] || chown -R "$SERVICE_USER" "$HOME_OF_CLUSTER/redis"
}

# --- Starting and watching -------------------------------------------------------------------------------------------------

# launch NAME COMMAND…: a process in a session of its own, so that the terminal's Ctrl-C reaches this script alone. If this
# script is killed, the kernel ends the process too (PDEATHSIG). Descriptor 9 is the lock: it is held until the last is gone.
launch() {
  local name="$1"
  shift
  local options=(--pdeathsig TERM)
  case "$name" in postgres | redis) options+=("${AS[@]}") ;; esac
  setsid setpriv "${options[@]}" "$@" >>"$LOGS/$name.log" 2>&1 </dev/null &
  PID[$name]=$!
  STARTED[$name]=$SECONDS
  # Its end is reported by supervise, not by the shell's job control.
  disown "${PID[$name]}"
}

start() {
  local name="$1" at="127.0.0.1:${PORT_OF[$1]:-}"
  case "$name" in
    postgres)
      launch "$name" "$PGBIN/postgres" -D "$HOME_OF_CLUSTER/postgres" -c listen_addresses=127.0.0.1 -c port="${PORT_OF[postgres]}" \
        -c unix_socket_directories= -c max_connections=300 -c fsync=on -c full_page_writes=on -c synchronous_commit=on
      ;;
    redis) launch "$name" "$REDIS" "$HOME_OF_CLUSTER/redis/redis.conf" ;;
    room*)
      launch "$name" env -u PORT "${NODE_ENV[@]}" AkkaChat__Cluster__Roles__0=room AkkaChat__Cluster__Port="${PORT_OF[$name.akka]}" \
        AkkaChat__Management__Port="${PORT_OF[$name]}" dotnet "$CLUSTER_DLL"
      ;;
    edge*)
      launch "$name" env "${NODE_ENV[@]}" AkkaChat__Cluster__Roles__0=edge AkkaChat__Cluster__Port="${PORT_OF[$name.akka]}" \
        PORT="${PORT_OF[$name]}" dotnet "$EDGE_DLL"
      ;;
    haproxy)
      local bind="127.0.0.1:$PORT"
      [[ ! -e /proc/net/if_inet6 ]] || ! grep -q '^0*1 ' /proc/net/if_inet6 || bind+=",[::1]:$PORT"
      launch "$name" env AKKACHAT_BIND="$bind" AKKACHAT_EDGE1="127.0.0.1:${PORT_OF[edge1]}" AKKACHAT_EDGE2="127.0.0.1:${PORT_OF[edge2]}" \
        AKKACHAT_EDGE3="127.0.0.1:${PORT_OF[edge3]}" AKKACHAT_EDGE4="127.0.0.1:${PORT_OF[edge4]}" "$HAPROXY" -db -f "$ROOT/haproxy/haproxy.cfg"
      at="localhost:$PORT"
      ;;
  esac
  AT[$name]="$at"
  [[ " ${RUNNING[*]} " == *" $name "* ]] || RUNNING+=("$name")
}

alive() { kill -0 "${PID[$1]:-0}" 2>/dev/null && [[ "${PID[$1]:-0}" != 0 ]]; }

# http_ok PORT PATH: answers 200 within 2 s.
http_ok() {
  (
    exec 3<>"/dev/tcp/127.0.0.1/$1" || exit 1
    printf 'GET %s HTTP/1.1\r\nHost: localhost:%s\r\nConnection: close\r\n\r\n' "$2" "$1" >&3
    read -r -t 2 _ status _ <&3
    [[ "$status" == 200 ]]
  ) 2>/dev/null
}

answers() {
  case "$1" in
    postgres) "$PGBIN/pg_isready" -q -h 127.0.0.1 -p "${PORT_OF[postgres]}" -t 1 ;;
    redis) port_busy "${PORT_OF[redis]}" ;;
    haproxy) http_ok "$PORT" /health/ready ;;
    *) http_ok "${PORT_OF[$1]}" /health/ready ;;
  esac
}

# await SECONDS NAME…: until all of them answer.
await() {
  local until=$((SECONDS + $1)) name
  shift
  for name in "$@"; do
    until answers "$name"; do
      if ! alive "$name" || [[ $SECONDS -ge $until ]]; then
        printf '%s\n' "--- the end of $LOGS/$name.log" >&2
        tail -n 30 "$LOGS/$name.log" >&2
        die "$name $(alive "$name" && echo 'was not ready in time' || echo 'ended at start'); its log is $LOGS/$name.log."
      fi
      sleep 0.2
    done
  done
}

# A node that lost the cluster exits and relies on being restarted: at once the first time, then with back-off.
supervise() {
  local name pause
  while :; do
    for name in "${RUNNING[@]}"; do
      alive "$name" && continue
      if [[ -z "${DUE[$name]:-}" ]]; then
        pause="${DELAY[$name]:-0}"
        [[ $((SECONDS - STARTED[$name])) -lt 60 ]] || pause=0
        say "$(date +%T) $name exited; restarting in $pause s (log: $LOGS/$name.log)"
        DUE[$name]=$((SECONDS + pause))
        DELAY[$name]=$((pause == 0 ? 1 : pause >= 16 ? 30 : pause * 2))
      elif [[ $SECONDS -ge "${DUE[$name]}" ]]; then
        DUE[$name]=""
        start "$name"
        say "$(date +%T) $name started, pid ${PID[$name]}"
      fi
    done
    sleep 0.5
  done
}

# --- Stopping --------------------------------------------------------------------------------------------------------------

# stop SECONDS SIGNAL NAME…: signals all of them at once, waits, and kills the rest.
stop() {
  local patience="$1" signal="$2" name left
  shift 2
  for name in "$@"; do ! alive "$name" || kill -s "$signal" "${PID[$name]}" 2>/dev/null || true; done
  local until=$((SECONDS + patience))
  while :; do
    left=""
    for name in "$@"; do ! alive "$name" || left+=" $name"; done
    [[ -n "$left" ]] || return 0
    [[ $SECONDS -lt $until && "$STOPPING" != now ]] || break
    sleep 0.1
  done
  for name in $left; do
    say "$name did not stop in time: killed"
    kill -9 "${PID[$name]}" 2>/dev/null || true
  done
}

stop_all() {
  [[ $BASHPID -eq $SELF ]] || exit "$1"
  [[ -z "$STOPPING" ]] || return 0
  STOPPING=soft
  trap 'STOPPING=now' INT TERM HUP
  trap - EXIT
  set +e
  [[ ${#RUNNING[@]} -eq 0 ]] || say "Stopping ..."
  # Soft stop: HAProxy accepts nothing new and stays up until the edges have closed their sockets.
  ! alive haproxy || kill -s USR1 "${PID[haproxy]}"
  stop 40 TERM edge1 edge2 edge3 edge4
  stop 3 TERM haproxy
  stop 30 TERM room1 room2
  stop 5 TERM redis
  # Fast, not smart: no client is left to end its session. If it takes longer, the next start recovers.
  STOPPING=soft
  stop 30 INT postgres
  exit "$1"
}

# --- Main ------------------------------------------------------------------------------------------------------------------

run_cluster() {
  HOME_OF_CLUSTER="$DATA/cluster"
  LOGS="$HOME_OF_CLUSTER/logs"
  mkdir -p "$LOGS"
  (umask 077; mkdir -p "$HOME_OF_CLUSTER/secrets")
  exec 9>"$HOME_OF_CLUSTER/lock"
  flock -w 45 9 || die "another './run cluster' uses $HOME_OF_CLUSTER; stop it or set DATA to another folder."

  HAPROXY="$(find_program haproxy haproxy)"
  local own_postgres=1 own_redis=1 name log
  [[ -z "${AkkaChat__Database__ConnectionString:-}" ]] || own_postgres=""
  [[ -z "${AkkaChat__Presence__Redis:-}" ]] || own_redis=""
  [[ -z "$own_postgres" ]] || PGBIN="$(find_postgres)"
  [[ -z "$own_redis" ]] || REDIS="$(find_program redis-server redis-server)"
  [[ -z "$own_postgres$own_redis" ]] || service_user
  for log in "$LOGS"/*.log; do [[ ! -e "$log" ]] || mv "$log" "$log.1"; done
  ulimit -n "$(ulimit -Hn)" 2>/dev/null || true

  # Nothing below 1024 and nothing in use; each kind of port counts up from a fixed first one.
  local next
  PORT_OF[postgres]="$(free_port 5442)"
  PORT_OF[redis]="$(free_port 6390)"
  next=5100
  for name in room1 room2 edge1 edge2 edge3 edge4; do next="$(free_port $((next + 1)))"; PORT_OF[$name.akka]=$next; done
  next=$((PORT < 1024 || PORT > 65000 ? 8080 : PORT))
  for name in edge1 edge2 edge3 edge4 room1 room2; do next="$(free_port $((next + 1)))"; PORT_OF[$name]=$next; done

  trap 'stop_all 130' INT
  trap 'stop_all 143' TERM HUP
  trap 'stop_all $?' EXIT

  if [[ -n "$own_postgres" ]]; then
    prepare_postgres
    start postgres
    AkkaChat__Database__ConnectionString="Host=127.0.0.1;Port=${PORT_OF[postgres]};Database=akkachat;Username=akkachat;Password=$POSTGRES_PASSWORD"
  fi
  if [[ -n "$own_redis" ]]; then
    prepare_redis
    start redis
    AkkaChat__Presence__Redis="127.0.0.1:${PORT_OF[redis]},password=$REDIS_PASSWORD,abortConnect=false"
  fi
  export AkkaChat__Database__ConnectionString AkkaChat__Presence__Redis
  [[ -z "$own_postgres" ]] || await 60 postgres
  [[ -z "$own_redis" ]] || await 10 redis

  # Through the environment and not through arguments, which every user of the machine can read.
  export AkkaChat__Auth__SigningKeys__0__Id="${AkkaChat__Auth__SigningKeys__0__Id:-cluster-1}"
  [[ -n "${AkkaChat__Auth__SigningKeys__0__Key:-}" ]] ||
    AkkaChat__Auth__SigningKeys__0__Key="$(secret "$HOME_OF_CLUSTER/secrets/signing-key" 32)"
  export AkkaChat__Auth__SigningKeys__0__Key
  NODE_ENV=(
    AkkaChat__Cluster__Hostname=127.0.0.1
    AkkaChat__Cluster__SeedNodes__0="akka.tcp://chat@127.0.0.1:${PORT_OF[room1.akka]}"
    AkkaChat__Cluster__SeedNodes__1="akka.tcp://chat@127.0.0.1:${PORT_OF[room2.akka]}"
    AkkaChat__Database__Provider=postgres
    DATA="$HOME_OF_CLUSTER"
  )
  cd "$(dirname "$EDGE_DLL")"

  say "Starting 2 room nodes and 4 edges ..."
  for name in room1 room2 edge1 edge2 edge3 edge4; do start "$name"; done
  await 120 room1 room2 edge1 edge2 edge3 edge4
  start haproxy
  await 15 haproxy

  printf '\n%-10s %-8s %-22s %-10s %s\n' process pid address cluster log
  for name in "${RUNNING[@]}"; do
    printf '%-10s %-8s %-22s %-10s %s\n' "$name" "${PID[$name]}" "${AT[$name]}" "${PORT_OF[$name.akka]:--}" "$LOGS/$name.log"
  done
  printf '\n'
  say "AkkaChat: http://localhost:$PORT   (data in $HOME_OF_CLUSTER, Ctrl-C stops all of it)"
  supervise
}
