#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
#
# Archives on the real engine: what is exported comes again, with everything
# that a file can have.
# shellcheck disable=SC2154
. "$(atf_get_srcdir)/common.subr"

# every_kind DIR: files of every kind, with everything that files have.
every_kind() {
	cat >make.py <<'PYTHON'
import os, sys, stat, struct, fcntl
root = os.path.abspath(os.fsencode(sys.argv[1]))
os.chdir(root)
def put(name, data=b'x', mode=0o644):
    fd = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    os.write(fd, data)
    os.close(fd)
    os.chmod(name, mode)
os.mkdir(b'k')
os.chdir(b'k')
for c in range(1, 256):
    if c not in (0x2f,):
        put(b'n' + bytes([c]), bytes([c]))
put(b'suid', mode=0o4755)
os.chown('suid', 1000, 1000)
os.chmod('suid', 0o6755)
put(b'owner')
os.chown('owner', 4000000000, 65533)
put(b'empty', b'')
put(b'none', mode=0)
put(b'large', bytes(range(256)) * 20000)
os.truncate('large', 6000001)
os.symlink(b'\xff/../..', b'link')
os.symlink(b'l' * 4000, b'longlink')
os.chown('link', 7, 8, follow_symlinks=False)
os.link('link', 'link2', follow_symlinks=False)
os.link('large', 'large2')
os.mkfifo('fifo', 0o640)
os.link('fifo', 'fifo2')
os.mknod('null', stat.S_IFCHR | 0o622, os.makedev(1, 3))
os.mknod('disk', stat.S_IFBLK | 0o600, os.makedev(259, 300000))
fd = os.open('holes', os.O_RDWR | os.O_CREAT, 0o600)
os.ftruncate(fd, 10 << 30)
for at in (0, 5000, 1 << 20, 7 << 30):
    os.pwrite(fd, b'data', at)
os.close(fd)
fd = os.open('allhole', os.O_RDWR | os.O_CREAT, 0o600)
os.ftruncate(fd, 1 << 20)
os.close(fd)
def attr(name, key, value):
    os.setxattr(name, key, value, follow_symlinks=False)
put(b'attr')
attr('attr', 'user.text', b'value')
attr('attr', 'user.bytes', bytes(range(256)))
attr('attr', 'user.none', b'')
attr('attr', b'user.a=b%c', b'equals')
attr('attr', 'security.capability', bytes.fromhex('0100000200200000000000000000000000000000'))
def acl(entries):
    return struct.pack('<I', 2) + b''.join(struct.pack('<HHI', *e) for e in entries)
none = 0xffffffff
put(b'acl')
attr('acl', 'system.posix_acl_access', acl([(1, 6, none), (2, 4, 1001), (4, 4, none), (8, 7, 33), (16, 7, none), (32, 0, none)]))
os.mkdir('acldir')
attr('acldir', 'system.posix_acl_default', acl([(1, 7, none), (2, 5, 4000000001), (4, 5, none), (16, 5, none), (32, 0, none)]))
os.mkdir('sticky')
os.chmod('sticky', 0o1777)
os.mkdir('setgid')
os.chmod('setgid', 0o2770)
deep = b'.'
for i in range(400):
    os.mkdir(b'deep-directory-%d' % i)
    os.chdir(b'deep-directory-%d' % i)
    if i % 40 == 0:
        put(b'file', b'%d' % i)
os.chdir(root)
os.chdir(b'k')
def flags(name, bits):
    fd = os.open(name, os.O_RDONLY)
    now = struct.unpack('i', fcntl.ioctl(fd, 0x80086601, b'\0' * 8)[:4])[0]
    fcntl.ioctl(fd, 0x40086602, struct.pack('l', now | bits))
    os.close(fd)
put(b'nodump')
flags('nodump', 0x40)
put(b'immutable')
put(b'append')
os.mkdir('fixed')
put(b'fixed/file')
for name in os.listdir(b'.'):
    os.utime(name, ns=(1, 1234567890123456789 + len(name)), follow_symlinks=False)
os.utime('empty', ns=(0, -1500000000))
flags('immutable', 0x10)
flags('append', 0x20)
flags('fixed', 0x10)
PYTHON
	python3 make.py "$1"
}

# dump DIR: all of it as text.
dump() {
	cat >dump.py <<'PYTHON'
import os, sys, stat, struct, fcntl, hashlib
os.chdir(os.fsencode(sys.argv[1]))
seen = {}
def one(dirfd, name, path):
    st = os.lstat(name, dir_fd=dirfd)
    kind = stat.S_IFMT(st.st_mode)
    line = [path, oct(st.st_mode), st.st_uid, st.st_gid, st.st_mtime_ns, st.st_nlink if kind != stat.S_IFDIR else 0]
    os.fchdir(dirfd)
    attrs = []
    for a in sorted(os.listxattr(name, follow_symlinks=False)):
        if not a.startswith('user.overlay.'):
            attrs.append((a, os.getxattr(name, a, follow_symlinks=False).hex()))
    line.append(attrs)
    if kind in (stat.S_IFCHR, stat.S_IFBLK):
        line.append(st.st_rdev)
    if kind == stat.S_IFLNK:
        line.append(os.readlink(os.fsencode(name)))
    if kind in (stat.S_IFREG, stat.S_IFDIR):
        fd = os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=dirfd)
        try:
            flags = struct.unpack('i', fcntl.ioctl(fd, 0x80086601, b'\0' * 8)[:4])[0]
            line.append(hex(flags & 0x70))
        except OSError:
            line.append('no flags')
        if kind == stat.S_IFREG:
            line += [st.st_size, st.st_blocks * 512 < st.st_size]
            h = hashlib.sha256()
            at = 0
            while at < st.st_size:
                try:
                    at = os.lseek(fd, at, os.SEEK_DATA)
                except OSError:
                    break
                end = os.lseek(fd, at, os.SEEK_HOLE)
                while at < end:
                    data = os.pread(fd, min(1 << 20, end - at), at)
                    # pieces of zeros may be holes in the other
                    for i in range(0, len(data), 4096):
                        if data[i:i + 4096].strip(b'\0'):
                            h.update(b'%d:' % (at + i) + data[i:i + 4096])
                    at += len(data)
            line.append(h.hexdigest())
        os.close(fd)
    if st.st_nlink > 1 and kind != stat.S_IFDIR:
        line.append(seen.setdefault(st.st_ino, path))
    print(line)
def walk(dirfd, path):
    names = sorted(os.listdir(dirfd))
    for n in names:
        n = os.fsencode(n)
        one(dirfd, n, path + b'/' + n)
    for n in names:
        n = os.fsencode(n)
        st = os.lstat(n, dir_fd=dirfd)
        if stat.S_ISDIR(st.st_mode):
            fd = os.open(n, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=dirfd)
            walk(fd, path + b'/' + n if len(path) < 200 else path)
            os.close(fd)
sys.setrecursionlimit(5000)
walk(os.open('.', os.O_RDONLY | os.O_DIRECTORY), b'')
PYTHON
	sh -c "ulimit -n 4096; exec python3 dump.py '$1'"
}

root_test kinds "every kind of file, with all that it has, comes again"
kinds_cleanup() {
	chattr -R -i -a root 2>/dev/null || :
	gaol_cleanup
}
kinds_body() {
	gaol_setup
	atf_check -e ignore gaol -q create web -r busybox
	upper=root/jails/web/layers/upper
	every_kind $upper || atf_fail 'the files cannot be made'
	dump $upper/k >was || atf_fail 'the files cannot be read'
	atf_check -s exit:0 -e ignore gaol -q export web a
	atf_check -s exit:65 -e match:"a device node, which only --devices lets in" \
	    gaol -q import a b
	atf_check -o inline:"web\n" ls -A root/jails
	atf_check -e ignore gaol -q import --devices a b
	dump root/jails/b/layers/upper/k >now
	atf_check diff was now
	# what the release has is not there twice
	[ ! -e root/jails/b/layers/upper/bin/busybox ] ||
	    atf_fail "the release's files are in the jail's layer"
	atf_check -e ignore gaol -q import --devices a c -S dir
	dump root/jails/c/root/k >now
	atf_check diff was now
	atf_check cmp root/jails/c/root/bin/busybox \
	    root/releases/busybox/root/bin/busybox
	# and from there, where it stays a thick one, through a pipe
	atf_check -e ignore sh -c 'gaol export c - | gaol import --devices - d'
	dump root/jails/d/root/k >now
	atf_check diff was now
	for jail in b c d; do
		atf_check -e ignore gaol -q start $jail
		atf_check -o inline:'x' gaol exec $jail cat /k/suid
		atf_check -e ignore gaol -q stop $jail
	done
}

root_test running "a running jail is exported as it was at one moment"
running_body() {
	gaol_setup
	gaol_jail web
	atf_check gaol exec web sh -c 'echo one >/f; chown 33:44 /f'
	atf_check -e ignore gaol -q export --live web a
	atf_check -o empty gaol snapshots -H web
	atf_check -o inline:'one\n' gaol exec web cat /f
	atf_check -e ignore gaol -q import a b --start
	atf_check -o inline:'33:44\n' gaol exec b stat -c %u:%g /f
}

root_test many "many files, at once"
many_head() {
	atf_set descr 'many files: 5,000, and 100,000 with GAOL_CHECK_LONG'
	atf_set require.user root
	atf_set timeout 900
}
many_body() {
	gaol_setup
	atf_check -e ignore gaol -q create web -r busybox
	n=50
	[ -z "$GAOL_CHECK_LONG" ] || n=1000
	python3 - root/jails/web/layers/upper $n <<'PYTHON'
import os, sys
os.chdir(sys.argv[1])
for d in range(int(sys.argv[2])):
    os.mkdir('d%d' % d)
    for f in range(100):
        with open('d%d/f%d' % (d, f), 'w') as out:
            out.write('%d %d\n' % (d, f) * (f + 1))
PYTHON
	atf_check -e ignore sh -c 'gaol export web - | gaol import - b'
	atf_check diff -r root/jails/web/layers/upper root/jails/b/layers/upper
}

atf_test_case full cleanup
full_head() {
	atf_set descr "a full disk undoes import and export"
	atf_set require.user root
}
full_body() {
	mkdir root
	mount -t tmpfs -o size=24M none root
	gaol_setup
	gaol_jail web
	atf_check -e ignore gaol exec web dd if=/dev/urandom of=/f bs=64k count=96
	atf_check -e ignore gaol -q stop web
	atf_check -e ignore gaol -q export web a
	mkdir root/out
	dd if=/dev/zero of=root/fill bs=64k >/dev/null 2>&1 || :
	atf_check -s exit:1 -e match:'No space' gaol -q export web root/out
	atf_check -o empty ls -A root/out
	# more than there is room for is refused before; with a limit it tries
	atf_check -s exit:65 -e match:'when unpacked' gaol -q import a b
	atf_check -s exit:1 -e match:'No space' \
	    gaol -q import --max-size 1G a b
	rm root/fill
	atf_check -o inline:'web\n' ls -A root/jails
	atf_check -e ignore gaol -q import a b
}
full_cleanup() {
	gaol_cleanup
	umount root || :
}

atf_init_test_cases() {
	for t in kinds running many full; do
		atf_add_test_case $t
	done
}
