# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion for norprog, which answers itself: `norprog complete WORD...`.
# shellcheck shell=bash

_norprog() {
	local norprog=$1 words=("${COMP_WORDS[@]:1:COMP_CWORD}") cword line glued files=
	# Colons and equal signs part words for bash, not for norprog (sim:chip=W25Q64FV).
	if declare -F _get_comp_words_by_ref > /dev/null; then
		_get_comp_words_by_ref -n := -w words -i cword
		words=("${words[@]:1:cword}")
	fi
	COMPREPLY=()
	while IFS= read -r line; do
		case $line in
		:files) files=yes ;;
		*) COMPREPLY+=("${line%%$'\t'*}") ;;
		esac
	done < <("$norprog" complete "${words[@]}" 2> /dev/null)
	if [ -n "$files" ]; then
		mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "${words[-1]}")
		compopt -o filenames 2> /dev/null
	fi
	# What bash takes for the word begins behind the last of them.
	glued=${words[-1]%"${words[-1]##*[:=]}"}
	[ -z "$glued" ] || COMPREPLY=("${COMPREPLY[@]#"$glued"}")
	[[ ${#COMPREPLY[@]} -ne 1 || ${COMPREPLY[0]} != *[=,/] ]] || compopt -o nospace 2> /dev/null
}

complete -F _norprog norprog
