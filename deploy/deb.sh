#!/usr/bin/env bash
# Makes a Debian package of a binary that was built: deploy/deb.sh [BINARY] [FOLDER]
# The binary is target/release/holdspace where none is named; the package lands in the folder, or in target/debian.
# Needs dpkg-deb, which every Debian has, and nothing else. The same binary gives the same package, to the byte.
# Its last line is the path of the package.
set -euo pipefail
cd "$(dirname "$0")/.."

binary=${1:-${CARGO_TARGET_DIR:-target}/release/holdspace}
folder=${2:-${CARGO_TARGET_DIR:-target}/debian}
[[ -x $binary ]] || { echo "deb: there is no $binary; cargo build --release --locked makes it" >&2; exit 1; }
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
machine=$(dpkg --print-architecture)
# The moment of the last change, so that two packages of one state are one.
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 0755 "$root"
put() { install -D -m "$1" "$2" "$root/$3"; }

put 0755 "$binary" usr/bin/holdspace
put 0644 deploy/holdspace.service usr/lib/systemd/system/holdspace.service
put 0644 deploy/debian/copyright usr/share/doc/holdspace/copyright
for page in docs/*.md README.md; do
    put 0644 "$page" "usr/share/doc/holdspace/$(basename "$page")"
done
gzip -9n <CHANGELOG.md >"$root/usr/share/doc/holdspace/changelog.gz"
# A binary for another machine cannot be asked for these; the package is none the worse.
mkdir -p "$root/usr/share/bash-completion/completions"
"$binary" completions bash >"$root/usr/share/bash-completion/completions/holdspace" 2>/dev/null \
    || rm -r "$root/usr/share/bash-completion"
find "$root/usr" -type d -exec chmod 0755 {} +
find "$root/usr/share" -type f -exec chmod 0644 {} +

# The oldest C library on which it starts: what the newest of its symbols asks for.
libc=$(grep -ao 'GLIBC_[0-9]\.[0-9]*' "$binary" | sort -Vu | tail -n 1 | cut -d _ -f 2)
mkdir "$root/DEBIAN"
for script in postinst prerm postrm; do
    install -m 0755 "deploy/debian/$script" "$root/DEBIAN/$script"
done
cat >"$root/DEBIAN/control" <<CONTROL
Package: holdspace
Version: $version-1
Architecture: $machine
Maintainer: Holdspace <holdspace@localhost>
Installed-Size: $(du -sk --apparent-size "$root/usr" | cut -f 1)
Depends: libc6 (>= ${libc:-2.36}), libgcc-s1, adduser
Recommends: ca-certificates
Suggests: postgresql
Section: web
Priority: optional
Description: confidential default visits for residents, with frozen aggregates
 Books a confidential default therapy visit for every resident on a roster inside
 time that is already protected, sends calendar invitations, and tells the
 program nothing but frozen aggregates.
 .
 The service is not started before an institution is founded: see
 /usr/share/doc/holdspace/operating.md.
CONTROL
(cd "$root" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum >DEBIAN/md5sums)
chmod 0644 "$root/DEBIAN/control" "$root/DEBIAN/md5sums"
chmod 0755 "$root/DEBIAN"
find "$root" -print0 | xargs -0 touch --no-dereference --date="@$SOURCE_DATE_EPOCH"

mkdir -p "$folder"
package=$folder/holdspace_$version-1_$machine.deb
dpkg-deb --root-owner-group -Zxz --build "$root" "$package" >/dev/null
echo "$package"
