#!/usr/bin/env bash
# Real clients against a freshly started `grantor dev`. Usage: tests/interop/run.sh [path to the grantor binary]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
grantor=$(realpath "${1:-$here/../../target/release/grantor}")
data=$(mktemp -d)
port=${INTEROP_PORT:-18480}
server=
finish() {
  [ -z "$server" ] || { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; }
  rm -rf "$data" "$data.log"
}
trap finish EXIT

"$grantor" dev --port "$port" --data-dir "$data" >"$data.log" 2>&1 &
server=$!
for _ in $(seq 150); do
  grep -q '^grantor is ready at' "$data.log" && break
  kill -0 "$server" 2>/dev/null || { cat "$data.log"; exit 1; }
  sleep 0.2
done
grep -q '^grantor is ready at' "$data.log" || { cat "$data.log"; exit 1; }
export GRANTOR_DEV_JSON=$data/dev.json

(cd "$here/node" && npm ci --no-audit --no-fund --silent && npm test)

[ -x "$here/python/.venv/bin/python" ] || python3 -m venv "$here/python/.venv"
"$here/python/.venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/python/requirements.txt"
(cd "$here/python" && .venv/bin/python -m pytest -q -p no:cacheprovider)
(cd "$here/destination" && ../python/.venv/bin/python -m pytest -q -p no:cacheprovider)
# The programs of the quick start. One whose toolchain is not installed is left out, with a line that says so; with CI set it fails.
(cd "$here/snippets" && ../python/.venv/bin/python -m pytest -q -rs -p no:cacheprovider)
