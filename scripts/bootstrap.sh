#!/bin/sh
# Installs what the checkout needs: pinned packages, and among them the Node that runs everything.
# Needs only Node 20 or newer and npm. Safe to repeat: a finished install takes about a second.
set -u
cd "$(dirname "$0")/.." || exit 1
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
if ! npx -y pnpm@12.21.0 install --frozen-lockfile >"$log" 2>&1; then
  cat "$log" >&2
  echo "bootstrap: the packages could not be installed. Expected a package registry that answers; check the network or the registry setting of npm, then run the same command again." >&2
  exit 1
fi
