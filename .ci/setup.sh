#!/usr/bin/env bash
# Makes the machine ready for the tests: installs the missing tools with
# apt-get where it may (root, or sudo without a password), else says what to
# install. The names of packages are those of Debian 12.
set -euo pipefail

version=$(go env GOVERSION 2>/dev/null | sed 's/^go//' || true)
if [ -z "$version" ] || [ "$(printf '%s\n' 1.26 "$version" | sort -V | head -n 1)" != 1.26 ]; then
  echo "Go 1.26 or newer is needed, found ${version:-none}. Debian's own golang is too old: take it from https://go.dev/dl/" >&2
  exit 1
fi

packages=()
want() { # package, then a command that succeeds when it is there
  local package=$1
  shift
  "$@" >/dev/null 2>&1 || packages+=("$package")
}
server() {
  ls /usr/lib/postgresql/*/bin/initdb || "$(pg_config --bindir)/initdb" --version
}
fonttools() {
  python3 -c 'import fontTools' || /usr/bin/python3 -c 'import fontTools'
}

want postgresql server                         # the ledger's second database
want poppler-utils command -v pdftotext        # pdftotext, pdfinfo, pdffonts, pdftoppm
want qpdf command -v qpdf                      # a second opinion on every PDF
want librsvg2-bin command -v rsvg-convert      # draws the SVG pages as another program does
want zint command -v zint                      # a second maker of customer barcodes
want fonts-hanazono test -e /usr/share/fonts/truetype/hanazono/HanaMinB.ttf # a house's own face
want dmtx-utils command -v dmtxread            # reads the Data Matrix marks
want python3 command -v python3                # reads lists as another program does
want python3-fonttools fonttools               # reads font subsets as another program does
want libreoffice-calc command -v soffice       # opens workbooks as the staff do
want chromium command -v chromium              # opens the desk as its users do
want fonts-morisawa-bizud-gothic ls /usr/share/fonts/truetype/bizud-gothic # the desk's pages in Japanese
want npm command -v npm                        # fetches axe-core, which checks the desk's pages
want unicode-data test -s /usr/share/unicode/auxiliary/LineBreakTest.txt # what UAX #14 says of line ends
want coreutils command -v sha256sum            # checks what a printer would check
want openssh-sftp-server test -x /usr/lib/openssh/sftp-server # a printer's server of another maker
want strace command -v strace                  # lets the kernel refuse an fsync

# Postfix's smtp-sink is a second opinion of `make fault` alone. Postfix itself
# must not start: without a main.cf it does not.
if [ "${OSHIRASE_POSTFIX:-}" = 1 ]; then
  want postfix test -x /usr/sbin/smtp-sink
fi

if [ "${#packages[@]}" = 0 ]; then exit 0; fi

as=()
if [ "$(id -u)" != 0 ]; then as=(sudo -n); fi
if ! command -v apt-get >/dev/null || { [ "${#as[@]}" -gt 0 ] && ! sudo -n true 2>/dev/null; }; then
  echo "These packages (Debian 12 names) are missing. Install them, then try again:" >&2
  echo "  apt-get install --no-install-recommends ${packages[*]}" >&2
  exit 1
fi

echo "installing: ${packages[*]}" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
install() {
  "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get "$@" >"$log" 2>&1 || {
    cat "$log" >&2
    echo "apt-get $1 failed. Install these packages by hand: ${packages[*]}" >&2
    exit 1
  }
}
if printf '%s\n' "${packages[@]}" | grep -qx postfix; then
  echo "postfix postfix/main_mailer_type select No configuration" | "${as[@]}" debconf-set-selections
fi
install update -q
install install -q -y --no-install-recommends "${packages[@]}"
