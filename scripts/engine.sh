# A Docker engine and Compose 2 for ./test containers and ./test kubernetes: those that are there, or on Debian as root some of our own.
# Sourced, after scripts/debian.sh. The functions say why they cannot.

ENGINE_PID=""

# Sets COMPOSE. Debian 12 has only Compose 1, which is another program: it gets the next release's, one static file.
need_compose() {
  if find_compose; then return 0; fi
  local folder="$CACHE/compose"
  if [[ ! -x "$folder/docker-compose" ]]; then
    is_debian_root || { say "Compose 2 is missing (package docker-compose-v2, or https://docs.docker.com)."; return 1; }
    say "Fetching Compose 2 from the next Debian release ..."
    apt_of trixie deb || return 1
    rm -rf "$folder"
    mkdir -p "$folder"
    (cd "$folder" && quietly "${APT[@]}" download docker-compose && dpkg-deb -x docker-compose_*.deb unpacked) || return 1
    cp "$(find "$folder/unpacked" -name docker-compose -type f -size +1M | head -1)" "$folder/docker-compose" || return 1
    rm -rf "$folder/unpacked" "$folder"/*.deb
  fi
  COMPOSE=("$folder/docker-compose")
}

# Sets DOCKER_HOST unless an engine answers already. Ours keeps its images in the cache; stop_engine ends it.
need_engine() {
  if command -v docker >/dev/null && docker info >/dev/null 2>&1; then return 0; fi
  is_debian_root || { say "No Docker engine answers, and only root on Debian can start one here. Start it, or set DOCKER_HOST."; return 1; }
  need_debian_packages docker.io iptables mmdebstrap || return 1
  local folder="$CACHE/docker"
  mkdir -p "$folder"
  export DOCKER_HOST="unix://$folder/docker.sock"
  if docker info >/dev/null 2>&1; then say "Another run uses the engine in $folder."; return 1; fi
  say "Starting a Docker engine in $folder ..."
  rm -f "$folder/dockerd.pid"
  # Without the mark of this run: what it starts is stopped by name, not killed.
  env -u AKKACHAT_TEST_RUN setsid dockerd --data-root "$folder/data" --exec-root "$folder/exec" --pidfile "$folder/dockerd.pid" -H "$DOCKER_HOST" \
    --default-ulimit nofile=20000:20000 >"$folder/dockerd.log" 2>&1 </dev/null &
  ENGINE_PID=$!
  local until=$((SECONDS + 60))
  until docker info >/dev/null 2>&1; do
    if ! kill -0 "$ENGINE_PID" 2>/dev/null || [[ $SECONDS -ge $until ]]; then
      say "The Docker engine did not start: $(grep -iE 'failed|error' "$folder/dockerd.log" | tail -1)"
      return 1
    fi
    sleep 0.2
  done
}

stop_engine() {
  [[ -n "$ENGINE_PID" ]] || return 0
  kill -TERM "$ENGINE_PID" 2>/dev/null
  wait "$ENGINE_PID" 2>/dev/null
  ENGINE_PID=""
}
