// SPDX-License-Identifier: BSD-2-Clause
#include "attribute/stable_name.h"

#include <string.h>

#include "attribute/id_form.h"

#define DIGITS "0123456789"
#define HEX DIGITS "abcdef"
#define UUID_LENGTH 36
#define SHORTEST_ID 8 /* hex digits; a shorter one could be a word */

/* apimachinery/pkg/util/rand: no vowels, so that it makes no words; 5 of them after generateName */
#define POD_ALPHABET "bcdfghjklmnpqrstvwxz2456789"
#define POD_SUFFIX 5
/* SafeEncodeString() of a decimal number: the rest of that alphabet, for a pod template's hash */
#define HASH_ALPHABET "456789bcdf"
#define SHORTEST_HASH 6
#define LONGEST_HASH 10

static bool is_of(struct span text, const char *alphabet)
{
	for (size_t i = 0; i < text.n; i++)
		if (!strchr(alphabet, text.s[i]))
			return false;
	return text.n > 0;
}

/* Of these two every part of every path is asked. */
static bool is_decimal(struct span text)
{
	size_t i = 0;

	while (i < text.n && text.s[i] >= '0' && text.s[i] <= '9')
		i++;
	return i && i == text.n;
}

static bool is_hex(struct span text)
{
	size_t i = 0;

	while (i < text.n &&
	       ((text.s[i] >= '0' && text.s[i] <= '9') || (text.s[i] >= 'a' && text.s[i] <= 'f')))
		i++;
	return i && i == text.n;
}

static bool is_one_of(char byte, const char *bytes)
{
	while (*bytes && *bytes != byte)
		bytes++;
	return *bytes;
}

/* The part after the last of these separators; false if nothing is before it. */
static bool last_part(struct span text, const char *separators, struct span *ret)
{
	for (size_t i = text.n; i > 1; i--) {
		if (!is_one_of(text.s[i - 1], separators))
			continue;
		*ret = (struct span){ text.s + i, text.n - i };
		return true;
	}
	return false;
}

static struct span whole(const char *text)
{
	return (struct span){ text, strlen(text) };
}

static struct span without_part(struct span text, struct span part)
{
	return span_chop(text, part.n + 1);
}

static bool is_id(struct span text)
{
	return is_decimal(text) || (text.n >= SHORTEST_ID && is_hex(text)) || id_form_uuid(text);
}

static struct span without_number(struct span text)
{
	struct span part;

	return last_part(text, "-_.", &part) && is_decimal(part) ? without_part(text, part) : text;
}

/* Removes all ids and numbers at the end. */
static struct span without_ids(struct span text)
{
	struct span part;

	for (;;) {
		if (text.n > UUID_LENGTH + 1 &&
		    id_form_uuid((struct span){ text.s + text.n - UUID_LENGTH, UUID_LENGTH }))
			text = span_chop(text, UUID_LENGTH + 1);
		else if (last_part(text, "-_.:", &part) && is_id(part))
			text = without_part(text, part);
		else
			return text;
	}
}

static bool is_template_hash(struct span part)
{
	return part.n >= SHORTEST_HASH && part.n <= LONGEST_HASH && is_of(part, HASH_ALPHABET);
}

void stable_name_of_pod(const char *pod, const char *node, char *ret, size_t size)
{
	struct span name = whole(pod), part;
	const size_t length = strlen(node);

	if (length && name.n > length + 1 && span_ends(name, node) &&
	    name.s[name.n - length - 1] == '-') {
		name = span_chop(name, length + 1);
	} else if (last_part(name, "-", &part) && part.n == POD_SUFFIX &&
		   is_of(part, POD_ALPHABET)) {
		name = without_part(name, part);
		if (last_part(name, "-", &part) && is_template_hash(part))
			name = without_part(name, part);
		else
			name = without_number(name); /* a CronJob's time, an index */
	} else {
		name = without_number(name);
	}
	(void)span_copy(name, ret, size);
}

/* systemd-run's names: "run-r<id>", "run-u<number>", "run-p<pid>-i<id>", "run-<pid>". */
static bool is_run(struct span stem)
{
	static const char run[] = "run-";

	return span_starts(stem, run) && is_of(span_drop(stem, strlen(run)), HEX "rupi-");
}

void stable_name_of_unit(const char *unit, char *ret, size_t size)
{
	const char *at = strchr(unit, '@'), *end = strrchr(unit, '.');
	char joined[sizeof(((struct owner *)NULL)->unit)];
	struct span stem, suffix;

	if (!end)
		end = unit + strlen(unit);
	stem = (struct span){ unit, (size_t)(end - unit) };
	suffix = whole(end);
	if (at && at < end)
		stem.n = (size_t)(at - unit) + 1;
	else if ((span_is(suffix, ".service") || span_is(suffix, ".scope")) && is_run(stem))
		stem.n = strlen("run");
	else if (span_is(suffix, ".scope"))
		stem = without_ids(stem);
	*ret = '\0';
	if (stem.n + suffix.n >= sizeof(joined))
		return;
	memcpy(joined, stem.s, stem.n);
	memcpy(joined + stem.n, suffix.s, suffix.n + 1);
	(void)span_copy(whole(joined), ret, size);
}

/* Removes "registry.example:5000/" from references to images: other first parts have no dot or
 * colon. */
static struct span without_host(struct span image)
{
	const char *slash = memchr(image.s, '/', image.n);
	struct span host = { image.s, slash ? (size_t)(slash - image.s) : 0 };

	if (span_is(host, "localhost") || memchr(host.s, '.', host.n) ||
	    memchr(host.s, ':', host.n))
		return span_drop(image, host.n + 1);
	return image;
}

void stable_name_of_image(const char *image, char *ret, size_t size)
{
	static const char usual[] = "library/";
	struct span name = without_host((struct span){ image, strcspn(image, "@") });
	const char *slash = memrchr(name.s, '/', name.n), *tag = memrchr(name.s, ':', name.n);

	if (tag && (!slash || tag > slash))
		name.n = (size_t)(tag - name.s);
	if (span_starts(name, usual))
		name = span_drop(name, strlen(usual));
	if (id_form_hex64(name) || span_is(name, "sha256"))
		name.n = 0;
	(void)span_copy(name, ret, size);
}

void stable_name_of_name(const char *name, char *ret, size_t size)
{
	(void)span_copy(without_number(whole(name)), ret, size);
}

void stable_name_of_cgroup(const char *path, char *ret, size_t size)
{
	size_t used = 0;
	struct span part;

	*ret = '\0';
	while (span_next_component(&path, &part)) {
		part = is_id(part) ? whole("*") : without_ids(part);
		if (used + part.n + 2 > size) {
			*ret = '\0';
			return;
		}
		ret[used++] = '/';
		memcpy(ret + used, part.s, part.n);
		used += part.n;
		ret[used] = '\0';
	}
}

/* If the path has a name and not an id. */
static void of_named_container(const char *id, struct stable_name *ret)
{
	const struct span text = whole(id);

	if (!id_form_hex64(text) && !id_form_uuid(text) && !id_form_buildkit(text) &&
	    !id_form_garden(text) && !id_form_fargate(text) && !id_form_nomad_task(text))
		stable_name_of_name(id, ret->name[0], sizeof(ret->name[0]));
}

/* The runtime often makes up names of containers, and makes new ones at each start: the image says
 * more. */
static void of_container(const struct owner *owner, const struct names *names,
			 struct stable_name *ret)
{
	const bool own = !owner->enclosing_id[0] || !strcmp(names->id, owner->container_id);

	ret->kind = "container";
	if (own)
		stable_name_of_image(names->image, ret->name[0], sizeof(ret->name[0]));
	if (own && !ret->name[0][0])
		stable_name_of_name(names->name, ret->name[0], sizeof(ret->name[0]));
	if (!ret->name[0][0])
		of_named_container(owner->container_id, ret);
}

void stable_name_of(const struct owner *owner, const struct names *names, const char *cgroup,
		    const char *node, struct stable_name *ret)
{
	memset(ret, 0, sizeof(*ret));
	if (names->pod[0] || owner->pod_uid[0]) {
		ret->kind = "kubernetes";
		(void)span_copy(whole(names->namespace), ret->name[0], sizeof(ret->name[0]));
		stable_name_of_pod(names->pod, node, ret->name[1], sizeof(ret->name[1]));
		(void)span_copy(whole(names->container), ret->name[2], sizeof(ret->name[2]));
	} else if (owner->container_id[0]) {
		of_container(owner, names, ret);
	} else if (owner->machine[0]) {
		ret->kind = "machine";
		(void)span_copy(without_ids(whole(owner->machine)), ret->name[0],
				sizeof(ret->name[0]));
	} else if (owner->unit[0]) {
		ret->kind = "unit";
		stable_name_of_unit(owner->unit, ret->name[0], sizeof(ret->name[0]));
		stable_name_of_unit(owner->user_unit, ret->name[1], sizeof(ret->name[1]));
	} else {
		ret->kind = "cgroup";
		stable_name_of_cgroup(cgroup, ret->name[0], sizeof(ret->name[0]));
	}
}
