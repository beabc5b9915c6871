#!/usr/bin/env bash
# Installs this package beside the versions that are there, and lets all groups run on it.
#
#   tar -xf ruilbrug-VERSION.tar.gz && sudo ruilbrug-VERSION/install.sh
#   sudo /opt/ruilbrug/VERSION/deploy/install.sh --switch VERSION    # run on a version that is there
#
# Needs Debian 12 or newer with python3-venv, and a package index for pip (or its files: PIP_FIND_LINKS
# and PIP_NO_INDEX). Every file is held against its digest before it is used. Makes:
#   /opt/ruilbrug/VERSION   the program with its libraries; /opt/ruilbrug/current is the one that runs
#   /srv/ruilbrug           folders of groups, of the user ruilbrug that nodes run as
#   /var/backups/ruilbrug   their nightly backups
#   /usr/local/bin/ruilbrug, /etc/systemd/system/ruilbrug*
# It can be run again at any time, after an interruption too. Nodes that run are stopped only while
# their tables are brought up to date; where one of them cannot be, nothing is changed.
set -euo pipefail
umask 022

here=$(cd "$(dirname "$0")" && pwd)
prefix=${RUILBRUG_PREFIX:-} # another root folder, to try this out
opt=$prefix/opt/ruilbrug
nodes=$prefix/srv/ruilbrug
backups=$prefix/var/backups/ruilbrug
units=$prefix/etc/systemd/system
command=$prefix/usr/local/bin/ruilbrug
stopped=$opt/.stopped

say() { echo "install: $*" >&2; }
fail() {
    say "$@"
    exit 1
}

[ -n "$prefix" ] || [ "$(id -u)" = 0 ] || fail "run this as root: sudo $0"
case "$#:${1:-}" in
    0:) ;;
    2:--switch) ;;
    *) sed -n '2,6p' "$0" >&2 && exit 2 ;;
esac
mkdir -p "$opt" "$units" "${command%/*}"
exec 9>"$opt/.lock"
flock -n 9 || fail "another run is at work; wait until it has ended"

with_systemd() { [ -d "$prefix/run/systemd/system" ]; }

read_package() {
    local wheel_of
    (cd "$here" && sha256sum --check --quiet --strict SHA256SUMS >&2) ||
        fail "this package is not as it was made; nothing was changed. Fetch it again."
    wheel_of=("$here"/ruilbrug-*.whl)
    wheel=${wheel_of[0]}
    version=${wheel##*/ruilbrug-}
    version=${version%%-*}
    digest=$(sha256sum "$here/SHA256SUMS" | cut -d' ' -f1)
}

make_user() {
    getent passwd ruilbrug >/dev/null ||
        useradd --system --user-group --no-create-home --home-dir /srv/ruilbrug \
            --shell /usr/sbin/nologin --comment "Ruilbrug nodes" ruilbrug
    mkdir -p "$nodes" "$backups"
    chmod 750 "$nodes"
    chmod 700 "$backups"
    chown ruilbrug:ruilbrug "$nodes" "$backups"
}

# The file `complete` is written last: a folder without it is what an interrupted run has left.
install_version() {
    local target=$opt/$version
    if [ -e "$target/complete" ]; then
        [ "$(cat "$target/complete")" = "$digest" ] ||
            fail "another build of $version is installed; nothing was changed"
        say "$version is installed"
        return
    fi
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        fail "this needs Python 3.11 or newer: apt-get install python3"
    python3 -c 'import ensurepip' 2>/dev/null || fail "first: apt-get install python3-venv"
    say "installing $version ..."
    rm -rf "$target"
    python3 -m venv "$target"
    pip=("$target/bin/python" -m pip install --quiet --no-input --disable-pip-version-check)
    "${pip[@]}" --require-hashes --only-binary :all: -r "$here/requirements.txt" ||
        fail "the libraries could not be installed; nothing else was changed. Run this again."
    "${pip[@]}" --no-index --no-deps "$wheel"
    mkdir "$target/deploy"
    cp -r "$here/install.sh" "$here/systemd" "$target/deploy"
    "$target/bin/ruilbrug" --help >/dev/null
    echo "$digest" >"$target/complete"
}

# Units that run or are tried again and again, and those that an earlier run stopped.
running_units() {
    {
        if with_systemd; then
            systemctl list-units --plain --no-legend --state=active,activating,reloading \
                'ruilbrug@*.service' ruilbrug-host.service | cut -d' ' -f1
        fi
        cat "$stopped" 2>/dev/null || true
    } | sort -u
}

each_unit() { # VERB UNIT...
    local verb=$1 unit
    shift
    for unit in "$@"; do
        systemctl "$verb" "$unit"
    done
}

as_ruilbrug() { # VERSION ARGUMENT...
    runuser -u ruilbrug -- "$opt/$1/bin/ruilbrug" "${@:2}"
}

groups_of() { # VERSION UNIT... : the names of the groups that these run
    local version=$1 unit
    shift
    for unit in "$@"; do
        case $unit in
            ruilbrug-host.service) as_ruilbrug "$version" host --folder "$nodes" groups ;;
            *) unit=${unit#ruilbrug@} && echo "${unit%.service}" ;;
        esac
    done
}

migrate() { # VERSION NAME [--try]
    as_ruilbrug "$1" --node "$nodes/$2" node migrate ${3:+"$3"} >&2
}

copy_units() { # VERSION
    cp "$opt/$1/deploy/systemd/"ruilbrug* "$units/"
    ! with_systemd || systemctl daemon-reload
}

switch_to() { # VERSION
    local wanted=$1 before running groups=() names name late=()
    [ -e "$opt/$wanted/complete" ] || fail "$wanted is not installed: $(ls "$opt")"
    before=$(readlink "$opt/current" || true)
    mapfile -t running < <(running_units)
    if [ "$before" != "$wanted" ] && [ "${#running[@]}" -gt 0 ]; then
        names=$(groups_of "$wanted" "${running[@]}") ||
            fail "it cannot be told which groups the host runs (see above); nothing was changed"
        [ -z "$names" ] || mapfile -t groups <<<"$names"
        printf '%s\n' "${running[@]}" >"$stopped"
        each_unit stop "${running[@]}"
        for name in "${groups[@]}"; do
            if ! migrate "$wanted" "$name" --try; then
                each_unit start "${running[@]}"
                rm -f "$stopped"
                say "the tables of $name do not fit $wanted (see above); nothing was changed."
                fail "If a newer version has worked on them: restore the backup from before it," \
                    "switch, then 'ruilbrug node recover' brings back what was booked since."
            fi
        done
        for name in "${groups[@]}"; do
            migrate "$wanted" "$name" || late+=("$name")
        done
    fi
    copy_units "$wanted"
    ln -sfn "$wanted" "$opt/current.new"
    mv -T "$opt/current.new" "$opt/current"
    ln -sfn "$opt/current/bin/ruilbrug" "$command"
    if [ "${#running[@]}" -gt 0 ]; then
        each_unit start "${running[@]}"
        rm -f "$stopped"
    fi
    say "$wanted runs${running[*]:+: ${running[*]}}"
    if [ -n "$before" ] && [ "$before" != "$wanted" ]; then
        say "to go back: $opt/$before/deploy/install.sh --switch $before"
    fi
    [ "${#late[@]}" = 0 ] ||
        fail "${late[*]}: the tables are not up to date yet (see above); each start tries again"
}

if [ "${1:-}" = --switch ]; then
    switch_to "$2"
else
    read_package
    make_user
    install_version
    switch_to "$version"
fi
