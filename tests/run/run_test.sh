#!/usr/bin/env bash
# ./run as a person uses it, in a prefix of its own: refusals before anything is built, first start,
# second start, TLS in the local network, stop; and that the machine's own Node is never used.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"
folder=$(mktemp -d)
chmod 755 "$folder"
export ANLAN_PREFIX=$folder/site
passed=0 failed=0
port=$((20000 + RANDOM % 10000))

ok() { passed=$((passed + 1)); echo "passed $1"; }
bad() { failed=$((failed + 1)); echo "failed $1"; [ -z "${2:-}" ] || sed 's/^/    /' "$2" | tail -n 25; }
# expect NAME STATUS TEXT COMMAND...
expect() {
    local name=$1 status=$2 text=$3 got
    shift 3
    "$@" >"$folder/out" 2>&1 </dev/null
    got=$?
    if [ $got = "$status" ] && grep -qF -- "$text" "$folder/out"; then ok "$name"; else bad "$name (status $got)" "$folder/out"; fi
}
finish() {
    ./run --stop >/dev/null 2>&1
    [ -z "${listener:-}" ] || kill "$listener" 2>/dev/null
    rm -rf "$folder"
    echo "$passed passed, $failed failed"
    [ $failed = 0 ]
    exit
}

expect "help" 0 "--listen ADDRESS:PORT" ./run --help
expect "an unknown option is named" 2 "unknown option --lisen" ./run --lisen
expect "beyond loopback needs TLS" 1 "needs TLS" ./run --listen "0.0.0.0:$port"
expect "an address without a port" 1 "wants ADDRESS:PORT" ./run --listen 127.0.0.1
python3 -c "
import socket, time
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(('127.0.0.1', $port)); s.listen(); time.sleep(600)" &
listener=$!
for _ in $(seq 100); do grep -q ":$(printf %04X $port) " /proc/net/tcp && break; sleep 0.05; done
expect "the owner of a taken port is named" 1 "Port $port is taken by python3 (pid $listener)" ./run --listen "127.0.0.1:$port"
kill $listener; wait $listener 2>/dev/null; listener=''
expect "nothing runs" 3 "does not run" ./run --status

# A Node that must not be used, first in PATH; and the stamp removed so that the console is built.
mkdir "$folder/stub"
for name in node npm npx; do printf '#!/bin/sh\ntouch "%s/used"\nexit 1\n' "$folder" > "$folder/stub/$name"; chmod 755 "$folder/stub/$name"; done
rm -f build/share/web.stamp
expect "first start" 0 "First passwords, shown once" env PATH="$folder/stub:$PATH" ./run --listen "127.0.0.1:$port"
[ ! -e "$folder/used" ] && ok "the machine's own Node is not used" || bad "the machine's own Node is used"
grep -q "Administrator    admin" "$folder/out" && grep -qE '^│   admin +[^ ]{12,}' "$folder/out" && ok "the box shows the first password" || bad "the box shows no first password" "$folder/out"
[ "$(curl -s "http://127.0.0.1:$port/" | grep -c '<div id="app"')" = 1 ] && ok "the console is served" || bad "the console is not served"
[ "$(stat -c %a "$ANLAN_PREFIX/var/first-passwords")" = 600 ] && ok "first passwords are private" || bad "var/first-passwords is $(stat -c %a "$ANLAN_PREFIX/var/first-passwords")"
if [ "$(id -u)" = 0 ]; then
    [ "$(ps -o user= -C anlan | sort -u | tr -d ' \n')" != root ] && ok "workers are not root" || bad "workers are root"
fi
expect "a second call finds it running" 0 "already runs on http://127.0.0.1:$port" ./run
expect "status" 0 "worker" ./run --status
expect "stop" 0 "stopped" ./run --stop
from=$(date +%s%N)
expect "a later start" 0 "http://127.0.0.1:$port/" ./run
spent=$((($(date +%s%N) - from) / 1000000))
[ $spent -lt 2000 ] && ok "a later start takes $spent ms" || bad "a later start takes $spent ms"
grep -q "shown once" "$folder/out" && bad "first passwords are shown again" || ok "first passwords are not shown again"
expect "stop again" 0 "stopped" ./run --stop

tls=$((port + 1))
expect "the local network" 0 "certificate SHA-256" ./run --lan --listen "0.0.0.0:$tls"
[ "$(curl -s -o /dev/null -w '%{http_code}' --cacert "$ANLAN_PREFIX/var/keys/lan.crt" "https://localhost:$tls/api/v1/session")" = 401 ] && ok "TLS answers with the certificate" || bad "TLS does not answer"
password=$(awk '$1 == "admin" { print $2 }' "$ANLAN_PREFIX/var/first-passwords")
curl -s -D "$folder/headers" -o /dev/null --cacert "$ANLAN_PREFIX/var/keys/lan.crt" -H 'Content-Type: application/json' -H 'X-Anlan-Request: 1' \
    -d "{\"account\":\"admin\",\"password\":\"$password\"}" "https://localhost:$tls/api/v1/session"
grep -qiE '^set-cookie: __Host-anlan_session=.*Secure' "$folder/headers" && ok "the cookie is a Secure __Host- cookie" || bad "no Secure cookie" "$folder/headers"
finish
