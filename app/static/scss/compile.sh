#!/bin/sh
# Makes app/static/shop.css and app/static/tokens.css from the Sass beside this file (`make css`).
# Needs Node 18 or later and npm; installs the two pinned packages into ./node_modules on first use.
set -eu
cd "$(dirname "$0")"
command -v npm >/dev/null || { echo "make css needs Node and npm: apt-get install nodejs npm" >&2; exit 1; }
if [ ! -x node_modules/.bin/sass ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
    npm ci --no-audit --no-fund --ignore-scripts --loglevel=error
fi
node_modules/.bin/sass --style=compressed --no-source-map --no-charset --load-path=node_modules \
    --quiet-deps --silence-deprecation=import shop.scss:../shop.css tokens.scss:../tokens.css
printf 'shop.css %s bytes, %s gzipped\n' "$(wc -c < ../shop.css)" "$(gzip -9c ../shop.css | wc -c)"
