#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# All that adapters.sh left in BUILD/bench as one table, and against the figures that are committed.
# summary.sh BUILD [--keep]: ends with 1 when a job takes over 3 % longer than the committed figure.
# --keep writes the figures at hand into tests/bench/figures.tsv (jobs that were not run stay). Where flashrom
# was not run its committed figure is shown.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
known=${BENCH_FIGURES:-$here/figures.tsv}
out=$1/bench
most=1.03

# seconds ADAPTER JOB PROGRAM: device time, pauses counted; nothing when it was not run or failed
seconds() {
	jq -er 'select(.exit == 0) | .device_us / 1e6' "$out/$1-$2-$3.json" 2> /dev/null || true
}
# committed ADAPTER JOB [4]: norprog's figure, or flashrom's
committed() { awk -F '\t' -v a="$1" -v j="$2" -v c="${3:-3}" '$1 == a && $2 == j { print $c }' "$known"; }
ratio() { [ -z "$1" ] || [ -z "$2" ] || awk "BEGIN { printf \"%.2f\", $1 / $2 }"; }

keep() {
	local adapter job floor other new
	new=$(mktemp)
	grep '^#' "$known" > "$new"
	{
		for floor in "$out"/*.floor; do
			job=$(basename "$floor" .floor)
			adapter=${job%%-*} job=${job#*-}
			other=$(seconds "$adapter" "$job" flashrom)
			[ -z "$other" ] || other=$(printf %.3f "$other")
			printf '%s\t%s\t%.3f\t%s\n' "$adapter" "$job" "$(seconds "$adapter" "$job" norprog)" \
				"${other:-$(committed "$adapter" "$job" 4)}"
		done
		grep -v '^#' "$known" || true
	} | awk -F '\t' '!seen[$1, $2]++' | sort >> "$new"
	cat "$new" > "$known"
	rm "$new"
}

table() {
	local floor adapter job own other before now worse=0
	echo "| adapter | job | floor, s | norprog, s | : floor | flashrom, s | : floor | norprog : flashrom | committed, s | now : committed |"
	echo "|---|---|---|---|---|---|---|---|---|---|"
	for floor in "$out"/*.floor; do
		[ -e "$floor" ] || { echo "summary: no figures in $out: run adapters.sh first" >&2; exit 2; }
		job=$(basename "$floor" .floor)
		adapter=${job%%-*} job=${job#*-}
		own=$(seconds "$adapter" "$job" norprog)
		other=$(seconds "$adapter" "$job" flashrom)
		other=${other:-$(committed "$adapter" "$job" 4)}
		before=$(committed "$adapter" "$job")
		[ -n "$own" ] || { echo "summary: $adapter, $job: norprog's report is missing" >&2; worse=1; continue; }
		floor=$(cut -f1 "$floor")
		now=$(ratio "$own" "$before")
		if [ -n "$before" ] && awk "BEGIN { exit !($own > $most * $before) }"; then
			worse=1
			now="**$now**"
			echo "summary: $adapter, $job takes $own s, committed are $before s" >&2
		fi
		printf '| %s | %s | %.3f | %.3f | %s | %s | %s | %s | %s | %s |\n' "$adapter" "$job" "$floor" "$own" \
			"$(ratio "$own" "$floor")" "$other" "$(ratio "$other" "$floor")" "$(ratio "$own" "$other")" \
			"$before" "$now"
	done
	return $worse
}

if [ "${2:-}" = --keep ]; then keep; else table; fi
