/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* The real kern_iface.h, but for addresses and routes: ioctl(2) by name. */
#include <sys/param.h>
#include <sys/jail.h>
#include <sys/ioctl.h>
#include <sys/linker.h>
#include <sys/socket.h>
#include <sys/sockio.h>
#include <sys/sysctl.h>
#include <sys/wait.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <net/if_bridgevar.h>
#include <netinet/in.h>
#include <netinet6/in6_var.h>
#include <netinet6/nd6.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/xalloc.h"
#include "engine/freebsd/kern_iface.h"
#include "engine/freebsd/kern_socket.h"

int
kern_socket(int family, struct error *e)
{
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return fd < 0 ? error_sys(e, "network socket") : fd;
}

/* One request about an interface; the result is errno, 0 when it went well. */
static int
request(unsigned long command, const char *name, struct ifreq *r)
{
	struct error ignored = ERROR_INIT;
	AUTO_CLOSE int fd = kern_socket(AF_LOCAL, &ignored);

	snprintf(r->ifr_name, sizeof(r->ifr_name), "%s", name);
	if (fd < 0)
		return errno;
	return ioctl(fd, command, r) < 0 ? errno : 0;
}

static int
failed(struct error *e, int why, const char *what, const char *name)
{
	errno = why;
	error_sys(e, "%s %s", what, name);
	if (why == ENXIO)
		e->kind = ERROR_NOT_FOUND;
	return -1;
}

bool
kern_iface_exists(const char *name)
{
	return if_nametoindex(name) != 0;
}

/* "if_bridge" of "bridge7", as ifconfig(8) loads it. */
static bool
load_module(const char *name)
{
	AUTO_FREE char *kind = xstrndup(name, strcspn(name, "0123456789"));
	AUTO_FREE char *module = xasprintf("if_%s", kind);

	return kldload(module) >= 0 || errno == EEXIST;
}

int
kern_iface_create(const char *name, struct error *e)
{
	struct ifreq r = { .ifr_data = NULL };
	int why = request(SIOCIFCREATE2, name, &r);

	if (why == EINVAL && load_module(name)) {
		r = (struct ifreq){ .ifr_data = NULL };
		why = request(SIOCIFCREATE2, name, &r);
	}
	if (why == EINVAL)
		return error_set(e, ERROR_UNSUPPORTED, "this kernel has no "
		    "interfaces like %s; 'kldload if_bridge if_epair' tells "
		    "why", name);
	return why != 0 ? failed(e, why, "create interface", name) : 0;
}

int
kern_iface_destroy(const char *name, struct error *e)
{
	struct ifreq r = { .ifr_data = NULL };
	int why = request(SIOCIFDESTROY, name, &r);

	return why != 0 && why != ENXIO ?
	    failed(e, why, "destroy interface", name) : 0;
}

int
kern_iface_rename(const char *name, const char *to, struct error *e)
{
	char copy[IFNAMSIZ];
	struct ifreq r = { .ifr_data = copy };
	int why;

	snprintf(copy, sizeof(copy), "%s", to);
	why = request(SIOCSIFNAME, name, &r);
	return why != 0 ? failed(e, why, "rename interface", name) : 0;
}

bool
kern_iface_in_group(const char *name, const char *group)
{
	struct error ignored = ERROR_INIT;
	AUTO_CLOSE int fd = kern_socket(AF_LOCAL, &ignored);
	struct ifgroupreq r = { .ifgr_len = 0 };
	bool found = false;

	snprintf(r.ifgr_name, sizeof(r.ifgr_name), "%s", name);
	if (fd < 0 || ioctl(fd, SIOCGIFGROUP, &r) < 0)
		return false;
	size_t count = r.ifgr_len / sizeof(struct ifg_req);
	AUTO_FREE struct ifg_req *groups = xcalloc(count + 1, sizeof(*groups));
	r.ifgr_groups = groups;
	if (ioctl(fd, SIOCGIFGROUP, &r) < 0)
		return false;
	for (size_t i = 0; i < count && !found; i++)
		found = strncmp(groups[i].ifgrq_group, group, IFNAMSIZ) == 0;
	return found;
}

int
kern_iface_join_group(const char *name, const char *group, struct error *e)
{
	AUTO_CLOSE int fd = kern_socket(AF_LOCAL, e);
	struct ifgroupreq r = { .ifgr_len = 0 };

	if (fd < 0)
		return -1;
	snprintf(r.ifgr_name, sizeof(r.ifgr_name), "%s", name);
	snprintf(r.ifgr_group, sizeof(r.ifgr_group), "%s", group);
	if (ioctl(fd, SIOCAIFGROUP, &r) < 0 && errno != EEXIST)
		return failed(e, errno, "group of", name);
	return 0;
}

int
kern_iface_describe(const char *name, const char *text, struct error *e)
{
	AUTO_FREE char *copy = xstrdup(text);
	struct ifreq r = { .ifr_buffer = { strlen(text) + 1, copy } };
	int why = request(SIOCSIFDESCR, name, &r);

	return why != 0 ? failed(e, why, "description of", name) : 0;
}

void
kern_iface_description(const char *name, char *text, size_t size)
{
	struct ifreq r = { .ifr_buffer = { size, text } };

	/* one that does not fit comes back as none */
	if (request(SIOCGIFDESCR, name, &r) != 0 || r.ifr_buffer.buffer == NULL)
		*text = '\0';
	text[size - 1] = '\0';
}

int
kern_iface_set_mac(const char *name, const unsigned char mac[6],
    struct error *e)
{
	struct ifreq r = { .ifr_addr = { .sa_len = ETHER_ADDR_LEN,
	    .sa_family = AF_LINK } };
	int why;

	memcpy(r.ifr_addr.sa_data, mac, ETHER_ADDR_LEN);
	why = request(SIOCSIFLLADDR, name, &r);
	return why != 0 ? failed(e, why, "Ethernet address of", name) : 0;
}

void
kern_iface_mac(const char *name, unsigned char mac[6])
{
	struct ifreq r = { .ifr_addr = { .sa_family = AF_LINK } };

	memset(mac, 0, ETHER_ADDR_LEN);
	if (request(SIOCGHWADDR, name, &r) == 0)
		memcpy(mac, r.ifr_addr.sa_data, ETHER_ADDR_LEN);
}

int
kern_iface_set_mtu(const char *name, unsigned mtu, struct error *e)
{
	struct ifreq r = { .ifr_mtu = (int)mtu };
	int why = request(SIOCSIFMTU, name, &r);

	return why != 0 ? failed(e, why, "MTU of", name) : 0;
}

unsigned
kern_iface_mtu(const char *name)
{
	struct ifreq r = { .ifr_mtu = 0 };

	return request(SIOCGIFMTU, name, &r) == 0 ? (unsigned)r.ifr_mtu : 0;
}

int
kern_iface_up(const char *name, struct error *e)
{
	struct ifreq r = { .ifr_data = NULL };
	int why = request(SIOCGIFFLAGS, name, &r);

	if (why == 0 && (r.ifr_flags & IFF_UP) == 0) {
		r.ifr_flags |= IFF_UP;
		why = request(SIOCSIFFLAGS, name, &r);
	}
	return why != 0 ? failed(e, why, "bring up", name) : 0;
}

int
kern_iface_no_dad(const char *name, struct error *e)
{
	AUTO_CLOSE int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct in6_ndireq r;

	/* a kernel without IPv6 has nothing to be told */
	if (fd < 0)
		return 0;
	memset(&r, 0, sizeof(r));
	snprintf(r.ifname, sizeof(r.ifname), "%s", name);
	if (ioctl(fd, SIOCGIFINFO_IN6, &r) < 0)
		return failed(e, errno, "IPv6 of", name);
	r.ndi.flags |= ND6_IFF_NO_DAD;
	r.ndi.flags &= ~(uint32_t)ND6_IFF_IFDISABLED;
	if (ioctl(fd, SIOCSIFINFO_FLAGS, &r) < 0)
		return failed(e, errno, "IPv6 of", name);
	return 0;
}

/* One command of if_bridge(4). */
static int
bridge_request(const char *bridge, unsigned long command, struct ifbreq *b,
    bool set)
{
	struct error ignored = ERROR_INIT;
	AUTO_CLOSE int fd = kern_socket(AF_LOCAL, &ignored);
	struct ifdrv d = { .ifd_cmd = command, .ifd_len = sizeof(*b),
	    .ifd_data = b };

	snprintf(d.ifd_name, sizeof(d.ifd_name), "%s", bridge);
	if (fd < 0)
		return errno;
	return ioctl(fd, set ? SIOCSDRVSPEC : SIOCGDRVSPEC, &d) < 0 ? errno :
	    0;
}

static void
name_member(struct ifbreq *b, const char *member)
{
	memset(b, 0, sizeof(*b));
	snprintf(b->ifbr_ifsname, sizeof(b->ifbr_ifsname), "%s", member);
}

int
kern_bridge_add(const char *bridge, const char *member, bool apart,
    struct error *e)
{
	struct ifbreq b;
	int why;

	name_member(&b, member);
	why = bridge_request(bridge, BRDGADD, &b, true);
	if (why == EEXIST)
		why = 0;
	if (why != 0 || !apart)
		return why != 0 ? failed(e, why, "add a member to", bridge) :
		    0;
	why = bridge_request(bridge, BRDGGIFFLGS, &b, false);
	if (why == 0) {
		b.ifbr_ifsflags |= IFBIF_PRIVATE;
		why = bridge_request(bridge, BRDGSIFFLGS, &b, true);
	}
	return why != 0 ? failed(e, why, "a private member of", bridge) : 0;
}

int
kern_bridge_vlan(const char *bridge, const char *member, unsigned vlan,
    struct error *e)
{
#ifdef BRDGSIFPVID
	struct ifbreq b;
	int why;

	name_member(&b, member);
	b.ifbr_pvid = (ether_vlanid_t)vlan;
	why = bridge_request(bridge, BRDGSIFPVID, &b, true);
	return why != 0 ? failed(e, why, "VLAN of a member of", bridge) : 0;
#else
	return error_set(e, ERROR_UNSUPPORTED, "vlan=%u: bridges know VLANs "
	    "since FreeBSD 15; a bridge of a vlan(4) interface does it", vlan);
#endif
}

static int
move(unsigned long command, const char *name, int jid, const char *what,
    struct error *e)
{
	struct ifreq r = { .ifr_jid = jid };
	int why = request(command, name, &r);

	return why != 0 ? failed(e, why, what, name) : 0;
}

int
kern_iface_give(const char *name, int jid, struct error *e)
{
	return move(SIOCSIFVNET, name, jid, "move into the jail:", e);
}

int
kern_iface_take(const char *name, int jid, struct error *e)
{
	return move(SIOCSIFRVNET, name, jid, "take back from the jail:", e);
}

int
kern_sysctl(const char *name)
{
	int value;
	size_t len = sizeof(value);

	return sysctlbyname(name, &value, &len, NULL, 0) < 0 ? -1 : value;
}

int
kern_sysctl_set(const char *name, int value, struct error *e)
{
	if (sysctlbyname(name, NULL, NULL, &value, sizeof(value)) < 0)
		return error_sys(e, "sysctl %s", name);
	return 0;
}

/* The child's last word.  jail_attach(2) refuses who has a directory open, which
 * would be a way out of the jail. */
static _Noreturn void
inside_main(int jid, int (*work)(void *arg, struct error *e), void *arg,
    int out)
{
	struct error e = ERROR_INIT;
	int result = 0;

	if (out != 3 && dup2(out, 3) < 0)
		_exit(1);
	closefrom(4);
	result = jail_attach(jid) < 0 ?
	    error_sys(&e, "join jail %d", jid) : work(arg, &e);
	if (result < 0)
		(void)write(3, &e, sizeof(e));
	_exit(result < 0);
}

int
kern_inside(int jid, int (*work)(void *arg, struct error *e), void *arg,
    struct error *e)
{
	AUTO_CLOSE int in = -1;
	struct error told = ERROR_INIT;
	int ends[2], status = 0;
	ssize_t n;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_sys(e, "pipe");
	in = ends[0];
	pid = fork();
	if (pid == 0)
		inside_main(jid, work, arg, ends[1]);
	close(ends[1]);
	if (pid < 0)
		return error_sys(e, "fork");
	n = read(in, &told, sizeof(told));
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (n != (ssize_t)sizeof(told))
		return error_set(e, ERROR_FAILED, "the process that set up "
		    "the jail's network was killed");
	*e = told;
	return -1;
}
