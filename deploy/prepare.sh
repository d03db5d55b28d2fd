#!/bin/sh
# Installs what the demonstration and the tests need on Debian: both Chromium
# builds, CJK fonts, promtool, Alertmanager, a second mail server, PostgreSQL, MariaDB, and node with what tests
# borrow: a validator and a viewer of HTTP archives, component libraries, a language server, a player of
# recordings; a screen in memory. Says what it installs; without root
# it prints the command and fails only if something is really missing.
set -eu

missing=""
need() { # name of the package, then a test that it is there
	pkg=$1
	shift
	"$@" >/dev/null 2>&1 || missing="$missing $pkg"
}
cjk() { fc-list :lang=zh 2>/dev/null | grep -q .; }

need chromium-headless-shell test -x /usr/lib/chromium/chromium-headless-shell
need chromium test -x /usr/lib/chromium/chromium
need fontconfig command -v fc-list
need fonts-noto-cjk cjk
need prometheus command -v promtool
need prometheus-alertmanager command -v prometheus-alertmanager
need python3-aiosmtpd /usr/bin/python3 -c 'import aiosmtpd'
need postgresql sh -c 'ls /usr/lib/postgresql/*/bin/postgres'
need mariadb-server-core command -v mariadbd
need nodejs command -v node
need npm command -v npm
need xvfb command -v xvfb-run
need xauth command -v xauth

# The packages of node that tests use, as their lock file has them.
modules() {
	for folder in prober/chrome cmd/gengfu; do
		(
			cd "$(dirname "$0")/../$folder/testdata/npm"
			cmp -s package-lock.json node_modules/.installed && exit
			echo "installing: packages of node that tests of $folder use"
			npm ci --ignore-scripts --silent --no-progress >/dev/null
			cp package-lock.json node_modules/.installed
		)
	done
}
if [ -z "$missing" ]; then
	modules
	exit 0
fi

install="apt-get install -y --no-install-recommends$missing"
if ! command -v apt-get >/dev/null 2>&1; then
	echo "gengfu needs these programs; install them with your package manager:$missing" >&2
	exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
	if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
		sudo="sudo"
	else
		echo "gengfu needs some packages; run this once:" >&2
		echo "  sudo sh -c 'apt-get update && $install'" >&2
		exit 1
	fi
fi
echo "installing:$missing"
log=$(mktemp)
if ! { ${sudo:-} apt-get update -qq && DEBIAN_FRONTEND=noninteractive ${sudo:-} $install; } >"$log" 2>&1; then
	cat "$log" >&2
	echo "the packages could not be installed:$missing" >&2
	exit 1
fi
rm -f "$log"
modules
