#!/bin/sh
# Build the wheel and the sdist, install the wheel in a fresh environment, and run the main job from another folder.
# Usage: wheel.sh PYTHON, with `build` installed for it.
set -eu
python=$1
house=$(pwd)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

export PIP_CONSTRAINT="$house/constraints.txt" # the build's own environment too
"$python" -m build --quiet --outdir "$place/dist" "$house"
"$python" -m venv "$place/venv"
"$place/venv/bin/python" -m pip install --quiet "$place"/dist/*.whl

cp -r "$house/examples" "$place/pages"
mkdir "$place/elsewhere"
cd "$place/elsewhere"
"$place/venv/bin/digestor" init
"$place/venv/bin/digestor" check
# The prompt and the vocabulary are inside: a plan needs both, and no network.
OPENAI_API_KEY=none "$place/venv/bin/digestor" plan "$place"/pages/*.txt --model gpt-5-mini
"$place/venv/bin/digestor" weekly "$place"/pages/*.txt --date 2026-11-21
for format in md html txt json; do
    test -s "digests/2026-W47.$format"
done
"$place/venv/bin/digestor" show --code > /dev/null

# What init writes beside the config is inside too.
mkdir "$place/hosted" "$place/timed"
cd "$place/hosted"
"$place/venv/bin/digestor" init --topic tides --github < /dev/null
test -s .github/workflows/digestor.yml
cd "$place/timed"
"$place/venv/bin/digestor" init --topic tides --timer systemd < /dev/null
test -s digestor.timer

# What the sdist ships is what git knows, never a config, a store or an issue that lies about.
if tar -tzf "$place"/dist/*.tar.gz | grep -E '(digestor\.db|/config\.toml|/digests/)'; then
    echo "the sdist holds private files" >&2
    exit 1
fi
echo "the wheel works from another folder"
