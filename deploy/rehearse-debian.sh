#!/usr/bin/env bash
# Tries this checkout on an empty Debian 12 that has python3, pip and nothing else: once as root
# (in a folder that only root may enter), once as a normal user.
#
#   MIRROR=<a Debian mirror> deploy/rehearse-debian.sh FOLDER [COMMAND [ARGUMENT ...]]
#
# FOLDER receives the Debian (once, about 250 MB) and a fresh copy of the checkout each time.
# Without COMMAND: makes the environment, then runs the tests of the PostgreSQL supervisor.
#   PIP_CONF  a pip.conf to be used inside, for those behind a package mirror
#   BIND      folders of this machine to be seen inside, read-only, separated by spaces
#   WHO       "root user" (default), or one of them
# Needs root, git, debootstrap and unshare. All mounts vanish when it ends.
set -euo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
[ $# -ge 1 ] || { sed -n '2,14p' "$0" >&2; exit 2; }
[ "$(id -u)" = 0 ] || { echo "rehearse: needs root" >&2; exit 2; }
folder=$1
shift

if [ ! -e "$folder/etc/debian_version" ]; then
    debootstrap --variant=minbase --include=python3,python3-pip,ca-certificates \
        bookworm "$folder" "${MIRROR:?set MIRROR to a Debian mirror}"
fi
[ -z "${PIP_CONF:-}" ] || install -m 644 "$PIP_CONF" "$folder/etc/pip.conf"
for name in resolv.conf hosts; do
    cp -L "/etc/$name" "$folder/etc/$name"
done
cp -a /etc/ssl/certs "$folder/etc/ssl/" # for those behind a proxy of their own
grep -q '^tester:' "$folder/etc/passwd" || chroot "$folder" useradd -m tester

home_of() { # USER
    chroot "$folder" getent passwd "$1" | cut -d: -f6
}
copy() { # USER
    local target
    target="$folder$(home_of "$1")/ruilbrug"
    rm -rf "${target:?}"
    mkdir -p "$target"
    git -C "$here" ls-files -z --cached --others --exclude-standard |
        tar -C "$here" --null --files-from=- --ignore-failed-read -cf - 2>/dev/null |
        tar -C "$target" -xf -
    chroot "$folder" chown -R "$1:" "${target#"$folder"}"
    chmod 700 "$(dirname "$target")"
}
copy root
copy tester

export folder
inside=$(cat <<'TEXT'
set -euo pipefail
mount -t proc proc "$folder/proc"
mount --rbind /dev "$folder/dev"
for bound in ${BIND:-}; do
    mkdir -p "$folder$bound"
    mount --bind -o ro "$bound" "$folder$bound"
done
user=$1 home=$2
shift 2
cd /
exec chroot "$folder" /usr/sbin/runuser -u "$user" -- /usr/bin/env -i \
    HOME="$home" USER="$user" LANG=C.UTF-8 PATH=/usr/local/bin:/usr/bin:/bin \
    /bin/sh -c 'cd "$HOME/ruilbrug" && exec "$@"' sh "$@"
TEXT
)
run() { # USER HOME COMMAND...
    echo "rehearse: as $1: ${*:3}" >&2
    local started=$SECONDS
    unshare --mount --pid --fork --kill-child bash -c "$inside" bash "$@"
    echo "rehearse: as $1: done in $((SECONDS - started)) s" >&2
}
for who in ${WHO:-root user}; do
    case $who in
        root) person=(root "$(home_of root)") ;;
        *) person=(tester "$(home_of tester)") ;;
    esac
    if [ $# -gt 0 ]; then
        run "${person[@]}" "$@"
    else
        run "${person[@]}" python3 dev.py run -- python -V
        run "${person[@]}" python3 dev.py run -- python -V
        run "${person[@]}" python3 dev.py test tests/federation/node/test_postgres.py \
            tests/federation/node/test_postgres_binaries.py
    fi
done
