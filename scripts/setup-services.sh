#!/bin/sh
# Installs what some tests compare with, into .services (ignored by git): a Python with pyarrow,
# which proves that other readers understand our segment files. Nothing else needs it: without it
# those tests are skipped with a reason, or fail when ISOTHERM_TEST_REQUIRE=all.
# Needs python3 with venv (installed from Debian's packages when this runs as root and they are
# missing), and a package index that pip reaches. Safe to repeat.
set -u
cd "$(dirname "$0")/.." || exit 1

version=26.0.1
venv=.services/venv

installed() {
  [ -x "$venv/bin/python" ] || return 1
  [ "$("$venv/bin/python" -c 'import pyarrow; print(pyarrow.__version__)' 2>/dev/null)" = "$version" ]
}

if installed; then
  echo "setup-services: pyarrow $version is installed already in $venv."
  exit 0
fi

if ! python3 -c 'import ensurepip, venv' 2>/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "setup-services: installing Debian's python3-venv."
  apt-get update -qq && apt-get install -y -qq python3-venv
fi

if ! command -v python3 >/dev/null 2>&1; then
  echo "setup-services: python3 is not installed. Expected Python 3.10 or newer; install it and run this again." >&2
  exit 1
fi

echo "setup-services: installing pyarrow $version into $venv (about 150 MB)."
mkdir -p .services || exit 1
if ! python3 -m venv "$venv"; then
  echo "setup-services: python3 cannot make virtual environments. On Debian install python3-venv, then run this again." >&2
  exit 1
fi
if ! "$venv/bin/pip" install --quiet --disable-pip-version-check "pyarrow==$version"; then
  echo "setup-services: pip could not install pyarrow $version. Check that it reaches a package index, then run this again." >&2
  exit 1
fi
if ! installed; then
  echo "setup-services: pyarrow was installed into $venv but cannot be imported. Remove that folder and run this again." >&2
  exit 1
fi
echo "setup-services: done."
