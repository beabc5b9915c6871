#!/usr/bin/env bash
# Follows docs/run-a-group.md to the letter on an empty Debian 12, from the package to a group with
# imported members that settles a trade with a partner.
#
#   MIRROR=<a Debian mirror> deploy/rehearse-group.sh FOLDER PACKAGE EXPORT
#
# FOLDER receives the empty Debian (once) and the one in which all happens (anew each time).
# PACKAGE is what `python3 dev.py package` makes, EXPORT a group's export (deploy/demo/make_export.py).
#   PIP_CONF  a pip.conf to be used inside, for those behind a package mirror
#   BIND      folders of this machine to be seen inside, read-only, separated by spaces
# Needs root, debootstrap, unshare, ip and python3. All mounts and processes vanish when it ends.
#
# What is not as on a server: the commands behind "Install" run with this machine's network, all
# others in one of their own, where both names lead to this machine and Caddy makes the certificates
# itself; and as nothing starts a chroot, a few lines stand in for systemd (deploy/rehearse_systemctl).
set -euo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
[ $# = 3 ] || { sed -n '2,17p' "$0" >&2; exit 2; }
[ "$(id -u)" = 0 ] || { echo "rehearse: needs root" >&2; exit 2; }
folder=$1 package=$2 exported=$3
empty=$folder/empty debian=$folder/debian
home=/srv/rehearsal # in the Debian

say() { echo "rehearse: $*" >&2; }

if [ ! -e "$empty/complete" ]; then
    rm -rf "$empty"
    debootstrap --variant=minbase --include=ca-certificates \
        bookworm "$empty" "${MIRROR:?set MIRROR to a Debian mirror}"
    touch "$empty/complete"
fi
rm -rf "${debian:?}"
cp -a --reflink=auto "$empty" "$debian"
[ -z "${PIP_CONF:-}" ] || install -m 644 "$PIP_CONF" "$debian/etc/pip.conf"
cp -L /etc/resolv.conf "$debian/etc/resolv.conf"
cp -a /etc/ssl/certs "$debian/etc/ssl/" # for those behind a proxy of their own
mkdir "$debian$home"
cp "$package" "$debian$home"
cp "$exported" "$debian$home/export.zip"
install -m 755 "$here/deploy/rehearse_systemctl" "$debian/usr/local/bin/systemctl"
python3 "$here/deploy/rehearse_commands.py" "$here/docs/run-a-group.md" "$debian$home/steps"

inside=$(cat <<'TEXT'
set -euo pipefail
debian=$1
shift
mount -t proc proc "$debian/proc"
mount --rbind /dev "$debian/dev"
mount -t tmpfs tmpfs "$debian/run"
mkdir -p "$debian/run/lock"
for bound in ${BIND:-}; do
    mkdir -p "$debian$bound"
    mount --bind -o ro "$bound" "$debian$bound"
done
if [ -n "${ALONE:-}" ]; then
    ip link set lo up
    ip address add "$ADDRESS/32" dev lo
fi
cd /
exec chroot "$debian" /usr/bin/env -i HOME="$HOME_INSIDE" LANG=C.UTF-8 TERM=dumb \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
TEXT
)
export HOME_INSIDE=$home BIND=${BIND:-} ADDRESS=11.22.33.44
in_debian() { # OPTIONS OF unshare -- COMMAND...
    local options=()
    while [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    shift
    unshare --mount --pid --fork --kill-child "${options[@]}" \
        bash -c "$inside" bash "$debian" "$@"
}

started=$SECONDS
say "install"
in_debian -- bash "$home/steps/install.sh"
say "everything else, on a network of its own"
printf '%s lets.example.org buren.example.org\n127.0.0.1 localhost\n' "$ADDRESS" >"$debian/etc/hosts"
ALONE=1 in_debian --net -- bash "$home/steps/others.sh"
say "done in $((SECONDS - started)) s"
