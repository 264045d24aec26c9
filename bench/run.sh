#!/bin/sh
# Compares Isotherm with DuckDB and ClickHouse. Installs both here, outside the default install.
# Needs only Node 20 or newer and npm. Arguments go to bench/src/main.ts; --help lists them.
set -u
cd "$(dirname "$0")/.." || exit 1
sh scripts/bootstrap.sh || exit 1
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
if ! (cd bench && npx -y pnpm@12.21.0 install --frozen-lockfile) >"$log" 2>&1; then
  cat "$log" >&2
  echo "bench: DuckDB and ClickHouse (about 700 MB) could not be installed. Expected a package registry that answers; check the network, then run the same command again." >&2
  exit 1
fi
exec node_modules/.bin/node bench/src/main.ts "$@"
