#!/bin/sh
# Installs what the checkout needs: pinned packages, and among them the Node that runs everything;
# then compiles the WebAssembly kernels when their sources are newer.
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

kernels=packages/kernels/build/kernels.wasm
if [ ! -f "$kernels" ] || [ -n "$(find packages/kernels/assembly packages/kernels/package.json -newer "$kernels" 2>/dev/null)" ]; then
  # Written beside and renamed, so that a build that was cut off leaves none behind. One page is the
  # least that the module asks of the memory it is given; 65,536 pages (4 GiB) are the most there are.
  if ! { mkdir -p packages/kernels/build && cd packages/kernels &&
    ../../node_modules/.bin/node node_modules/assemblyscript/bin/asc.js assembly/index.ts \
      --outFile build/kernels.new.wasm -O3 --runtime stub --enable simd --enable threads \
      --importMemory --sharedMemory --initialMemory 1 --maximumMemory 65536 --noAssert &&
    mv build/kernels.new.wasm build/kernels.wasm; } >"$log" 2>&1; then
    cat "$log" >&2
    echo "bootstrap: the WebAssembly kernels could not be compiled. Their sources are in packages/kernels/assembly." >&2
    exit 1
  fi
fi
