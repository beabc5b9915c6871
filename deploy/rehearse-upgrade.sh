#!/usr/bin/env bash
# Tries an upgrade for real: installs one package, lets a group book on it, installs the next one over
# it, and holds the books against the log; then tries to go back, which new tables do not allow.
#
#   deploy/rehearse-upgrade.sh OLD.tar.gz NEW.tar.gz FOLDER
#
# FOLDER (new) receives root folder, database and packages; nothing else of this machine is touched:
# users and services are only named. Needs root, PostgreSQL's programs (POSTGRES_BIN) and pip's index.
set -euo pipefail

[ $# = 3 ] || { sed -n '2,9p' "$0" >&2; exit 2; }
old=$(realpath "$1") new=$(realpath "$2")
mkdir "$3"
folder=$(realpath "$3")
programs=${POSTGRES_BIN:-/usr/lib/postgresql/15/bin}
export RUILBRUG_PREFIX=$folder/root PATH=$folder/stand-ins:$PATH
node=$RUILBRUG_PREFIX/srv/ruilbrug/gent
mkdir -p "$RUILBRUG_PREFIX/run/systemd/system" "$folder/stand-ins" "$folder/packages"

stand_in() { # NAME, what it does
    printf '#!/bin/bash\n%s\n' "$2" >"$folder/stand-ins/$1"
    chmod +x "$folder/stand-ins/$1"
}
stand_in useradd ':'
stand_in chown ':'
stand_in runuser 'shift 3; exec "$@"' # -u ruilbrug --
stand_in systemctl "[ \"\$1\" != list-units ] || [ ! -e '$node/node.toml' ] ||
    echo 'ruilbrug@gent.service loaded active running Ruilbrug node'"

install_package() { # ARCHIVE
    tar -C "$folder/packages" -xf "$1"
    bash "$folder/packages/$(basename "$1" .tar.gz)/install.sh"
}
ruilbrug() { "$RUILBRUG_PREFIX/usr/local/bin/ruilbrug" --node "$node" "$@"; }
as_nobody() { (cd / && setpriv --reuid=nobody --clear-groups "$programs/$1" "${@:2}" >/dev/null); }

install_package "$old"
before=$(readlink "$RUILBRUG_PREFIX/opt/ruilbrug/current")
data=$folder/database
install -d -o nobody "$data"
chmod a+x "$folder"
as_nobody initdb -D "$data/data" -U postgres -A trust -E UTF8 --locale=C
as_nobody pg_ctl -D "$data/data" -o "-k $data -h ''" -l "$data/log" -w start
trap 'as_nobody pg_ctl -D "$data/data" -m fast stop' EXIT
"$programs/psql" -q -h "$data" -U postgres \
    -c "CREATE ROLE owner LOGIN" -c "CREATE ROLE node LOGIN" -c "CREATE DATABASE gent OWNER owner"
ruilbrug node init --name "LETS Gent" --url https://gent.example.org --unit stropke stropkes \
    --per-hour 40 --lower -480 --upper 480 --database "postgresql://node@/gent?host=$data" \
    --database-owner "postgresql://owner@/gent?host=$data"
for code in 001 002; do
    ruilbrug member add "$code" "Lid $code"
done
ruilbrug pay 001 002 20

install_package "$new"
after=$(readlink "$RUILBRUG_PREFIX/opt/ruilbrug/current")
[ "$before" != "$after" ] || { echo "rehearse: both are $after" >&2; exit 1; }
ruilbrug log verify
ruilbrug pay 002 001 5
ruilbrug log verify
if bash "$RUILBRUG_PREFIX/opt/ruilbrug/$before/deploy/install.sh" --switch "$before"; then
    echo "rehearse: $before runs again: no migration between the two" >&2
else
    [ "$(readlink "$RUILBRUG_PREFIX/opt/ruilbrug/current")" = "$after" ]
    echo "rehearse: $before was refused, $after goes on" >&2
fi
ruilbrug log verify
echo "rehearse: from $before to $after" >&2
