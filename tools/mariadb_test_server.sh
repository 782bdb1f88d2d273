#!/usr/bin/env bash
# A private MariaDB server for tests: own data folder under /tmp, socket only, no password.
#
#   tools/mariadb_test_server.sh start   starts it when it does not run; prints its URL on stdout:
#                                        export ANLAN_TEST_MYSQL_URL=$(tools/mariadb_test_server.sh start)
#   tools/mariadb_test_server.sh stop    stops it and removes its data
#   tools/mariadb_test_server.sh kill    ends it by SIGKILL and keeps the data (fault tests)
#
# ANLAN_TEST_MYSQL_DIR moves the folder, so that two can run at the same time. As root the server
# runs as user mysql.
set -euo pipefail

folder=${ANLAN_TEST_MYSQL_DIR:-/tmp/anlan-mariadb-$(id -u)}
socket=$folder/socket
pid_file=$folder/pid
user=$(id -un)
[ "$(id -u)" = 0 ] && user=mysql
account=anlan_test

is_running() {
    [ -s "$pid_file" ] && kill -0 "$(cat "$pid_file")" 2>/dev/null
}

answers() {
    mariadb --no-defaults --socket="$socket" --user="$account" -e "SELECT 1" >/dev/null 2>&1
}

wait_until() {
    for _ in $(seq 200); do
        if "$@"; then return 0; fi
        sleep 0.1
    done
    return 1
}

is_gone() { ! is_running; }

start() {
    # Two callers at once: one starts, the other waits and finds it running.
    exec 9>"$folder.start-lock"
    flock 9
    if ! is_running; then
        if [ ! -d "$folder/data/mysql" ]; then
            rm -rf "$folder"
            mkdir -p -m 0755 "$folder/data"
            if [ "$(id -u)" = 0 ]; then chown -R "$user" "$folder"; fi
            mariadb-install-db --no-defaults --user="$user" --datadir="$folder/data" \
                --auth-root-authentication-method=normal --skip-test-db --skip-name-resolve \
                >"$folder/install.log" 2>&1 || { cat "$folder/install.log" >&2; exit 1; }
            # One statement a line. Without a password: the server has no network, and what it holds is for tests.
            printf "CREATE USER IF NOT EXISTS '%s'@'localhost';\nGRANT ALL ON *.* TO '%s'@'localhost';\n" \
                "$account" "$account" >"$folder/init.sql"
            chmod 0644 "$folder/init.sql"
        fi
        rm -f "$pid_file"
        mariadbd --no-defaults --user="$user" --datadir="$folder/data" --socket="$socket" \
            --pid-file="$pid_file" --log-error="$folder/error.log" --init-file="$folder/init.sql" \
            --skip-networking --skip-name-resolve --skip-log-bin \
            --innodb-flush-log-at-trx-commit=1 --innodb-buffer-pool-size=64M \
            --innodb-log-file-size=32M --max-connections=300 \
            </dev/null >/dev/null 2>&1 9>&- &
    fi
    if ! wait_until answers; then
        echo "the MariaDB test server did not start; end of $folder/error.log:" >&2
        tail -n 20 "$folder/error.log" >&2
        exit 1
    fi
    echo "mysql://$account@/anlan_test?socket=$socket"
}

end_with() {
    if is_running; then
        kill "-$1" "$(cat "$pid_file")"
        wait_until is_gone
    fi
}

case ${1:-} in
    start) start ;;
    stop)
        end_with TERM
        rm -rf "$folder" "$folder.start-lock"
        ;;
    kill) end_with KILL ;;
    *)
        echo "usage: $0 start|stop|kill" >&2
        exit 2
        ;;
esac
