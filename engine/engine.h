/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

/*
 * The three tables between core and an operating system.  core/ calls them,
 * engine/NAME/ implements them, nothing else is known to either side.  A NULL
 * member means "this system cannot": core answers ERROR_UNSUPPORTED.  On the
 * way down everything is idempotent: stopping or cleaning what is half made,
 * or gone, succeeds.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/vec.h"
#include "engine/net.h"

/* Systems, as bits: which of them honours a property (core/prop.h). */
enum {
	SYSTEM_FREEBSD = 1 << 0,
	SYSTEM_LINUX = 1 << 1,
	SYSTEM_FAKE = 1 << 2,
};

/* jail(8) allow.*: what a jail may do. */
enum engine_allow {
	ALLOW_ADJTIME, ALLOW_CHFLAGS, ALLOW_EXTATTR, ALLOW_MLOCK, ALLOW_MOUNT,
	ALLOW_MOUNT_DEVFS, ALLOW_MOUNT_FDESCFS, ALLOW_MOUNT_FUSEFS,
	ALLOW_MOUNT_LINPROCFS, ALLOW_MOUNT_LINSYSFS, ALLOW_MOUNT_NULLFS,
	ALLOW_MOUNT_PROCFS, ALLOW_MOUNT_TMPFS, ALLOW_MOUNT_ZFS, ALLOW_NFSD,
	ALLOW_QUOTAS, ALLOW_RAW_SOCKETS, ALLOW_READ_MSGBUF,
	ALLOW_RESERVED_PORTS, ALLOW_ROUTING, ALLOW_SETAUDIT, ALLOW_SETTIME,
	ALLOW_SET_HOSTNAME, ALLOW_SOCKET_AF, ALLOW_SUSER,
	ALLOW_UNPRIVILEGED_PARENT_TAMPERING, ALLOW_UNPRIVILEGED_PROC_DEBUG,
	ALLOW_VMM, ALLOW_VMM_PPT,
	ALLOW_COUNT
};
#define ALLOW_BIT(a) ((uint64_t)1 << (a))

/* sysvmsg, sysvsem, sysvshm, ip4, ip6, host, vnet ...: jailsys parameters. */
enum engine_share { SHARE_DISABLE, SHARE_NEW, SHARE_INHERIT };

/* A file tree that becomes a jail's root.  Strings are owned by the tree. */
enum tree_kind {
	TREE_DIR,	/* upper is the whole root */
	TREE_OVERLAY,	/* lower[0] on top of lower[1] ..., upper, work */
	TREE_BASE,	/* upper is the root; lower[0], the release, is seen
			   read-only in its directory TREE_BASE_DIR */
};
#define TREE_BASE_DIR ".base"
struct tree {
	enum tree_kind kind;
	struct strings lower;	/* absolute paths, read-only */
	char *upper;		/* absolute path, written to; overlay: NULL for a
				   tmpfs that goes with the jail */
	char *work;		/* overlay's work directory */
	bool ephemeral;		/* need not survive a crash: no syncing */
	uint64_t quota;		/* upper in a tmpfs: its size; 0: no limit */
};
void tree_fini(struct tree *t);

struct engine_mount {
	char *source;		/* host path, or a word for tmpfs, proc ... */
	char *target;		/* below the jail's root */
	char *type;		/* nullfs tmpfs procfs linprocfs linsysfs devfs fdescfs */
	char *options;		/* ro, nosuid, size=64M ... comma-separated */
	bool plain;		/* of the host's own: its ids are not mapped */
	/* The source begins with a directory of that many bytes, and what is
	 * below it may be hostile: looked up below it; 0: all is trusted. */
	size_t anchor;
};

/* A parameter of jail_set(2) that cell.conf names, as jail.conf(5) has it. */
struct engine_param {
	char *name, *value;
};

/*
 * A limit on what the processes of a jail use.  The resource is what follows
 * "limit." in the name of the property, in bytes, bytes or operations a second,
 * or a number; cpu in percent of one processor.  Of a rule that is written as
 * in rctl(8) it is rctl's name.
 */
struct engine_limit {
	char *resource;		/* "memory", "cpu", "io.read.bps", "nthr" */
	char *action;		/* as in rctl(8): "log", "sigterm"; NULL: no
				   more than the amount is given */
	uint64_t amount;
	char *per;		/* as in rctl(8): "process", "user"; NULL: all
				   of the jail together */
};

/* What a running jail uses; ENGINE_UNKNOWN: this host cannot tell. */
#define ENGINE_UNKNOWN UINT64_MAX
struct engine_usage {
	uint64_t cpu_us;	/* processor time since its start */
	uint64_t memory, swap;	/* bytes now */
	uint64_t processes;	/* now */
	uint64_t openfiles;	/* now, as limit.openfiles counts them */
	uint64_t read_bytes, write_bytes;	/* of disks, since its start */
	uint64_t reads, writes;
	uint64_t net_in, net_out;	/* bytes since its start */
	uint64_t oom_kills;	/* processes that were ended to free memory */
};

/* A process of a running jail; the strings are the caller's. */
struct engine_process {
	int64_t pid;		/* as the host has it */
	int64_t inside;		/* as the jail has it; 0: the same */
	uint32_t uid;		/* as the host has it */
	char state;		/* a letter of ps(1): R S D T Z */
	uint64_t cpu_us, memory;
	char *command;
};
VEC_TYPE(engine_processes, struct engine_process);
void engine_processes_fini(struct engine_processes *list);
#define AUTO_PROCESSES __attribute__((cleanup(engine_processes_fini)))

enum { ENGINE_LOGS_OLDER = 9 };

/* Everything an engine needs to confine a jail; core fills it from cell.conf. */
struct engine_spec {
	const char *name;
	const char *key;	/* "SCOPE/NAME": names kernel objects uniquely */
	const char *run;	/* the run directory; NULL: nothing is kept */
	const char *hostname;	/* NULL: the jail's name */
	const char *domainname;
	const struct tree *tree;
	uint64_t allow;		/* ALLOW_BIT()s */
	uint64_t allow_asked;	/* the ones that cell.conf names itself */
	int securelevel;	/* -1 to 3 */
	int enforce_statfs;	/* 0 to 2 */
	unsigned children_max;
	enum engine_share sysvmsg, sysvsem, sysvshm;
	bool net_inherit;	/* otherwise a stack of its own, loopback up */
	struct engine_iface *ifaces;	/* see engine/net.h */
	size_t iface_count;
	struct engine_publish *publish;
	size_t publish_count;
	bool userns;		/* own id range (Linux) */
	uint32_t id_base;	/* first host id of 65,536, when userns */
	bool mount_devfs, mount_fdescfs, mount_procfs;
	const struct engine_mount *mounts;
	size_t mount_count;
	const struct engine_param *params;	/* for a kernel that has them */
	size_t param_count;
	const struct engine_limit *limits;
	size_t limit_count;
	const struct strings *cpus;	/* "0-3", "5": where it may run; NULL or
					   empty: on all of the host's */
	int devfs_ruleset;	/* of mount.devfs; 0: the usual one */
	const struct strings *devices;	/* to be seen in /dev beside the usual
					   ones: "bpf*"; NULL: none */
	int fib;		/* exec.fib; -1: ours */
	int console_fd;		/* output of exec.start; -1: /dev/null */
	/* The log is kept with the time before each line, where the engine can;
	 * what is longer than console_size (0: any length) moves on to the
	 * older ones, which are open too. */
	bool console_stamped;
	uint32_t console_size;
	const int *console_older;
	unsigned console_older_count;	/* at most ENGINE_LOGS_OLDER */
	/* When the last process has ended, the commands of boot() are run again:
	 * after a failure, or always; so often in a row (0: a usual number).
	 * Told to that descriptor, see core/restart.h; 0: never. */
	int restart_fd;
	bool restart_always;
	unsigned restart_most;
	int live_fd;		/* the record of the running jail: see alive */
	bool console_is_stdio;	/* run: commands use our stdin/out/err */
};

/* A running jail, as remembered between commands. */
struct engine_live {
	int64_t jid;		/* jail id; on Linux the pid of its pid 1 */
	char ident[96];		/* engine's own: no spaces, never empty */
};

/* A jail of this system that is none of ours; all of it is the caller's. */
struct engine_other {
	int64_t jid;
	char *name, *path, *hostname;
};
VEC_TYPE(engine_others, struct engine_other);
void engine_others_fini(struct engine_others *others);
#define AUTO_OTHERS __attribute__((cleanup(engine_others_fini)))

/* A command inside a jail. */
struct engine_command {
	char *const *argv;	/* argv[0] looked up in env's PATH, inside */
	char *const *env;	/* NAME=VALUE, complete */
	uint32_t uid, gid;
	const uint32_t *groups;
	size_t group_count;
	const char *dir;	/* inside */
	bool dir_is_home;	/* one that is missing is no error: "/" */
	bool tty;		/* a pty, our terminal raw, size followed */
	bool no_new_privs;
	int output;		/* exec: in place of our stdout and stderr, with
				   /dev/null for stdin; 0: ours */
	unsigned timeout_ms;	/* 0: none; then it is killed: ERROR_FAILED */
};

/* A line of doctor's report. */
enum finding_level { FINDING_OK, FINDING_NOTE, FINDING_WARNING, FINDING_BAD };
struct finding {
	enum finding_level level;
	char *subject;		/* "user namespaces" */
	char *text;		/* what is so, and what would mend it */
	bool repaired;
};
VEC_TYPE(findings, struct finding);

/* A jail that boot_leave() has left running; all of it is the caller's. */
struct engine_left {
	int64_t pid;	/* a child of ours that ends with the command: to be
			   waited for */
	/*
	 * The jail lives as long as this is open, which polls POLLHUP when pid
	 * has ended.  On Linux a struct init_answer (init/protocol.h) comes by
	 * it before: INIT_STATUS with the command's status as waitpid(2) gives
	 * it; elsewhere pid is the command.
	 */
	int keep;
	/* The command, to signal it: a pidfd, or a process descriptor; -1: not
	 * known. */
	int command;
};

/* What keeps a jail alive after exec.start. */
enum engine_life {
	LIFE_PERSIST,	/* nothing need run in it */
	LIFE_PROCESSES,	/* it ends with its last process */
	LIFE_MAIN,	/* boot_main follows */
};

/* A jail under construction: made, its first process waiting. */
struct engine_start;

struct engine {
	const char *name;
	unsigned system;	/* SYSTEM_* */

	/*
	 * Refuse with ERROR_UNSUPPORTED what this host cannot give this jail,
	 * naming the property and what would do it.  Touches nothing.
	 */
	int (*check)(const struct engine_spec *spec, struct error *e);

	/*
	 * Where the engine may keep what it must remember about jails: the
	 * run directory, open and kept open.  NULL: it needs nothing.
	 */
	void (*remember)(int run_dir);

	/*
	 * Mount the jail's files, for a system where the host sees them too:
	 * they are there from exec.prestart to exec.poststop.  NULL: make()
	 * does it and kill() undoes it.
	 */
	int (*mount)(const struct engine_spec *spec, struct error *e);
	/* Mount what was added to the spec's mounts since, the one of that
	 * number and all behind it.  Undone by unmount() too. */
	int (*mount_more)(const struct engine_spec *spec, size_t from,
	    struct error *e);
	/* Undo what mount() did for that jail, which is gone. */
	int (*unmount)(const char *key, struct error *e);

	/*
	 * Make the jail: confined, file tree mounted, its first process waiting
	 * before any code of the jail has run.  live is filled.  If the calling
	 * process dies before boot(), the jail dies with it.  Undone by
	 * start_free() before boot, by kill() ever after.
	 */
	struct engine_start *(*make)(const struct engine_spec *spec,
	    struct engine_live *live, struct error *e);

	/*
	 * Let it run commands (exec.start) one after another, waiting for each;
	 * the jail then lives on as life says.  An exit status other than 0 is
	 * ERROR_FAILED naming the command; the jail is then still there, for
	 * the caller to kill.
	 */
	int (*boot)(struct engine_start *start,
	    const struct engine_command *commands, size_t count,
	    enum engine_life life, struct error *e);

	/*
	 * Run one command as the jail's main process and wait for it (gaol
	 * run): the jail ends with it.  *status as a shell's.
	 */
	int (*boot_main)(struct engine_start *start,
	    const struct engine_command *command, int *status, struct error *e);

	/*
	 * The same without waiting for its end: for a caller that hands the
	 * jail to a smaller program by execve(2), which keeps children and
	 * descriptors.  It runs when this has returned.  NULL: it has to be
	 * waited for.
	 */
	int (*boot_leave)(struct engine_start *start,
	    const struct engine_command *command, struct engine_left *left,
	    struct error *e);

	/* Let go; before boot the jail is killed.  NULL is fine. */
	void (*start_free)(struct engine_start *start);

	/*
	 * Whether it is the very jail of the record (not a recycled id).
	 * record_fd is the open record file that live_fd was.
	 */
	bool (*alive)(const struct engine_live *live, int record_fd);
	/*
	 * The same for all records of a directory at once: inodes[] of the
	 * record files; sets alive[i].  NULL: alive() has to be asked.
	 */
	int (*alive_many)(const uint64_t *inodes, bool *alive, size_t count,
	    int64_t device, struct error *e);

	/*
	 * Jails that run here and that others made, appended.  NULL: such
	 * jails are not to be told from other processes.
	 */
	int (*others)(struct engine_others *others, struct error *e);

	/* Run a command inside; *status as a shell's, 126 and 127 included. */
	int (*exec)(const struct engine_live *live,
	    const struct engine_spec *spec, const struct engine_command *c,
	    int *status, struct error *e);

	/* SIGTERM to all, SIGKILL after timeout_ms; returns when none is left
	 * and what belonged to the jail is removed, as kill() does. */
	int (*stop)(const struct engine_live *live, const char *key,
	    unsigned timeout_ms, struct error *e);
	/*
	 * Kill and remove whatever belongs to that jail (processes, cgroups,
	 * kernel objects), whether live is known (or NULL) or not.
	 */
	int (*kill)(const struct engine_live *live, const char *key,
	    struct error *e);

	/*
	 * Stop all processes of a running jail for a moment, or let them go on;
	 * both may be called twice.  While it is frozen the jail's files do not
	 * change.  When the calling process dies the jail goes on by itself.
	 */
	int (*freeze)(const struct engine_live *live, const char *key,
	    bool frozen, struct error *e);

	/*
	 * Put the limits and cpus of spec in force for a running jail, in the
	 * place of those of before.  NULL: only a start can.
	 */
	int (*limit)(const struct engine_live *live,
	    const struct engine_spec *before, const struct engine_spec *spec,
	    struct error *e);
	/* What a running jail, or one that has just ended, uses. */
	int (*usage)(const struct engine_live *live, const char *key,
	    struct engine_usage *u, struct error *e);
	/* Whether a program of the jail waits for TCP connections to port. */
	int (*listens)(const struct engine_live *live, uint16_t port,
	    bool *listens, struct error *e);
	/* The processes of a running jail, appended. */
	int (*processes)(const struct engine_live *live, const char *key,
	    struct engine_processes *list, struct error *e);

	/*
	 * Mount m in a running jail.  Its target is looked up, and made when
	 * missing, as root of the jail would; ERROR_EXISTS when something is
	 * mounted there, ERROR_UNSUPPORTED for a type that needs a start.
	 * Undone by umount_live().
	 */
	int (*mount_live)(const struct engine_live *live,
	    const struct engine_spec *spec, const struct engine_mount *m,
	    struct error *e);
	/*
	 * Take it away; one that is not there is success.  ERROR_BUSY while it
	 * is used, unless detach: then its users keep it, and nobody else.
	 * Another mount than m in that place is ERROR_FAILED.
	 */
	int (*umount_live)(const struct engine_live *live,
	    const struct engine_spec *spec, const struct engine_mount *m,
	    bool detach, struct error *e);

	/*
	 * Call work in a process of ours that has entered the running jail: root
	 * is its root directory, and files are read and made with the rights of
	 * the jail's root.  Nothing of the jail is run; the tree may be hostile,
	 * so base/path.h is for it.  What work leaves in memory is lost, its
	 * error is told.  After timeout_ms (0: none) it is killed, ERROR_FAILED.
	 */
	int (*within)(const struct engine_live *live,
	    const struct engine_spec *spec,
	    int (*work)(int root, void *arg, struct error *e), void *arg,
	    unsigned timeout_ms, struct error *e);

	/* The root directory as the jail sees it, opened. */
	int (*root)(const struct engine_live *live, struct error *e);
	/* Where the host sees it while the jail runs, for a jail whose root is
	 * no directory of a store.  The caller frees it.  NULL: nowhere. */
	char *(*root_path)(const struct engine_live *live);

	/*
	 * Check the host for "doctor".  Kernel objects of this scope whose
	 * jail is not in running are leftovers, removed when repair is set.
	 */
	int (*probe)(const char *scope, const struct strings *running,
	    bool repair, struct findings *findings, struct error *e);

	/*
	 * Whether this host has ids to give each jail a range of its own; in a
	 * jail it has not, and jails inside have its ids.  NULL: it has not.
	 */
	bool (*has_ids)(void);

	/*
	 * What the kernel calls the jail of that key, for jail(8); heap
	 * memory.  NULL: there is no jail(8), and no file for it is kept.
	 */
	char *(*kernel_name)(const char *key);

	/* The operating systems whose releases can be started: "linux". */
	const char *const *runs;
};

/*
 * File trees.
 *
 * Core owns jails/NAME, cell.conf in it, the locks and the order of steps; a
 * store owns the rest of that directory and what it keeps elsewhere for it
 * (datasets, shared layers), and touches nothing that it did not make.  Every
 * operation is called with the jail's lock held; clone with both jails'.  An
 * operation does all of it or, with an error (a full disk too), nothing.
 *
 * A crash may leave what nobody refers to; what is referred to is always
 * whole.  Core writes jails/.todo.NAME before an operation that changes an
 * existing jail and removes it after; where one is found the next command on
 * that jail calls recover(), which removes what nobody refers to.  Of jails
 * that were half made (.new.NAME) or half destroyed (.trash.NAME) destroy()
 * is called.
 *
 * Files lie with the ids that the jail sees: root's are 0:0.  The engine maps
 * them onto the jail's own range when it mounts them, so that no operation
 * here has to know of ranges, and what is copied, sent or shared is the same
 * for every jail.
 */

/* The jail that an operation is about; all of it is the caller's. */
struct store_cell {
	const char *root;	/* the state directory, absolute: /var/db/gaol */
	const char *name;	/* "web" */
	const char *entry;	/* its directory in jails/: "web", ".new.web"
				   while it is made, ".trash.web" while it goes */
	const char *path;	/* ROOT/jails/ENTRY; rename: NULL */
	int dir;		/* the same, opened; tree, rename: -1 */
	const char *release;	/* root of its release; NULL: it has none */
	bool ephemeral;		/* need not survive a crash: no syncing */
	/* "compression=lz4", of zfs.compression; NULL: none */
	const struct strings *options;
};

struct snapshot {
	char *name;
	char *note;		/* one line, "" without */
	int64_t created;	/* time(2) */
	uint64_t order;		/* within a second; 0: the store's choice */
	bool held;		/* 'snapshot --hold': not to be destroyed */
	int64_t clones;		/* that keep its space; -1: not known */
	uint64_t used;		/* bytes written since the one before it */
	uint64_t referenced;	/* bytes of all that it shows but the release */
};
VEC_TYPE(snapshots, struct snapshot);
/* A running jail, frozen unless the store is atomic: settled() lets it go on,
 * to be called as soon as its files may change again. */
struct store_live {
	void (*settled)(void *arg);
	void *arg;
};
void snapshots_fini(struct snapshots *list);
#define AUTO_SNAPSHOTS __attribute__((cleanup(snapshots_fini)))

/* Bytes.  What a store cannot tell is UINT64_MAX. */
struct store_usage {
	uint64_t live;		/* the jail's own files as they are now */
	uint64_t snapshots;	/* what its snapshots hold beside */
	uint64_t limit;		/* limit.disk in force; UINT64_MAX: none */
	uint64_t available;	/* that the jail can still write */
};

/* A jail as another manager's stream. */
struct store_send {
	const char *name, *snapshot;
	int (*fill)(void *arg, int dir, struct error *e);
	void *arg;
	int out;		/* where the stream goes */
};

/* A NULL member means "cannot": core answers ERROR_UNSUPPORTED and names a
 * store of this host that can. */
struct store {
	const char *name;
	bool thin;		/* can stand on a release without copying */
	bool thick;		/* a thin one that holds thick jails as well */
	bool leans;		/* what create() makes depends on its release:
				   copy() makes a thick jail */
	bool mounts;		/* jails/NAME and its root are mount points, and
				   so are releases */
	bool linear;		/* rollback() refuses while there are later
				   snapshots */
	bool needs_root;
	bool plain;		/* a jail is a directory that goes by rename and
				   removal; destroy() lets go of what is shared */
	bool by_copy;		/* snapshots cost a copy: asked for by --copy */
	bool atomic;		/* snapshot() needs no freezing of a running
				   jail: it is one point in time by itself */

	/*
	 * Whether root (an existing directory) can hold it; ERROR_UNSUPPORTED.
	 * The first of stores_native that can is the host's default.
	 */
	int (*probe)(const char *root, struct error *e);
	/*
	 * Make jails/ENTRY, or releases/ENTRY, what it has to be: c->path is an
	 * empty directory, and dir is opened when this has returned.  Undone
	 * by destroy() and release_destroy().  NULL: the directory will do.
	 */
	int (*home)(const struct store_cell *c, struct error *e);
	/*
	 * Make the files of a new jail below c->dir, from its release.
	 * Durable when it returns unless ephemeral.
	 */
	int (*create)(const struct store_cell *c, struct error *e);
	/*
	 * Make them as a copy of the tree at from, an opened directory whose
	 * files do not change meanwhile; a thin store keeps only what differs
	 * from the release.  Durable.
	 */
	int (*copy)(const struct store_cell *c, int from, struct error *e);
	/*
	 * Make them empty; returns the opened directory that the caller fills
	 * with the whole of the jail's root, a thin store too.
	 */
	int (*empty)(const struct store_cell *c, struct error *e);
	/*
	 * It is filled: a thin store keeps only what differs from the release.
	 * Durable.  NULL: everything below root/ has only to be synced.
	 */
	int (*filled)(const struct store_cell *c, struct error *e);
	/*
	 * A stream of 'zfs send' of one snapshot, read from fd to its end,
	 * becomes a dataset of the new jail c: below is "" for the one of the
	 * jail, or "root" or "m" for its files.  c->path is an empty directory
	 * at first.  Then received(): all have come; they are mounted, what lay
	 * beside the files is at c->path, hostile, and nothing of the archive
	 * but files is left.  Undone by destroy().  NULL: cannot.
	 */
	int (*receive)(const struct store_cell *c, const char *below, int fd,
	    struct error *e);
	int (*received)(const struct store_cell *c, struct error *e);
	/*
	 * What 'zfs send -R' writes of a dataset NAME@SNAPSHOT with the files
	 * that fill() makes in its empty directory, and of NAME/m@SNAPSHOT with
	 * those of the jail at that snapshot.  It takes as much space again
	 * while it lasts; what a kill leaves goes with the next one, or with
	 * the jail.  NULL: cannot.
	 */
	int (*send)(const struct store_cell *c, const struct store_send *s,
	    struct error *e);
	/*
	 * Refuse with ERROR_BUSY, before anything is touched, to destroy a jail
	 * that others have put something into.  NULL: nobody can.
	 */
	int (*removable)(const struct store_cell *c, struct error *e);
	/*
	 * Remove what lies outside c->dir, and mounts in it; then core removes
	 * the directory.  Of what was half made, or is gone, or was made by
	 * another store, too: then there is nothing to remove.  NULL: there
	 * never is.
	 */
	int (*destroy)(const struct store_cell *c, struct error *e);
	/*
	 * Rename jails/ENTRY to jails/TO, which does not exist, and what lies
	 * outside it, in O(1).  from and to differ in entry (a jail that is
	 * made or destroyed) or also in name ('gaol rename').  Called again
	 * after a crash it completes; then ENTRY may be gone already.  NULL:
	 * renameat2(2).
	 */
	int (*rename)(const struct store_cell *c, const char *to_name,
	    const char *to, struct error *e);
	/*
	 * ROOT/ENTRY ("jails/web", "releases/.old.base") is a directory without
	 * what should be in it, as after a boot or a crash: make what belongs
	 * there appear.  alone: its lock is held, and a directory that nothing
	 * belongs to is removed.  ENTRY "jails": all that belongs below it.
	 * NULL: there is no such thing.
	 */
	int (*settle)(const char *root, const char *entry, bool alone,
	    struct error *e);
	/* Describe the tree of a jail for a start. */
	int (*tree)(const struct store_cell *c, struct tree *tree,
	    struct error *e);
	/*
	 * The jail's files, opened for reading, as the jail sees them: those
	 * of a snapshot, or (NULL) those of now, when the jail does not run.
	 * The descriptor may be of a detached mount: reach files by *at
	 * functions below it only, and compare by what fstat(2) says.  Closing
	 * it lets go of all of it.
	 */
	int (*open)(const struct store_cell *c, const char *snapshot,
	    struct error *e);

	/*
	 * The same for writing: the files of a jail that does not run, as it
	 * will see them.
	 */
	int (*edit)(const struct store_cell *c, struct error *e);

	/*
	 * Take a snapshot named and dated as s says; ERROR_EXISTS.  live is
	 * NULL when the jail does not run.  Undone by snapshot_destroy().
	 */
	int (*snapshot)(const struct store_cell *c, const struct snapshot *s,
	    const struct store_live *live, struct error *e);
	/* All snapshots, appended, oldest first; sizes: fill in used and
	 * referenced too, which may have to walk through files once. */
	int (*snapshots)(const struct store_cell *c, bool sizes,
	    struct snapshots *list, struct error *e);
	/*
	 * Destroy those, at once because there may be thousands.  Nothing is
	 * done when one of them does not exist, ERROR_NOT_FOUND, or is held,
	 * ERROR_BUSY.
	 */
	int (*snapshot_destroy)(const struct store_cell *c,
	    const struct strings *names, struct error *e);
	int (*snapshot_hold)(const struct store_cell *c, const char *name,
	    bool hold, struct error *e);
	/*
	 * The jail, which does not run, has the snapshot's files again.  Later
	 * snapshots stay (zfs cannot keep them: ERROR_BUSY, naming them).
	 */
	int (*rollback)(const struct store_cell *c, const char *name,
	    struct error *e);
	/*
	 * Make the files of the new jail to, an empty directory, from a
	 * snapshot, or (NULL) from the files of now of a jail that does not
	 * run, without copying them.  Undone by destroy(to).
	 */
	int (*clone)(const struct store_cell *c, const char *snapshot,
	    const struct store_cell *to, struct error *e);

	/*
	 * Move the snapshots of from, a jail of this store that is about to be
	 * destroyed, to c, whose files have come in its place.  Called again
	 * after a crash it completes.  NULL: they are lost.
	 */
	int (*take_snapshots)(const struct store_cell *c,
	    const struct store_cell *from, struct error *e);

	/* A property of the store's own family ("zfs.NAME"), from now on; value
	 * NULL: as if it had never been set.  At create they are c->options. */
	int (*option)(const struct store_cell *c, const char *name,
	    const char *value, struct error *e);
	/* limit.disk: from now on; bytes 0 lifts it.  Called after create and
	 * whenever the property changes. */
	int (*quota)(const struct store_cell *c, uint64_t bytes,
	    struct error *e);
	int (*usage)(const struct store_cell *c, struct store_usage *usage,
	    struct error *e);
	/* Remove what nobody refers to, complete what was begun. */
	int (*recover)(const struct store_cell *c, struct error *e);
	/*
	 * 'gaol recover', of a directory that was copied here, perhaps under
	 * another name: make whole what the store keeps elsewhere, or tell by
	 * ERROR_DATA what is missing.
	 */
	int (*adopt)(const struct store_cell *c, struct error *e);

	/*
	 * The files of a jail of another manager, in the directory path (free
	 * of links), become those of c, whose directory is there and has none
	 * yet: without copying, with their snapshots.  take_check(): 0 and what
	 * give() has to know, appended to was; 1 when they are not of this
	 * store; ERROR_UNSUPPORTED when they would have to be copied.  take()
	 * and give() called again after a crash complete.  NULL: cannot.
	 */
	int (*take_check)(const struct store_cell *c, const char *path,
	    struct buf *was, struct error *e);
	int (*take)(const struct store_cell *c, const char *path,
	    const char *was, struct error *e);
	int (*give)(const struct store_cell *c, const char *path,
	    const char *was, struct error *e);

	/*
	 * Releases, that create() is to stand on without copying: r is of
	 * releases/ENTRY.  Make the empty directory "root" in it; NULL:
	 * mkdir(2).
	 */
	int (*release_make)(const struct store_cell *r, struct error *e);
	/* It is filled and has its name.  NULL: nothing is to be done. */
	int (*release_ready)(const struct store_cell *r, struct error *e);
	/* Rename releases/FROM to releases/TO, which does not exist; 1 when it
	 * is a directory that goes by rename(2).  NULL: it always is. */
	int (*release_rename)(const char *root, const char *name,
	    const char *from, const char *to, struct error *e);
	/* As destroy(), of a release that no jail stands on. */
	int (*release_destroy)(const struct store_cell *r, struct error *e);

	/* The directory with the jail's own data: "root", "layers/upper"; NULL
	 * when none is kept. */
	const char *data;
};

/* What this build runs on: exactly one engine is linked. */
extern const struct engine *const engine_native;
extern const struct store *const stores_native[];	/* NULL-terminated;
							   the first is the default */
const struct store *store_find(const char *name);

#endif
