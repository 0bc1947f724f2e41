/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * What iocage describes in JSON: a list of packages for "create --pkglist", and
 * plugins.  A plugin's artifact is a repository with an overlay and a script.
 */
#include <ctype.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/xalloc.h"
#include "core/prop.h"
#include "template/json.h"
#include "template/library.h"

enum { TEXT_MAX = 1 << 20 };
#define REPOS "/usr/local/etc/pkg/repos"
#define TRUSTED "/usr/local/etc/pkg/fingerprints/plugin/trusted"

static void
add_packages(const struct json *pkgs, struct buf *out)
{
	if (pkgs == NULL || pkgs->first == NULL)
		return;
	buf_puts(out, "PKG");
	for (const struct json *p = pkgs->first; p != NULL; p = p->next) {
		buf_putc(out, ' ');
		convert_quote(p->text != NULL ? p->text : "", out);
	}
	buf_putc(out, '\n');
}

/* --- properties --- */

/* clang-format off */
static const struct {
	const char *iocage, *gaol;
} names[] = {
	{ "boot", "boot" },
	{ "depends", "depend" },
	{ "exec_start", "exec.start" },
	{ "exec_stop", "exec.stop" },
	{ "host_hostname", "host.hostname" },
	{ "notes", "note" },
	{ "priority", "priority" },
	{ "mount_fdescfs", "mount.fdescfs" },
	{ "mount_procfs", "mount.procfs" },
	{ "memoryuse", "limit.memory" },
	{ "maxproc", "limit.processes" },
	{ "openfiles", "limit.openfiles" },
};
/* Of the network: the jail has one when the plugin is applied. */
static const char *const network[] = { "vnet", "nat", "dhcp", "bpf",
	"ip4_addr", "ip6_addr", "interfaces", "defaultrouter", "nat_prefix",
	"nat_interface", "nat_backend", "vnet_default_interface" };
/* clang-format on */

/* "allow_raw_sockets" is allow.raw_sockets, "children_max" children.max. */
static char *
property_of(const char *name)
{
	AUTO_FREE char *dotted = xstrdup(name);

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i].iocage, name) == 0)
			return xstrdup(names[i].gaol);
	for (char *p = dotted; *p != '\0'; p++) {
		if (prop_find(dotted) != NULL)
			return STEAL(dotted);
		if (*p == '_')
			*p = '.';
	}
	if (prop_find(dotted) != NULL)
		return STEAL(dotted);
	return prop_find(name) != NULL ? xstrdup(name) : NULL;
}

static bool
is_network(const char *name)
{
	for (size_t i = 0; i < sizeof(network) / sizeof(network[0]); i++)
		if (strcmp(network[i], name) == 0)
			return true;
	return false;
}

/* "tcp(80:8080),udp(53)": inside, then outside. */
static void
add_forwards(const char *p, struct buf *out)
{
	while (*p != '\0') {
		size_t proto = strcspn(p, "("), len;
		AUTO_FREE char *kind = xstrndup(p, proto);
		AUTO_FREE char *in = NULL, *host = NULL;

		p += proto + (p[proto] == '(');
		len = strcspn(p, ":)");
		in = xstrndup(p, len);
		p += len;
		if (*p == ':') {
			p++;
			len = strcspn(p, ")");
			host = xstrndup(p, len);
			p += len;
		}
		p += strcspn(p, ",");
		p += *p == ',';
		buf_puts(out, "RDR ");
		convert_quote(kind, out);
		buf_putc(out, ' ');
		convert_quote(host != NULL ? host : in, out);
		buf_putc(out, ' ');
		convert_quote(in, out);
		buf_putc(out, '\n');
	}
}

static void
add_property(const struct json *p, struct template_text *t)
{
	AUTO_FREE char *name = property_of(p->key);
	const char *value = p->text;
	const struct prop *prop = name != NULL ? prop_find(name) : NULL;

	if (value == NULL || is_network(p->key))
		return;
	if (strcmp(p->key, "nat_forwards") == 0) {
		add_forwards(value, &t->text);
		return;
	}
	if (prop == NULL) {
		strings_take(&t->notes, xasprintf("%s: the property %s of "
		    "iocage has no counterpart and is left out", t->file,
		    p->key));
		return;
	}
	buf_printf(&t->text, "CONFIG set %s ", name);
	if (prop->type == PROP_BOOL)
		value = strcmp(value, "1") == 0 || strcmp(value, "on") == 0 ||
		    strcmp(value, "yes") == 0 || strcmp(value, "true") == 0 ?
		    "on" : "off";
	convert_quote(value, &t->text);
	buf_putc(&t->text, '\n');
}

/* --- the repository of packages --- */

static void
add_line(const char *line, const char *file, struct buf *out)
{
	buf_puts(out, "LIF ");
	convert_quote(line, out);
	buf_printf(out, " %s\n", file);
}

static void
add_site(const struct json *manifest, struct buf *out)
{
	const char *site = json_text(manifest, "packagesite");
	const struct json *prints = json_member(manifest, "fingerprints");
	unsigned number = 0;

	if (site == NULL)
		return;
	add_line("FreeBSD: { enabled: no }", REPOS "/FreeBSD.conf", out);
	AUTO_FREE char *repo = xasprintf("plugin: { url: \"%s\", "
	    "signature_type: \"fingerprints\", fingerprints: "
	    "\"/usr/local/etc/pkg/fingerprints/plugin\", enabled: yes }",
	    site);
	add_line(repo, REPOS "/plugin.conf", out);
	for (const struct json *r = prints != NULL ? prints->first : NULL;
	    r != NULL; r = r->next)
		for (const struct json *f = r->first; f != NULL; f = f->next) {
			const char *function = json_text(f, "function");
			const char *print = json_text(f, "fingerprint");
			AUTO_FREE char *file = xasprintf(TRUSTED "/repo.%u",
			    number++);

			if (function == NULL || print == NULL)
				continue;
			AUTO_FREE char *a = xasprintf("function: \"%s\"",
			    function);
			AUTO_FREE char *b = xasprintf("fingerprint: \"%s\"",
			    print);
			add_line(a, file, out);
			add_line(b, file, out);
		}
}

/* --- the artifact --- */

static bool
has(const char *dir, const char *name)
{
	AUTO_FREE char *path = xasprintf("%s/%s", dir, name);

	return file_exists(AT_FDCWD, path);
}

static int
add_artifact(const struct host *h, const char *url, struct template_text *t,
    struct error *e)
{
	AUTO_FREE char *dir = NULL;

	/* "file:///path" may be a directory that is no repository */
	if (strncmp(url, "file://", 7) == 0 && !has(url + 7, ".git") &&
	    !has(url + 7, "objects"))
		dir = xstrdup(url + 7);
	else if (library_clone(h, url, &dir, e) < 0)
		return error_wrap(e, "artifact");
	if (has(dir, "overlay"))
		buf_puts(&t->text, "CP overlay/. /\n");
	if (has(dir, "post_install.sh"))
		buf_puts(&t->text,
		    "CP post_install.sh /root/post_install.sh\n"
		    "CMD IOCAGE_PLUGIN_IP=${JAIL_IP} /bin/sh "
		    "/root/post_install.sh\n");
	free(t->dir);
	t->dir = STEAL(dir);
	return 0;
}

static int
add_plugin(const struct host *h, const struct json *m,
    struct template_text *t, struct error *e)
{
	const char *release = json_text(m, "release");
	const char *artifact = json_text(m, "artifact");
	const struct json *properties = json_member(m, "properties");

	if (release != NULL) {
		buf_puts(&t->text, "FROM ");
		convert_quote(release, &t->text);
		buf_putc(&t->text, '\n');
	}
	for (const struct json *p = properties != NULL ? properties->first :
	    NULL; p != NULL; p = p->next)
		add_property(p, t);
	add_site(m, &t->text);
	add_packages(json_member(m, "pkgs"), &t->text);
	return artifact != NULL ? add_artifact(h, artifact, t, e) : 0;
}

int
convert_iocage(const struct host *h, const char *file,
    struct template_text *t, struct error *e)
{
	AUTO_BUF struct buf text = BUF_INIT;
	AUTO_JSON struct json *m = NULL;
	AUTO_FREE char *real = realpath(file, NULL);

	if (real == NULL)
		return error_sys(e, "%s", file);
	if (file_read(AT_FDCWD, real, TEXT_MAX, &text, e) < 0)
		return -1;
	m = json_read(real, buf_text(&text), text.len, e);
	if (m == NULL)
		return -1;
	if (json_member(m, "pkgs") == NULL)
		return error_set(e, ERROR_DATA, "%s: there is no \"pkgs\" in "
		    "it: it is neither a list of packages nor a plugin", real);
	t->file = xstrdup(real);
	t->dir = xstrdup(real);
	*strrchr(t->dir, '/') = '\0';
	return add_plugin(h, m, t, e);
}

char *
convert_index(const char *index, const char *key)
{
	AUTO_BUF struct buf text = BUF_INIT;
	struct error none = ERROR_INIT;
	AUTO_JSON struct json *j = NULL;
	const char *manifest;

	if (file_read(AT_FDCWD, index, TEXT_MAX, &text, &none) < 0)
		return NULL;
	j = json_read(index, buf_text(&text), text.len, &none);
	manifest = json_text(json_member(j, key), "MANIFEST");
	if (manifest == NULL || strchr(manifest, '/') != NULL)
		return NULL;
	return xasprintf("%.*s/%s", (int)(strrchr(index, '/') - index), index,
	    manifest);
}
