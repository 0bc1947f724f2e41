#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC1091,SC2154

atf_test_case life
life_head() {
	atf_set descr "made, shown, trusted elsewhere, destroyed"
}
life_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	atf_check -o inline:"NAME  SIGNS  KEY\n" gaol key
	atf_check -e inline:"me: created; 'gaol key show me' tells others how to trust it\n" \
	    gaol key create me
	atf_check_equal "600 700" "$(stat -c %a root/keys/me.key root/keys | tr '\n' ' ' | sed 's/ $//')"
	key=$(cut -d ' ' -f 2 root/keys/me.pub)
	atf_check -o inline:"me\ton\t$key\n" gaol key list -H
	atf_check -o inline:"gaol-ed25519 $key me\n" -o save:line gaol key show me
	fails 73 "key 'me' exists already" key create me
	fails 73 "key 'me' exists already" key trust line
	atf_check -e inline:"you: trusted\n" gaol key trust line you
	atf_check -o inline:"me\ton\t$key\nyou\toff\t$key\n" gaol key -H
	export GAOL_ROOT="$PWD/root2"
	atf_check -e inline:"me: trusted\n" gaol key trust - <line
	atf_check -o inline:"me\toff\t$key\n" gaol key -H
	atf_check gaol key destroy -y me
	atf_check -o empty gaol key -H
	atf_check -o empty ls -A root2/keys
	fails 66 "no key named 'me'; 'gaol key list' lists them" key destroy -y me
	export GAOL_ROOT="$root"
	atf_check gaol -q key destroy -y me
	atf_check -o inline:"you.pub\n" ls -A root/keys
}

atf_test_case wrong
wrong_head() {
	atf_set descr "what is no key, no name, no verb"
}
wrong_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	echo nonsense >f
	atf_check -s exit:65 -e match:"not a public key" gaol key trust f x
	echo "gaol-ed25519 AAAA x" >f
	atf_check -s exit:65 -e match:"not a public key" gaol key trust f
	atf_check -s exit:64 -e match:"cannot be the name of a key" gaol key create ../x
	atf_check -s exit:64 -e match:"cannot be the name of a key" gaol key show a/b
	fails 64 "key frob: what is that?  list, create, trust, show and destroy are possible" \
	    key frob
	fails 64 "key create: which one?" key create
	fails 64 "key list: that is too much" key list x
	fails 64 "key: no terminal to ask on; -y answers yes" key destroy me
}

atf_test_case signify
signify_head() {
	atf_set descr "a public key of signify(1) is trusted under a name"
}
signify_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	# "Ed", eight bytes of a number, and 32 bytes 0, 1, 2 ...
	python3 - >k.pub <<'PYTHON'
import base64
print('untrusted comment: a public key')
print(base64.b64encode(b'Ed' + b'12345678' + bytes(range(32))).decode())
PYTHON
	atf_check -s exit:64 -e match:"the key has no name" gaol key trust k.pub
	atf_check -e ignore gaol key trust k.pub them
	atf_check -o inline:"gaol-ed25519 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8= them\n" \
	    gaol key show them
	sed -i 's/RWQ/RXQ/' k.pub
	atf_check -s exit:65 -e match:"not a public key" gaol key trust k.pub x
}

atf_init_test_cases() {
	atf_add_test_case life
	atf_add_test_case wrong
	atf_add_test_case signify
}
