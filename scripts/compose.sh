# docker-compose.yml, for ./run compose, which runs it in the foreground like the other forms of ./run, and for ./test containers. Sourced.

PUBLIC_IMAGES=(postgres:17 redis:7 haproxy:3.0 versity/versitygw:v1.0.14 prom/prometheus:v3.5.0 grafana/grafana-oss:12.1.1)

# Sets COMPOSE.
find_compose() {
  if docker compose version >/dev/null 2>&1; then COMPOSE=(docker compose)
  elif docker-compose version --short 2>/dev/null | grep -q '^v\?2'; then COMPOSE=(docker-compose)
  else return 1
  fi
}

# setting NAME BYTES: a secret of .env, generated once.
setting() {
  grep -q "^$1=" "$ENV_FILE" 2>/dev/null || printf '%s=%s\n' "$1" "$(head -c "$2" /dev/urandom | base64 -w0)" >>"$ENV_FILE"
}

# secret_file NAME: generated once. Containers read it as users of their own; the folder keeps others out.
secret_file() {
  [[ -s "$AKKACHAT_SECRETS/$1" ]] || (umask 022; head -c 32 /dev/urandom | base64 -w0 >"$AKKACHAT_SECRETS/$1")
}

# compose_secrets FOLDER: what docker-compose.yml requires, generated there once.
compose_secrets() {
  mkdir -p "$1"
  ENV_FILE="$1/.env"
  (umask 077; setting AKKACHAT_POSTGRES_PASSWORD 24; setting AKKACHAT_REDIS_PASSWORD 24; setting AKKACHAT_SIGNING_KEY 32; setting AKKACHAT_S3_SECRET_KEY 24)
  export AKKACHAT_SECRETS="$1/secrets"
  (umask 077; mkdir -p "$AKKACHAT_SECRETS")
  secret_file management-token
  secret_file grafana-password
}

# public_images CACHE: from a registry, or where none answers stand-ins made of this machine's own packages. Adds to COMPOSE.
public_images() {
  local files=(-f "$ROOT/docker-compose.yml")
  # Stand-ins that an engine has already are completed rather than mixed with images of a registry; those that are there are kept.
  if docker image inspect akkachat/offline-base >/dev/null 2>&1 ||
    { ! docker image inspect "${PUBLIC_IMAGES[@]}" >/dev/null 2>&1 && ! timeout 120 docker pull -q redis:7 >/dev/null 2>&1; }; then
    say "No image registry answers: the public images are stand-ins, made once from Debian packages ..."
    "$ROOT/containers/offline.sh" "$1" || return 1
  fi
  if docker image inspect akkachat/offline-base >/dev/null 2>&1; then files+=(-f "$ROOT/containers/offline.yml"); fi
  COMPOSE+=(--env-file "$ENV_FILE" "${files[@]}")
}

# build_images [SERVICE…]: those of all services, or of some.
build_images() {
  say "Building the images ..."
  DOCKER_BUILDKIT=1 "${COMPOSE[@]}" build --quiet "$@"
}

run_compose() {
  local folder="$DATA/compose"
  find_compose || die "Docker with Compose 2 is needed for './run compose' (packages docker.io and docker-compose-v2, or https://docs.docker.com)."
  docker info >/dev/null 2>&1 || die "no Docker engine answers; start it, or set DOCKER_HOST."
  export AKKACHAT_PORT="$PORT"
  compose_secrets "$folder"
  public_images "$folder/offline" || die "the stand-ins could not be made."
  build_images || die "the images could not be built."
  cd "$ROOT"
  trap stop_compose EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  say "Starting ..."
  "${COMPOSE[@]}" up --detach --wait || die "not every container became healthy; see: docker compose -p akkachat logs"
  say "AkkaChat: http://localhost:$PORT   (secrets in $folder, data in the volumes akkachat_postgres and akkachat_s3, Ctrl-C stops it)"
  say "Prometheus: http://localhost:${AKKACHAT_PROMETHEUS_PORT:-9090}, Grafana: http://localhost:${AKKACHAT_GRAFANA_PORT:-3000} (admin, $AKKACHAT_SECRETS/grafana-password)"
  # In the background, since the shell would delay a signal until it ends.
  "${COMPOSE[@]}" logs --follow --since 1s &
  wait $!
}

# Soft: edges send their clients elsewhere, rooms are handed over. A second Ctrl-C does not hurry it: Docker kills what takes over a minute.
stop_compose() {
  trap '' INT TERM HUP
  say "Stopping ..."
  "${COMPOSE[@]}" stop
}
