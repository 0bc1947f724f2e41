/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/auto.h"
#include "core/debian.h"

struct debian_vendor {
	struct apt_archive archive;
	const char *keyring;	/* file name, the same inside */
	const char *package;	/* that has it */
	const char *components;
	bool security_beside;	/* SUITE-security is on the same mirror */
	/* where it is published, for hosts that do not say where from */
	const char *mirror;
	const char *ports;	/* of architectures other than amd64, i386 */
	const char *security;
	const char *ports_security;
};

static const char *const debian_places[] = {
	"debian", "debian-security", NULL,
};
static const char *const debian_suites[] = {
	"bullseye", "bookworm", "trixie", "forky", "duke", "sid", "oldstable",
	"stable", "testing", "unstable", NULL,
};
static const char *const ubuntu_places[] = {
	"ubuntu", "ubuntu-ports", NULL,
};
static const char *const ubuntu_suites[] = {
	"focal", "jammy", "noble", "oracular", "plucky", "questing", NULL,
};

static const struct debian_vendor debian = {
	.archive = { "debian", debian_places, debian_suites },
	.keyring = "debian-archive-keyring.gpg",
	.package = "debian-archive-keyring",
	.components = "main",
	.mirror = "http://deb.debian.org/debian",
	.ports = "http://deb.debian.org/debian",
	.security = "http://deb.debian.org/debian-security",
	.ports_security = "http://deb.debian.org/debian-security",
};

static const struct debian_vendor ubuntu = {
	.archive = { "ubuntu", ubuntu_places, ubuntu_suites },
	.keyring = "ubuntu-archive-keyring.gpg",
	.package = "ubuntu-keyring",
	.components = "main universe",
	.security_beside = true,
	.mirror = "http://archive.ubuntu.com/ubuntu",
	.ports = "http://ports.ubuntu.com/ubuntu-ports",
	.security = "http://security.ubuntu.com/ubuntu",
	.ports_security = "http://ports.ubuntu.com/ubuntu-ports",
};

static const struct debian_release releases[] = {
	{ "debian-11", "bullseye", &debian, "sid" },
	{ "debian-12", "bookworm", &debian, "sid" },
	{ "debian-13", "trixie", &debian, "sid" },
	{ "ubuntu-22.04", "jammy", &ubuntu, "gutsy" },
	{ "ubuntu-24.04", "noble", &ubuntu, "gutsy" },
};

enum { RELEASES = sizeof(releases) / sizeof(releases[0]) };

/* What uname(2) calls a machine, in Debian's words. */
static const struct {
	const char *machine, *arch;
} machines[] = {
	{ "x86_64", "amd64" },
	{ "amd64", "amd64" },
	{ "aarch64", "arm64" },
	{ "arm64", "arm64" },
	{ "i686", "i386" },
	{ "i386", "i386" },
	{ "armv7l", "armhf" },
	{ "riscv64", "riscv64" },
	{ "ppc64le", "ppc64el" },
	{ "s390x", "s390x" },
};

const struct debian_release *
debian_find(const char *name)
{
	for (size_t i = 0; i < RELEASES; i++)
		if (strcmp(releases[i].name, name) == 0)
			return &releases[i];
	return NULL;
}

void
debian_names(struct strings *names)
{
	for (size_t i = 0; i < RELEASES; i++)
		strings_add(names, releases[i].name);
}

void
debian_origin_fini(struct debian_origin *o)
{
	free(o->arch);
	free(o->keyring);
	free(o->mirror);
	free(o->security);
	*o = (struct debian_origin)DEBIAN_ORIGIN_INIT;
}

static const char *
debian_arch(const char *wanted)
{
	struct utsname host;
	const char *name = wanted;

	if (wanted == NULL)
		name = uname(&host) == 0 ? host.machine : "amd64";
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++)
		if (strcmp(machines[i].machine, name) == 0)
			return machines[i].arch;
	return wanted != NULL ? wanted : "amd64";
}

static int
find_keyring(struct debian_origin *o, struct error *e)
{
	static const char *const prefixes[] = { "/usr", "/usr/local" };
	const struct debian_vendor *v = o->release->vendor;

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		AUTO_FREE char *path = xasprintf("%s/share/keyrings/%s",
		    prefixes[i], v->keyring);

		if (access(path, R_OK) == 0) {
			o->keyring = STEAL(path);
			return 0;
		}
	}
	return error_set(e, ERROR_UNSUPPORTED, "the keys that %s is signed "
	    "with are missing on this host; the package %s has them",
	    o->release->name, v->package);
}

static char *
copy(const char *text)
{
	return text != NULL ? xstrdup(text) : NULL;
}

/* Updates and security come along as they do on the host. */
static void
choose_mirrors(struct debian_origin *o, const struct apt_sources *host,
    const char *asked)
{
	const struct debian_vendor *v = o->release->vendor;
	const char *own = apt_mirror(host, &v->archive, "");
	bool port = strcmp(o->arch, "amd64") != 0 &&
	    strcmp(o->arch, "i386") != 0;

	if (asked == NULL && own == NULL) {
		o->mirror = copy(port ? v->ports : v->mirror);
		o->security = copy(port ? v->ports_security : v->security);
		o->updates = true;
		return;
	}
	o->mirror = copy(asked != NULL ? asked : own);
	o->security = copy(apt_mirror(host, &v->archive, "-security"));
	o->updates = apt_mirror(host, &v->archive, "-updates") != NULL;
	if (o->security == NULL && v->security_beside)
		o->security = copy(o->mirror);
}

static int
check_mirror(const char *uri, struct error *e)
{
	/* it becomes a part of a line of sources.list */
	if (strpbrk(uri, " \t\r\n[]\"'") != NULL ||
	    (strncmp(uri, "http://", 7) != 0 &&
	    strncmp(uri, "https://", 8) != 0 &&
	    strncmp(uri, "file:/", 6) != 0))
		return error_set(e, ERROR_USAGE, "'%.200s' is not the URL of "
		    "a mirror", uri);
	return 0;
}

int
debian_origin_find(struct debian_origin *o, const struct debian_release *r,
    const char *mirror, const char *arch, const char *apt, struct error *e)
{
	AUTO_APT_SOURCES struct apt_sources host = VEC_INIT;

	o->release = r;
	o->components = r->vendor->components;
	o->arch = xstrdup(debian_arch(arch));
	if (mirror != NULL && check_mirror(mirror, e) < 0)
		return -1;
	if (find_keyring(o, e) < 0 || apt_read(apt, &host, e) < 0)
		return -1;
	choose_mirrors(o, &host, mirror);
	o->https = strncmp(o->mirror, "https:", 6) == 0 ||
	    (o->security != NULL && strncmp(o->security, "https:", 6) == 0);
	return 0;
}

/* signed-by: the keyring that the release has itself, for its own updates. */
static char *
line(const struct debian_origin *o, const char *uri, const char *ending)
{
	const struct debian_vendor *v = o->release->vendor;

	return xasprintf("deb [signed-by=/usr/share/keyrings/%s] %s %s%s %s",
	    v->keyring, uri, o->release->suite, ending, v->components);
}

void
debian_origin_lines(const struct debian_origin *o, struct strings *lines)
{
	strings_take(lines, line(o, o->mirror, ""));
	if (o->updates)
		strings_take(lines, line(o, o->mirror, "-updates"));
	if (o->security != NULL)
		strings_take(lines, line(o, o->security, "-security"));
}
