#!/bin/sh
# Prints the commands of docs/using.md with their outputs. In the current folder lie the testbed's recordings
# `learn`, `release` and `slow`, as docs/using.md describes them; the rest is written beside them.
set -eu
export COLUMNS=120

show() {
    echo "\$ coldtrail $*"
    coldtrail "$@" 2>&1
    echo
}

zcat release/traces.jsonl.gz | sed -n '1,720p' | gzip > monday.jsonl.gz
zcat release/traces.jsonl.gz | sed -n '721,$p' | gzip > tuesday.jsonl.gz
show train --input learn/traces.jsonl.gz --bundle model
cp -r model first
show score --bundle model --input tuesday.jsonl.gz --output before.jsonl --limit 9
grep -o '"function_flow_id":"[^"]*"' before.jsonl | cut -d'"' -f4 | grep -F -f - release/labels.jsonl > tuesday-labels.jsonl
show evaluate --verdicts before.jsonl --labels tuesday-labels.jsonl
show update --bundle model --input monday.jsonl.gz --output model
show score --bundle model --input tuesday.jsonl.gz --output after.jsonl --limit 9
show evaluate --verdicts after.jsonl --labels tuesday-labels.jsonl

echo '{"function_flow_id": "799539db9a112e31", "verdict": "benign", "note": "the bank was slow"}' > said.jsonl
show update --bundle model --input tuesday.jsonl.gz --feedback said.jsonl --output model
show score --bundle model --input tuesday.jsonl.gz --output last.jsonl --limit 9
show evaluate --verdicts last.jsonl --labels tuesday-labels.jsonl

show score --bundle first --input slow/traces.jsonl.gz --output slow.jsonl --limit 30
coldtrail score --bundle first --input slow/traces.jsonl.gz --output slow.jsonl --json > slow.json
echo '{"shift": {"application_name": "default", "function_name": "ProcessBooking"}, "verdict": "benign"}' > shift.jsonl
show update --bundle first --input slow/traces.jsonl.gz --feedback shift.jsonl --output second
show score --bundle second --input slow/traces.jsonl.gz --output slow.jsonl --limit 30
