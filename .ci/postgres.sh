#!/usr/bin/env bash
# Runs a command beside a throw-away PostgreSQL cluster:
#
#   bash .ci/postgres.sh go test ./letters/store/...
#
# The cluster lies in a temporary directory, listens on a free port of
# 127.0.0.1 and ends with the command, also when that fails or is stopped.
# The command finds it in OSHIRASE_TEST_POSTGRES. fsync is off: the data is
# made to be thrown away; PG_DURABLE=on leaves it as an office runs it.
set -euo pipefail

bin=${PG_BIN:-$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1 || true)}
if [ -z "$bin" ] && command -v pg_config >/dev/null; then bin=$(pg_config --bindir); fi
if [ ! -x "$bin/initdb" ]; then
  echo "PostgreSQL server programs are missing; install postgresql (15 or newer)" >&2
  exit 1
fi

# The server refuses to run as root.
as=()
if [ "$(id -u)" = 0 ]; then
  user=nobody
  if id postgres >/dev/null 2>&1; then user=postgres; fi
  as=(runuser -u "$user" --)
fi

dir=$(mktemp -d)
if [ "${#as[@]}" -gt 0 ]; then chown "$user" "$dir"; fi

stop() {
  trap - EXIT INT TERM HUP
  (cd / && "${as[@]}" "$bin/pg_ctl" -D "$dir/data" -m immediate -w stop >/dev/null 2>&1) || true
  rm -rf "$dir"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

(cd / && "${as[@]}" "$bin/initdb" -D "$dir/data" -U oshirase -A trust -E UTF8 --locale=C.UTF-8 -N >"$dir/initdb.log" 2>&1) || {
  cat "$dir/initdb.log" >&2
  exit 1
}

durable=(-c fsync=off -c synchronous_commit=off -c full_page_writes=off)
if [ "${PG_DURABLE:-}" = on ]; then durable=(-c shared_buffers=512MB -c max_wal_size=4GB); fi

# A port that was free a moment ago may be taken now; try a few.
start() {
  local port=$1
  (cd / && "${as[@]}" "$bin/pg_ctl" -D "$dir/data" -w -t 120 -l "$dir/data/server.log" \
    -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories='' ${durable[*]} -c max_connections=400" \
    start >/dev/null 2>&1)
}
for try in 1 2 3 4 5 6 7 8; do
  port=$((20000 + (RANDOM * 32768 + RANDOM) % 12000))
  if start "$port"; then break; fi
  if [ "$try" = 8 ]; then
    cat "$dir/data/server.log" >&2 || true
    exit 1
  fi
done

export OSHIRASE_TEST_POSTGRES="postgres://oshirase@127.0.0.1:$port/postgres?sslmode=disable"
"$@" &
child=$!
trap 'kill -INT "$child" 2>/dev/null || true; wait "$child" || true; exit 130' INT
trap 'kill -TERM "$child" 2>/dev/null || true; wait "$child" || true; exit 143' TERM HUP
status=0
wait "$child" || status=$?
exit "$status"
