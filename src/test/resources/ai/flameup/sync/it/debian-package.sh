# Runs dpkg in a copy of this machine: an overlay over / in a mount namespace of its own, which ends with this process.
# Arguments: the package, and a directory for the copy. Ends with 77 if no copy can be made here.
set -eu
package=$1
work=$2/copy

command -v dpkg-deb >/dev/null || exit 77
mkdir "$work"
mount -t tmpfs none "$work" 2>/dev/null || exit 77
mkdir "$work/upper" "$work/scratch" "$work/root"
mount -t overlay none -o "lowerdir=/,upperdir=$work/upper,workdir=$work/scratch" "$work/root" 2>/dev/null || exit 77
mount --rbind /proc "$work/root/proc"
mount --rbind /dev "$work/root/dev"

# The former version: other documents, the same configuration files.
former=$work/root/former
dpkg-deb --raw-extract "$package" "$former"
sed -i 's/^Version: .*/Version: 0.0.1/' "$former/DEBIAN/control"
rm "$former/DEBIAN/md5sums" "$former"/opt/flameup-sync/lib/*.jar
echo old >"$former/opt/flameup-sync/README.md"
dpkg-deb -Znone --build "$former" "$work/root/former.deb" >/dev/null
cp "$package" "$work/root/package.deb"

# The test is about the package, not about where this machine has its Java from.
# shellcheck disable=SC2016
exec chroot "$work/root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin${JAVA_HOME:+:$JAVA_HOME/bin} DEBIAN_FRONTEND=noninteractive sh -euc '
dpkg --purge flameup-sync >/dev/null 2>&1 || true
apply() {
  echo "== $1"
  shift
  dpkg --force-unsafe-io --force-depends "$@" >/output 2>&1 || { cat /output; exit 1; }
  grep "flameup-sync" /output | grep -v -e "^(Reading" -e "^Selecting" -e "^Preparing" -e "^Unpacking" -e "^Setting up" \
    -e "^Removing" -e "^Purging" -e "^dpkg: " -e "^ flameup-sync depends" || true
}
enabled() {
  systemctl is-enabled "$1" 2>/dev/null || true
}
files() {
  (ls /etc/flameup-sync; ls /var/lib/flameup-sync) 2>/dev/null | tr "\n" " " | sed "s/^/files: /; s/ $//"
  echo
}
default() {
  echo "default: $(tail -n 1 /etc/default/flameup-sync 2>/dev/null || echo none)"
}

apply installed -i /former.deb
getent passwd flameup-sync | cut -d: -f6,7 | sed "s/:/ /; s/^/user /"
stat -c "state %a %U %G" /var/lib/flameup-sync
echo "service $(enabled flameup-sync.service), timer $(enabled flameup-sync-catch-up.timer)"
systemctl --quiet enable flameup-sync.service
echo "after enable: $(enabled flameup-sync.service)"

echo FLAMEUP_SYNC_JAVA_OPTS=-Xmx512m >>/etc/default/flameup-sync
touch /etc/flameup-sync/flameup-sync.yaml /etc/flameup-sync/other /var/lib/flameup-sync/state.db

apply upgraded -i /package.deb
flameup-sync --version
default
files
echo "class archives: $(ls /opt/flameup-sync/cds | wc -l)"
echo "service $(enabled flameup-sync.service)"

apply removed -r flameup-sync
default
files
echo "program: $(ls -d /opt/flameup-sync /usr/bin/flameup-sync /usr/lib/systemd/system/flameup-sync* 2>/dev/null || echo none)"
echo "enabled units: $(ls /etc/systemd/system/*.wants | grep flameup || echo none)"

apply purged -P flameup-sync
default
files
echo "state: $(ls -d /var/lib/flameup-sync 2>/dev/null || echo none)"
echo "user $(getent passwd flameup-sync >/dev/null && echo kept || echo gone)"
echo "package: $(dpkg-query -W flameup-sync >/dev/null 2>&1 && echo known || echo unknown)"
'
