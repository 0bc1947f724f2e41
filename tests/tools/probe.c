/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * probe WHAT...: runs inside a jail, statically linked, and tries one thing.
 * Prints "ok", or the name of the error; exit status 0 either way.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/mount.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/ptrace.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int
try_socket(int family, int type, int protocol)
{
	int fd = socket(family, type, protocol);

	if (fd < 0)
		return -1;
	return close(fd);
}

static int
raw_socket(void)
{
	return try_socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
}

static int
packet_socket(void)
{
	return try_socket(AF_PACKET, SOCK_DGRAM, 0);
}

static int
alg_socket(void)
{
	return try_socket(40 /* AF_VSOCK */, SOCK_STREAM, 0);
}

static int
unix_socket(void)
{
	return try_socket(AF_UNIX, SOCK_STREAM, 0);
}

static int
low_port(void)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
	    .sin_port = htons(777), .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return bind(fd, (struct sockaddr *)&sin, sizeof(sin));
}

static int
lock_memory(void)
{
	static char page[4096];

	return mlock(page, sizeof(page));
}

static int
shm(void)
{
	return shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600) < 0 ? -1 : 0;
}

static int
sem(void)
{
	return semget(IPC_PRIVATE, 1, IPC_CREAT | 0600) < 0 ? -1 : 0;
}

static int
msg(void)
{
	return msgget(IPC_PRIVATE, IPC_CREAT | 0600) < 0 ? -1 : 0;
}

static int
hostname(void)
{
	return sethostname("changed", 7);
}

static int
msgbuf(void)
{
	char text[64];

	return klogctl(3 /* SYSLOG_ACTION_READ_ALL */, text, sizeof(text)) < 0 ?
	    -1 : 0;
}

static int
set_time(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return clock_settime(CLOCK_REALTIME, &t);
}

static int
debug_child(void)
{
	pid_t pid = fork();
	int result, saved;

	if (pid == 0) {
		pause();
		_exit(0);
	}
	result = (int)ptrace(PTRACE_SEIZE, pid, 0, 0);
	saved = errno;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	errno = saved;
	return result;
}

static int
debug_init(void)
{
	return (int)ptrace(PTRACE_SEIZE, 1, 0, 0);
}

static int
mount_type(const char *type)
{
	mkdir("/mnt", 0755);
	return mount("none", "/mnt", type, 0, NULL);
}

static int
mount_tmpfs(void)
{
	return mount_type("tmpfs");
}

static int
mount_proc(void)
{
	return mount_type("proc");
}

static int
mount_sysfs(void)
{
	return mount_type("sysfs");
}

/* What a user namespace may mount and FreeBSD has no parameter for. */
static int
mount_other(void)
{
	static const char *const types[] = {
		"ramfs", "overlay", "mqueue", "devpts", "cgroup", "cgroup2",
		"binfmt_misc", "bpf", "tmpfs2", "", "tmpf", "autofs", "ext4",
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (mount_type(types[i]) == 0 || errno != EPERM)
			return 0;
	return -1;
}

/* A caller's descriptor and options reach the file system. */
static int
mount_fuse(void)
{
	char data[100];
	int fd = open("/dev/fuse", O_RDWR);

	if (fd < 0)
		return -1;
	fd = dup2(fd, 17);
	mkdir("/mnt", 0755);
	snprintf(data, sizeof(data),
	    "fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
	return mount("none", "/mnt", "fuse.probe", MS_NOSUID, data);
}

/* The call of 32-bit programs; this one lies low enough to make it. */
static int
mount_32(const char *type)
{
#if defined(__x86_64__)
	static char source[] = "none", target[] = "/mnt", name[32];
	long result = 21;

	mkdir("/mnt", 0755);
	snprintf(name, sizeof(name), "%s", type);
	__asm__ volatile("int $0x80"
	    : "+a"(result)
	    : "b"(source), "c"(target), "d"(name), "S"(0L), "D"(0L)
	    : "memory", "r8", "r9", "r10", "r11");
	if (result == 0)
		return 0;
	errno = (int)-result;
	return -1;
#else
	return mount_type(type);
#endif
}

static int
mount_tmpfs_32(void)
{
	return mount_32("tmpfs");
}

static int
mount_mqueue_32(void)
{
	return mount_32("mqueue");
}

static void *
mount_aside(void *arg)
{
	*(int *)arg = mount_type("tmpfs") == 0 ? 0 : errno;
	return arg;
}

static int
mount_thread(void)
{
	pthread_t thread;
	int error = EAGAIN;

	if (pthread_create(&thread, NULL, mount_aside, &error) == 0)
		pthread_join(thread, NULL);
	errno = error;
	return error == 0 ? 0 : -1;
}

/* Addresses of nothing, strings without end: what the kernel itself says. */
static int
mount_nonsense(void)
{
	static char longest[8192];
	char *bad = (char *)8;

	memset(longest, 'x', sizeof(longest) - 1);
	if (syscall(SYS_mount, "none", bad, "tmpfs", 0, NULL) == 0 ||
	    errno != EFAULT ||
	    syscall(SYS_mount, bad, "/mnt", "tmpfs", 0, NULL) == 0 ||
	    errno != EFAULT ||
	    syscall(SYS_mount, "none", "/mnt", bad, 0, NULL) == 0 ||
	    errno != EFAULT ||
	    syscall(SYS_mount, "none", longest, "tmpfs", 0, NULL) == 0 ||
	    errno != ENAMETOOLONG ||
	    syscall(SYS_mount, "none", "/nowhere", "tmpfs", 0, NULL) == 0 ||
	    errno != ENOENT ||
	    syscall(SYS_mount, "none", "/mnt", NULL, 0, NULL) == 0 ||
	    syscall(SYS_mount, "none", "/mnt", "tmpfs", 0, "size=x") == 0)
		return 0;
	/* the options end with the page that they lie in */
	bad = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (munmap(bad + 4096, 4096) < 0)
		return 0;
	memcpy(bad + 4096 - 8, "size=1m", 8);
	mkdir("/mnt", 0755);
	if (syscall(SYS_mount, "none", "/mnt", "tmpfs", 0, bad + 4088) < 0 ||
	    umount("/mnt") < 0)
		return 0;
	errno = EFAULT;
	return -1;
}

static char shared_type[16];

static void *
change_type(void *arg)
{
	for (;;) {
		memcpy(shared_type, "tmpfs", 6);
		memcpy(shared_type, "mqueue", 7);
	}
	return arg;
}

/* The type changes under the eyes of whoever looks at it. */
static int
mount_race(void)
{
	char line[1000];
	pthread_t thread;
	FILE *f;

	mkdir("/race", 0755);
	if (pthread_create(&thread, NULL, change_type, NULL) != 0)
		return 0;
	for (int i = 0; i < 3000; i++)
		if (mount("none", "/race", shared_type, 0, NULL) == 0)
			umount2("/race", MNT_DETACH);
	/* one that is still there after all */
	for (int i = 0; i < 3000; i++) {
		if (mount("none", "/race", shared_type, 0, NULL) < 0)
			continue;
		f = fopen("/proc/self/mountinfo", "r");
		while (f != NULL && fgets(line, sizeof(line), f) != NULL)
			if (strstr(line, "/race") != NULL &&
			    strstr(line, "- tmpfs") == NULL)
				return 0;
		if (f != NULL)
			fclose(f);
		umount2("/race", MNT_DETACH);
	}
	errno = EPERM;
	return -1;
}

/* Where the caller stands: relative to its own directory, in its own root. */
static int
mount_inside(void)
{
	mkdir("/cell", 0755);
	mkdir("/cell/mnt", 0755);
	if (chroot("/cell") < 0 || chdir("/") < 0 ||
	    mount("none", "mnt", "tmpfs", 0, "mode=0700,size=1m") < 0 ||
	    mkdir("/mnt/deep", 0755) < 0 ||
	    mount("none", "/mnt/deep/../../mnt/deep", "tmpfs", MS_RDONLY,
	    NULL) < 0 || umount("/mnt/deep") < 0)
		return -1;
	return umount("/mnt");
}

static int
mount_unprivileged(void)
{
	mkdir("/mnt", 0755);
	if (setresuid(1000, 1000, 1000) < 0)
		return 0;
	return mount("none", "/mnt", "tmpfs", 0, NULL);
}

static int
mount_bind(void)
{
	mkdir("/mnt", 0755);
	/* not /etc: its hosts file is a mount of the host, which is locked */
	return mount("/bin", "/mnt", NULL, MS_BIND, NULL);
}

static int
mount_move(void)
{
	mkdir("/mnt", 0755);
	return mount("/dev/shm", "/mnt", NULL, MS_MOVE, NULL);
}

/* "ro" is a flag of the mount that only its maker may take off. */
static int
remount_writable(void)
{
	return mount(NULL, "/ro", NULL, MS_REMOUNT | MS_BIND, NULL);
}

static int
remount_sys(void)
{
	return mount(NULL, "/sys", NULL, MS_REMOUNT | MS_BIND, NULL);
}

static int
clone_writable(void)
{
	struct mount_attr attr = { .attr_clr = MOUNT_ATTR_RDONLY };
	int fd = (int)syscall(SYS_open_tree, AT_FDCWD, "/ro",
	    OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	if (fd < 0)
		return -1;
	return (int)syscall(SYS_mount_setattr, fd, "", AT_EMPTY_PATH, &attr,
	    sizeof(attr));
}

static int
unmask(void)
{
	static const char *const masks[] = {
		"/proc/sys", "/proc/keys", "/proc/timer_list", "/sys/firmware",
		"/ro", "/dev/null", "/proc", "/sys", "/dev",
	};
	int saved = EINVAL;

	for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
		if (umount2(masks[i], MNT_DETACH) == 0)
			return 0;
		if (errno != EINVAL)
			saved = errno;
	}
	errno = saved;
	return -1;
}

static int
new_userns(void)
{
	return unshare(CLONE_NEWUSER);
}

static int
new_mountns(void)
{
	return unshare(CLONE_NEWNS);
}

static int
immutable(void)
{
	int flags, fd = open("/flagged", O_RDWR | O_CREAT, 0600);
	int result;

	if (fd < 0 || ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0)
		return -1;
	flags |= FS_IMMUTABLE_FL;
	result = ioctl(fd, FS_IOC_SETFLAGS, &flags);
	if (result == 0) {
		flags &= ~FS_IMMUTABLE_FL;
		ioctl(fd, FS_IOC_SETFLAGS, &flags);
	}
	return result;
}

static int
device_node(void)
{
	unlink("/node");
	return mknod("/node", S_IFBLK | 0600, makedev(254, 0));
}

/* Reading somebody's file as root needs the privilege; so does chown. */
static int
privilege(void)
{
	int fd = open("/owned", O_RDWR | O_CREAT, 0600);

	if (fd < 0)
		return -1;
	return fchown(fd, 12, 34);
}

static int
by_handle(void)
{
	struct {
		struct file_handle h;
		unsigned char data[128];
	} handle = { .h = { .handle_bytes = 8, .handle_type = 1 } };
	int mount_fd = open("/", O_RDONLY | O_DIRECTORY);

	memset(handle.data, 0, sizeof(handle.data));
	handle.data[0] = 2;	/* the root inode of ext4 */
	return open_by_handle_at(mount_fd, &handle.h, O_RDONLY) < 0 ? -1 : 0;
}

static int
type_ahead(void)
{
	char c = 'x';
	int fd = open("/dev/tty", O_RDWR);

	return ioctl(fd >= 0 ? fd : 0, TIOCSTI, &c);
}

static int
list_mounts(void)
{
	uint64_t request[4] = { 24, ~(uint64_t)0, 0, 0 }, ids[16];

	return syscall(458 /* listmount */, request, ids, 16, 0) < 0 ? -1 : 0;
}

static int
write_file(const char *path)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0)
		return -1;
	return close(fd);
}

static int
sysctl_write(void)
{
	return write_file("/proc/sys/kernel/core_pattern");
}

static int
sysrq(void)
{
	return write_file("/proc/sysrq-trigger");
}

static int
kcore(void)
{
	char c;
	int fd = open("/proc/kcore", O_RDONLY);

	if (fd < 0)
		return -1;
	/* masked: empty */
	if (read(fd, &c, 1) == 1)
		return 0;
	errno = ENODATA;
	return -1;
}

static int
keyring(void)
{
	return syscall(SYS_add_key, "user", "x", "y", 1, -3) < 0 ? -1 : 0;
}

static int
bpf(void)
{
	char attr[128] = { 0 };

	return syscall(SYS_bpf, 0, attr, sizeof(attr)) < 0 ? -1 : 0;
}

/*
 * The way of CVE-2019-5736: hold a descriptor of whatever runs, and write to it
 * once it has ended.  Reading is fine, writing must be refused for each.
 */
static int
overwrite_programs(void)
{
	DIR *dir = opendir("/proc");
	const struct dirent *d;
	int won = 0;

	while (dir != NULL && (d = readdir(dir)) != NULL) {
		char path[300], link[64], name[256];
		int held, fd;
		ssize_t n;

		if (d->d_name[0] < '0' || d->d_name[0] > '9')
			continue;
		snprintf(path, sizeof(path), "/proc/%s/exe", d->d_name);
		n = readlink(path, name, sizeof(name) - 1);
		held = open(path, O_PATH | O_CLOEXEC);
		if (held < 0 || n < 0)
			continue;
		name[n] = '\0';
		/* the jail's own programs are its own to write to */
		if (strncmp(name, "/bin/", 5) == 0 ||
		    strncmp(name, "/probe", 6) == 0) {
			close(held);
			continue;
		}
		snprintf(link, sizeof(link), "/proc/self/fd/%d", held);
		/* busy while it runs; the attack waits for its end */
		fd = -1;
		for (int i = 0; i < 20 && fd < 0; i++) {
			fd = open(link, O_WRONLY);
			if (fd < 0 && errno != ETXTBSY)
				break;
			usleep(1000);
		}
		won += fd >= 0;
		close(held);
	}
	if (won > 0)
		return 0;
	errno = EACCES;
	return -1;
}

/*
 * A child of gaol that is on its way into us, with gaol's memory: all of it must
 * be shut.  (gaol-init, which it may become next, has nothing to hide.)  Who may
 * open mem may trace as well.
 */
static bool
looked_into(const char *pid)
{
	static const char *const files[] = {
		"mem", "fd/3", "fd/4", "exe", "root/etc/hostname", "environ",
		"ns/mnt",
	};
	char path[300], name[32] = "";
	int fd, opened = 0;

	snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, name, sizeof(name) - 1) <= 0 ||
	    strcmp(name, "gaol\n") != 0) {
		close(fd);
		return false;
	}
	close(fd);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "/proc/%s/%s", pid, files[i]);
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		opened += fd >= 0;
		close(fd);
	}
	/* it may have become the command meanwhile, which is ours to see */
	snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	memset(name, 0, sizeof(name));
	if (fd < 0 || read(fd, name, sizeof(name) - 1) <= 0 ||
	    strcmp(name, "gaol\n") != 0)
		opened = 0;
	close(fd);
	return opened > 0;
}

static int
look_at_joiners(void)
{
	for (int i = 0; i < 1000000 && access("/done", F_OK) != 0; i++) {
		DIR *dir = opendir("/proc");
		const struct dirent *d;

		while (dir != NULL && (d = readdir(dir)) != NULL)
			if (d->d_name[0] >= '1' && d->d_name[0] <= '9' &&
			    looked_into(d->d_name)) {
				printf("pid %s\n", d->d_name);
				return 0;
			}
		closedir(dir);
	}
	errno = EACCES;
	return -1;
}

/* The oldest way out of chroot(2). */
static int
climb_out(void)
{
	int here = open("/", O_RDONLY | O_DIRECTORY);

	mkdir("/deeper", 0755);
	if (here < 0 || chroot("/deeper") < 0 || fchdir(here) < 0)
		return -1;
	for (int i = 0; i < 100; i++)
		if (chdir("..") < 0)
			return -1;
	if (chroot(".") < 0)
		return -1;
	if (access("/probe", F_OK) != 0)
		return 0;	/* not our root any more */
	errno = EXDEV;
	return -1;
}

/* Reading what is typed at a terminal that we may only write to. */
static int
read_terminal(void)
{
	static const char *const paths[] = {
		"/proc/self/fd/0", "/proc/self/fd/1", "/proc/self/fd/2",
		"/proc/1/fd/0", "/proc/1/fd/1", "/proc/1/fd/2", "/dev/tty",
	};

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		int fd = open(paths[i], O_RDONLY | O_NOCTTY | O_NONBLOCK);

		if (fd >= 0 && isatty(fd))
			return 0;
	}
	errno = ENOTTY;
	return -1;
}

/* What was left open for us, beside the three standard streams. */
static int
leaked_descriptors(void)
{
	for (int fd = 3; fd < 4096; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			return 0;
	errno = EBADF;
	return -1;
}

static const struct {
	const char *name;
	int (*try)(void);
} probes[] = {
	{ "raw_socket", raw_socket }, { "packet_socket", packet_socket },
	{ "vsock_socket", alg_socket }, { "unix_socket", unix_socket },
	{ "low_port", low_port }, { "mlock", lock_memory }, { "shm", shm },
	{ "sem", sem }, { "msg", msg }, { "hostname", hostname },
	{ "msgbuf", msgbuf }, { "settime", set_time },
	{ "debug_child", debug_child }, { "debug_init", debug_init },
	{ "mount_tmpfs", mount_tmpfs }, { "mount_proc", mount_proc },
	{ "mount_sysfs", mount_sysfs }, { "mount_other", mount_other },
	{ "mount_fuse", mount_fuse }, { "mount_race", mount_race },
	{ "mount_tmpfs_32", mount_tmpfs_32 },
	{ "mount_mqueue_32", mount_mqueue_32 },
	{ "mount_thread", mount_thread }, { "mount_bad", mount_nonsense },
	{ "mount_inside", mount_inside }, { "mount_move", mount_move },
	{ "mount_user", mount_unprivileged },
	{ "remount_rw", remount_writable }, { "remount_sys", remount_sys },
	{ "clone_rw", clone_writable }, { "unmask", unmask },
	{ "mount_bind", mount_bind }, { "userns", new_userns },
	{ "mountns", new_mountns }, { "immutable", immutable },
	{ "mknod", device_node }, { "privilege", privilege },
	{ "by_handle", by_handle }, { "tiocsti", type_ahead },
	{ "listmount", list_mounts }, { "sysctl", sysctl_write },
	{ "sysrq", sysrq }, { "kcore", kcore }, { "keyring", keyring },
	{ "bpf", bpf }, { "overwrite", overwrite_programs },
	{ "joiners", look_at_joiners },
	{ "terminal", read_terminal }, { "chroot", climb_out }, { "descriptors", leaked_descriptors },
};

int
main(int argc, char **argv)
{
	for (int a = 1; a < argc; a++)
		for (size_t i = 0; i < sizeof(probes) / sizeof(probes[0]); i++)
			if (strcmp(argv[a], probes[i].name) == 0)
				printf("%s\n", probes[i].try() == 0 ? "ok" :
				    strerrorname_np(errno));
	return 0;
}
