#!/usr/bin/env bash
# Schemathesis against the OpenAPI document of a freshly started `grantor dev`: no 5xx, and nothing that the document does not say.
# Usage: tests/api/run.sh [path to the grantor binary]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
grantor=$(realpath "${1:-$here/../../target/release/grantor}")
data=$(mktemp -d)
port=${API_PORT:-18680}
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

[ -x "$here/.venv/bin/python" ] || python3 -m venv "$here/.venv"
"$here/.venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"

# A token with every scope of the org's manager, an app to try things on, and the values that are not a matter of chance.
"$here/.venv/bin/python" "$here/prepare.py" "$data/dev.json" "$data/schemathesis.toml"
cd "$data"
# One worker: Python before 3.12 counts the depth of what it parses for all threads together and fails when two of them parse at once.
timeout 300 "$here/.venv/bin/schemathesis" --config-file "$data/schemathesis.toml" run "http://127.0.0.1:$port/api/v1/openapi.json" \
  --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,response_headers_conformance \
  --phases examples,coverage,fuzzing --max-time "${API_SECONDS:-90}" --workers 1 --seed 1 --suppress-health-check all --warnings off --continue-on-failure \
  --request-timeout 20 --no-color
