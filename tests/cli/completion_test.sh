#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154,SC2016
#
# The completion scripts in their own shells.  complete_SHELL WORD... prints
# what may stand for the last word.

scripts() {
	dir=${GAOL_COMPLETIONS:-$(atf_get_srcdir)/../../build/share}
	echo "$dir"
}

complete_bash() {
	bash --norc --noprofile -c '
	. "$0/gaol.bash"
	COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
	_gaol
	printf "%s\n" "${COMPREPLY[@]}"' "$(scripts)" "$@"
}

complete_fish() {
	HOME=$PWD XDG_CONFIG_HOME=$PWD fish --no-config -c '
	source $argv[1]/gaol.fish
	complete -C "$argv[2]"' "$(scripts)" "$*" | cut -f 1
}

# zsh completes only on a terminal, so it gets one; compadd tells the matches.
complete_zsh() {
	rm -f matches
	: >matches
	cat >.zshrc-test <<-end
	fpath=($(scripts) \$fpath)
	autoload -Uz compinit
	compinit -u -d $PWD/zcompdump
	compadd() {
		local -a hits
		[[ \$* == *-[ADO]* ]] || {
			builtin compadd -O hits "\$@"
			print -rl -- \$hits >>$PWD/matches
		}
		builtin compadd "\$@"
	}
	finished() { print done >$PWD/finished }
	zle -N finished
	bindkey '^X' finished
	LISTMAX=10000
	PS1='ready> '
	end
	rm -f finished
	zsh -fc '
	zmodload zsh/zpty
	zpty -b shell zsh -f -i
	zpty -w shell "source ./.zshrc-test"
	zpty -w -n shell "$1"$'\''\t\x18'\''
	for ((i = 0; i < 400; i++)); do
		[[ ! -e finished ]] || break
		zpty -r -t shell output
		sleep 0.05
	done
	zpty -d shell' zsh "$*"
	[ -e finished ] || atf_fail "zsh did not finish"
	grep . matches
}

setup() {
	GAOL_CONF=$(atf_get_srcdir)/gaol.conf
	export GAOL_ROOT="$PWD/root" GAOL_CONF LC_ALL=C TERM=vt100
	mkdir -p root/releases/tiny/root
	echo 'tiny { os = linux; source = test; created = 1; bytes = 4096; }' \
	    >root/releases/tiny/release.conf
	atf_check -o ignore -e ignore gaol create web mail -r tiny
	[ -f "$(scripts)/gaol.bash" ] || atf_fail "$(scripts): no scripts"
}

# offers WHAT WORD...: exactly the words of WHAT, in any order.
offers() {
	what=$1
	shift
	"complete_$shell" "$@" | grep . | sort -u | tr '\n' ' ' >offered
	[ "$(cat offered)" = "$what${what:+ }" ] ||
	    atf_fail "$*: '$what' expected, got '$(cat offered)'"
}

# has WHAT WORD...: these words among others.
has() {
	what=$1
	shift
	"complete_$shell" "$@" >offered
	for word in $what; do
		grep -qx -e "$word" offered ||
		    atf_fail "$*: no '$word' among: $(cat offered)"
	done
}

check() {
	setup
	equals=$1
	offers "start" gaol sta
	has "create start exec list" gaol ""
	offers "--release" gaol create --rel
	has "ALL mail web" gaol start ""
	offers "web" gaol start w
	offers "web" gaol -R "$PWD/root" stop -f w
	offers "tiny" gaol create x -r t
	offers "exec.prestart$equals exec.prestop$equals" \
	    gaol create x exec.prest
	offers "exec.prestart exec.prestop" gaol get exec.prest
	offers "web" gaol get exec.prestart w
	offers "destroy" gaol help dest
	offers "" gaol exec web zzz
}

for shell in bash fish zsh; do
	equals='='
	[ $shell != zsh ] || equals=''	# zsh keeps the suffix apart
	atf_test_case $shell
	eval "${shell}_head() {
		atf_set descr 'completion in $shell'
	}
	${shell}_body() {
		shell=$shell
		command -v $shell >/dev/null || atf_skip '$shell is not here'
		check '$equals'
	}"
done

atf_init_test_cases() {
	atf_add_test_case bash
	atf_add_test_case fish
	atf_add_test_case zsh
}
