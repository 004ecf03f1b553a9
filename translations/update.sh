#!/bin/sh
# Bring the English catalogue up to the sentences in code and templates; then translate what is new and run this again.
set -eu
cd "$(dirname "$0")/.."
PATH=".venv/bin:$PATH"
template=$(mktemp)
pybabel --quiet extract --ignore-dirs='.*' -F translations/babel.cfg -k _l -k pgettext:1c,2 -k ngettext:1,2 \
  --no-location --sort-output --no-wrap --omit-header -o "$template" .
pybabel --quiet update --ignore-obsolete --no-fuzzy-matching --no-wrap -l en -i "$template" -d translations 2>/dev/null \
  || pybabel --quiet init --no-wrap -l en -i "$template" -d translations
pybabel --quiet compile -l en -d translations
rm -f "$template"
