# `./test containers`, sourced by ./test: docker-compose.yml on a Docker engine of this machine, under the load test, while containers are
# killed, replaced and restarted. docs/containers.md has the results of a run.

NODES=(room1 room2 room3 edge1 edge2 edge3 edge4)

test_containers() {
  source scripts/debian.sh
  source scripts/compose.sh
  source scripts/engine.sh
  source scripts/load.sh
  source scripts/steps.sh
  local why
  why="$(mktemp)"
  AT_END=end_containers
  need_compose >"$why" || cannot "$(tail -1 "$why")"
  need_engine >"$why" || cannot "$(tail -1 "$why")"
  rm "$why"
  (build_load_test) && (need_node) || { failed "a tool is missing"; exit 1; }

  # Beside an installation of this machine: names, ports, network and tag of its own.
  STATE="$(mktemp -d)"
  export COMPOSE_PROJECT_NAME="akkachat-test-$$" AKKACHAT_VERSION=test AKKACHAT_SUBNET="${AKKACHAT_SUBNET:-172.29.84.0/24}"
  AKKACHAT_PORT="$(free_port 18080)" AKKACHAT_PROMETHEUS_PORT="$(free_port 19090)" AKKACHAT_GRAFANA_PORT="$(free_port 13000)"
  export AKKACHAT_PORT AKKACHAT_PROMETHEUS_PORT AKKACHAT_GRAFANA_PORT
  URL="http://localhost:$AKKACHAT_PORT"
  compose_secrets "$STATE"
  public_images "$CACHE/offline" || { failed "the stand-ins"; exit 1; }

  STARTED=1
  step "docker-compose.yml is valid" "${COMPOSE[@]}" config -q
  step "the images build" build_images
  step "every container becomes healthy" "${COMPOSE[@]}" up --detach --wait
  step "nodes have no rights that they do not need" rights
  step "Prometheus scrapes every node and HAProxy" eventually 60 "8 targets are up" targets_up
  step "a file is kept in the object store" node tests/Node/kept-file.mjs put "$URL" "$STATE/kept.json"
  step "an edge and a room node are killed under load" under_load containers-kill "$URL" 1 kill_containers
  step "every node is replaced under load, and no send fails" under_load containers-replace "$URL" 0 replace_containers
  step "all containers stop in their time" stop_containers
  step "and start again with what they held" "${COMPOSE[@]}" up --detach --wait
  step "the file is still there" node tests/Node/kept-file.mjs get "$URL" "$STATE/kept.json"
}

container() { "${COMPOSE[@]}" ps --all --quiet "$1"; }
healthy() { [[ "$(docker inspect --format '{{.State.Health.Status}}' "$(container "$1")")" == healthy ]]; }

rights() {
  local node id
  for node in "${NODES[@]}"; do
    id="$(container "$node")"
    [[ "$(docker exec "$id" id -u)" -ne 0 ]] || { say "$node runs as root"; return 1; }
    ! docker exec "$id" touch /app/x 2>/dev/null || { say "$node can write to its root file system"; return 1; }
    docker exec "$id" touch /tmp/x || { say "$node cannot write to /tmp"; return 1; }
    [[ "$(docker exec "$id" sed -n 's/^CapBnd:\s*//p' /proc/self/status)" == 0000000000000000 ]] || { say "$node has capabilities"; return 1; }
    docker exec "$id" grep -q '^NoNewPrivs:.*1' /proc/self/status || { say "$node can gain privileges"; return 1; }
  done
}

targets_up() {
  "${COMPOSE[@]}" exec -T prometheus promtool query instant http://127.0.0.1:9090 'count(up == 1)' | grep -q '=> 8 '
}

kill_containers() {
  say "Killing edge2 ..."
  "${COMPOSE[@]}" kill edge2 && loaded 10 || return 1
  say "Killing room2 ..."
  "${COMPOSE[@]}" kill room2 && loaded 30 || return 1
  # The engine takes these two for stopped by hand.
  "${COMPOSE[@]}" up --detach --wait --no-deps edge2 room2 || return 1
  local process id
  id="$(container room1)"
  process="$(docker inspect --format '{{.State.Pid}}' "$id")"
  if [[ -d "/proc/$process" && $EUID -eq 0 ]]; then
    say "Killing the process of room1 ..."
    kill -9 "$process"
    eventually 60 "the engine starts it again" restarted "$id" && eventually 120 "it is healthy" healthy room1 || return 1
  fi
  loaded 10
}

restarted() { [[ "$(docker inspect --format '{{.RestartCount}} {{.State.Running}}' "$1")" == "1 true" ]]; }

# As docs/containers.md says of an upgrade.
replace_containers() {
  local node
  for node in "${NODES[@]}"; do
    say "Replacing $node ..."
    "${COMPOSE[@]}" up --detach --wait --no-deps --force-recreate "$node" || return 1
  done
}

# A container that its engine had to kill ends with 137.
stop_containers() {
  local node code
  "${COMPOSE[@]}" stop || return 1
  for node in "${NODES[@]}" haproxy postgres redis; do
    code="$(docker inspect --format '{{.State.ExitCode}}' "$(container "$node")")"
    [[ "$code" != 137 ]] || { say "$node did not stop within its grace period"; return 1; }
  done
}

end_containers() {
  if [[ -n "${STARTED:-}" ]]; then
    if [[ "$FAILED" -gt 0 ]]; then
      "${COMPOSE[@]}" ps --all
      "${COMPOSE[@]}" logs --no-color >"$RESULTS/containers.log" 2>&1
      say "The containers' logs: artifacts/test-results/containers.log"
    fi
    "${COMPOSE[@]}" down --volumes --timeout 5 >/dev/null 2>&1
  fi
  stop_engine
  rm -rf "${STATE:-}"
}
