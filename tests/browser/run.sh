#!/usr/bin/env bash
# Every page and every journey in Chromium against a freshly started `grantor dev`.
# Usage: tests/browser/run.sh [path to the grantor binary] [--screenshots]   (--screenshots writes docs/screenshots anew)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
grantor=$(realpath "${1:-$here/../../target/release/grantor}")
data=$(mktemp -d)
port=${BROWSER_PORT:-18580}
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

# Room for the apps of the journeys, and an org that has no room at all.
beside=("$grantor" --config "$data/dev.toml")
export BROWSER_PASSWORD='correct horse battery staple'
"${beside[@]}" org set acme --app-limit 90 >/dev/null
"${beside[@]}" org create --slug full --name 'Full House' --app-limit 1 >/dev/null
"${beside[@]}" org create --slug empty --name 'New Ventures' >/dev/null
for org in full empty; do
  printf %s "$BROWSER_PASSWORD" | "${beside[@]}" user create --org $org --email "admin@$org.test" --name "Alex Admin" --role admin --password-stdin >/dev/null
done
for i in 1 2 3 4 5 6 7 8 9; do # people whose password or sessions the journeys change
  printf %s "$BROWSER_PASSWORD" | "${beside[@]}" user create --org acme --email "journey$i@acme.test" --name "Journey $i" --role admin --password-stdin >/dev/null
done
for i in 1 2; do # people who are removed
  printf %s "$BROWSER_PASSWORD" | "${beside[@]}" user create --org acme --email "leaving$i@acme.test" --name "Leaving $i" --role member --password-stdin >/dev/null
done
"${beside[@]}" app verify "$(node -p 'JSON.parse(fs.readFileSync(process.argv[1])).apps.web.client_id' "$data/dev.json")" >/dev/null
# A link to set a password is printed once, for the page behind it.
"${beside[@]}" user create --org acme --email newcomer@acme.test --role member >"$data/newcomer"

export GRANTOR_DEV_JSON=$data/dev.json GRANTOR_DATA=$data
[ "${2:-}" != --screenshots ] || { export SCREENSHOTS=$here/../../docs/screenshots; mkdir -p "$SCREENSHOTS"; }
cd "$here"
npm ci --no-audit --no-fund --silent
timeout 900 npm test -- ${BROWSER_FILES:-}
