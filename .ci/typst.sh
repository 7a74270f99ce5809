#!/usr/bin/env bash
# Installs the peer of the benchmark, Typst as a node module, outside the tree
# and prints where it lies. Without node it prints nothing: the benchmark then
# runs without it and says so.
set -euo pipefail
version=0.7.0
dir=${XDG_CACHE_HOME:-$HOME/.cache}/oshirase/typst-$version
command -v node >/dev/null && command -v npm >/dev/null || exit 0
if [ ! -d "$dir/node_modules/@myriaddreamin/typst-ts-node-compiler" ]; then
  mkdir -p "$dir"
  (cd "$dir" && echo '{"private":true}' >package.json &&
    npm install --no-audit --no-fund --save-exact "@myriaddreamin/typst-ts-node-compiler@$version" >&2)
fi
echo "$dir"
