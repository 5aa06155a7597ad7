// SPDX-License-Identifier: BSD-2-Clause
/* Writes the inputs that the fuzzers start from: make_seeds CORPUS */
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "attribute/file_question.h"
#include "bolt_image.h"
#include "go_table_make.h"
#include "scenarios.h"
#include "source/recording_write.h"

/* One of each shape of a record: every section is in one of them. */
static const char *const chosen[] = {
	"null-write",
	"general-protection",
	"seccomp-process",
	"rlimit-cpu-hard",
	"oom-memcg",
	"oom-global-swapped",
	"oom-memcg-full-of-a-neighbours",
	"oom-memcg-with-old-counters-and-files",
	"kill",
	"cgroup-kill",
	"handler-exits",
	"oops-by-a-page-fault",
	"in-a-pod",
	"oom-in-a-pod-on-v1",
	"cgroup-names",
	"module-name",
};

static const char *const paths[] = {
	"/",
	"/system.slice/shop.service",
	"/user.slice/user-1000.slice/user@1000.service/app.slice/editor.service",
	"/user.slice/user-1000.slice/session-4.scope",
	"/machine.slice/machine-deb\\x2d12.scope",
	"/lxc.payload.web/system.slice/nginx.service",
	"/system.slice/docker-" CONTAINER ".scope",
	"/docker/" CONTAINER,
	"/machine.slice/libpod-" CONTAINER ".scope/container",
	"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" POD
	".slice/cri-containerd-" CONTAINER ".scope",
	"/kubepods/besteffort/pod6a4ce4a0-ba47-11ea-b2a7-0cc47ac5979e/" CONTAINER,
	"/docker/" CONTAINER "/kubelet/kubepods/pod6a4ce4a0-ba47-11ea-b2a7-0cc47ac5979e/" CONTAINER,
};

#define POD_UID "6a4ce4a0-ba47-11ea-b2a7-0cc47ac5979e"

/* Files of runtimes, and the kubelet's names: target, seed, text. */
static const char *const texts[][3] = {
	{ "oci_config", "containerd",
	  "{\"annotations\":{\"io.kubernetes.cri.container-name\":\"app\","
	  "\"io.kubernetes.cri.image-name\":\"bb:1\",\"io.kubernetes.cri.sandbox-name\":\"web-0\","
	  "\"io.kubernetes.cri.sandbox-namespace\":\"shop\",\"io.kubernetes.cri.sandbox-uid\":\"" POD_UID
	  "\"}}" },
	{ "oci_config", "cri-o",
	  "{\"annotations\":{\"io.kubernetes.container.name\":\"app\","
	  "\"io.kubernetes.cri-o.ImageName\":\"bb:1\",\"io.kubernetes.pod.name\":\"web-0\","
	  "\"io.kubernetes.pod.namespace\":\"shop\",\"io.kubernetes.pod.uid\":\"" POD_UID "\"}}" },
	{ "oci_config", "nerdctl", "{\"annotations\":{\"nerdctl/name\":\"cache\"}}" },
	{ "docker_config", "plain",
	  "{\"Name\":\"/web\",\"Config\":{\"Image\":\"bb:1\",\"Labels\":{}}}" },
	{ "docker_config", "pod",
	  "{\"Name\":\"/web\",\"Config\":{\"Labels\":{\"io.kubernetes.container.name\":\"app\","
	  "\"io.kubernetes.pod.name\":\"web-0\",\"io.kubernetes.pod.namespace\":\"shop\","
	  "\"io.kubernetes.pod.uid\":\"" POD_UID "\"}}}" },
	{ "storage_list", "podman",
	  "[{\"id\":\"aa\"},{\"id\":\"" CONTAINER "\",\"names\":[\"web\"],\"metadata\":"
	  "\"{\\\"image-name\\\":\\\"bb:1\\\",\\\"name\\\":\\\"web\\\"}\"}]" },
	{ "container_state", "runc", "{\"cgroup_paths\":{\"\":\"/sys/fs/cgroup/shop/web\"}}" },
	{ "container_state", "crun", "{\"cgroup-path\":\"/web\"}" },
	{ "container_state", "oci", "{\"linux\":{\"cgroupsPath\":\"/shop/web\"}}" },
	{ "kubelet_logs", "container", "web-0_shop_app-" CONTAINER ".log" },
	{ "kubelet_logs", "pod", "shop_web-0_" POD_UID },
	{ "history_row", "death",
	  "{\"schema\":1,\"id\":\"boot-7\",\"time\":\"2026-11-20T00:00:00.000000000Z\",\"node\":\"n\","
	  "\"cause\":\"segfault\",\"class\":\"kernel\",\"routine\":false,\"summary\":\"a\\\\x1b\","
	  "\"signal\":{\"number\":11,\"name\":\"SIGSEGV\",\"code\":1,\"code_name\":\"SEGV_MAPERR\"},"
	  "\"exit\":{\"signal\":11,\"status\":0,\"core_dumped\":false},"
	  "\"victim\":{\"pid\":7,\"tid\":7,\"comm\":\"c\",\"exe\":\"c\",\"age_seconds\":1.5},"
	  "\"cgroup\":{\"path\":\"/a\",\"version\":2},\"systemd\":{\"unit\":\"u.service\"},"
	  "\"container\":{\"id\":\"aa\",\"image\":\"r:5/a:1@sha256:0\"},"
	  "\"kubernetes\":{\"namespace\":\"n\",\"pod\":\"p\"},\"kernel_stack\":[\"f+0x1\"]}" },
	{ "history_row", "loss",
	  "{\"schema\":1,\"time\":\"2026-11-20T00:00:00.000000000Z\",\"node\":\"n\","
	  "\"lost\":{\"ring_full\":3}}" },
	{ "journal", "death",
	  "1{\"cause\":\"sigkill\",\"summary\":\"s\",\"victim\":{\"comm\":\"a\\nMESSAGE=b\",\"uid\":0},"
	  "\"systemd\":{\"unit\":\"u.service\",\"user_unit\":\"v.service\"},\"a\":{\"b\":{\"c\":1.5}}}" },
	{ "journal", "loss", "0{\"lost\":{\"ring_full\":3}}" },
	{ "textfile_state", "state",
	  "{\"boot_id\":\"boot\",\"kills\":{\"sigkill\":2},\"lost\":{\"ring_full\":1},"
	  "\"sink_errors\":{\"json\":4},\"sequence\":9,\"dropped\":1,\"kernel_oom_first\":5,"
	  "\"workloads\":[{\"kind\":\"systemd\",\"unit\":\"a\\u001b\",\"cause\":\"sigkill\","
	  "\"kills\":2,\"last_ns\":9223372036854775807},{\"kind\":\"kubernetes\",\"namespace\":\"n\","
	  "\"pod\":\"p\",\"container\":\"c\",\"cause\":\"sigkill\",\"kills\":1,"
	  "\"last_ns\":9223372036854775807}]}" },
	{ "when", "rfc3339", "2026-11-21T10:41:13.5+01:00" },
	{ "when", "local", "2026-11-21 10:41" },
	{ "when", "ago", "1h30m ago" },
	{ "when", "epoch", "@1795257673" },
	{ "when", "word", "yesterday" },
};

static char directory[4096];

static FILE *open_seed(const char *target, const char *name)
{
	char path[5000];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", directory, target);
	if (mkdir(path, 0755) && errno != EEXIST)
		return NULL;
	(void)snprintf(path, sizeof(path), "%s/%s/%s", directory, target, name);
	file = fopen(path, "we");
	if (!file)
		perror(path);
	return file;
}

static int write_all(FILE *file, const void *data, size_t size)
{
	return fwrite(data, 1, size, file) == size ? 0 : -1;
}

static const struct scenario *find(const char *name)
{
	for (size_t i = 0; i < SCENARIO_GROUPS; i++)
		for (size_t j = 0; j < scenario_groups[i].count; j++)
			if (!strcmp(scenario_groups[i].scenarios[j].name, name))
				return &scenario_groups[i].scenarios[j];
	(void)fprintf(stderr, "make_seeds: no scenario '%s'\n", name);
	return NULL;
}

/* In the format that decode_fuzz reads. */
static int write_frame(const struct scenario *scenario, const struct record_builder *builder)
{
	FILE *file = open_seed("decode", scenario->name);
	uint16_t names = (uint16_t)builder->names_size;

	if (!file)
		return -1;
	if (write_all(file, &names, sizeof(names)) || write_all(file, builder->names, names) ||
	    write_all(file, builder->bytes, builder->record.size)) {
		(void)fclose(file);
		return -1;
	}
	return fclose(file);
}

static int write_recording(const struct scenario *scenario, const struct record_builder *builder)
{
	const struct losses losses = { .count = { [LOSS_RING_FULL] = 3 } };
	const struct origin origin = { .boot_id = "11111111-2222-3333-4444-555555555555",
				       .node = "node-1" };
	/* in the order of attribute/names.c, for the victim and the sender */
	static const char names[] = "docker\0web\0bb:1\0\0\0\0\0\0\0"
				    "containerd\0app\0bb:1\0shop\0web-0\0" POD_UID "\0app\0\0";
	struct frame frame = builder_frame(builder);
	struct recording_writer *writer;
	char path[5000];

	frame.names = names;
	frame.names_size = sizeof(names);
	(void)snprintf(path, sizeof(path), "%s/recording", directory);
	if (mkdir(path, 0755) && errno != EEXIST)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/recording/%s", directory, scenario->name);
	if (recording_create(path, &origin, &writer))
		return -1;
	if (recording_write_frame(writer, &frame) ||
	    recording_write_losses(writer, &losses, BUILDER_OFFSET_NS)) {
		(void)recording_finish(writer);
		return -1;
	}
	/* a seed is not secret */
	return recording_finish(writer) || chmod(path, 0644) ? -1 : 0;
}

static int write_path(size_t number)
{
	char name[32];
	FILE *file;

	(void)snprintf(name, sizeof(name), "path-%02zu", number);
	file = open_seed("owner", name);
	if (!file)
		return -1;
	/* followed by the next one, as the other path of the same process */
	if (write_all(file, paths[number], strlen(paths[number]) + 1) ||
	    write_all(file, paths[(number + 1) % (sizeof(paths) / sizeof(paths[0]))],
		      strlen(paths[(number + 1) % (sizeof(paths) / sizeof(paths[0]))]))) {
		(void)fclose(file);
		return -1;
	}
	return fclose(file);
}

static int write_text(const char *const text[3])
{
	FILE *file = open_seed(text[0], text[1]);

	if (!file)
		return -1;
	if (write_all(file, text[2], strlen(text[2]))) {
		(void)fclose(file);
		return -1;
	}
	return fclose(file);
}

/* In the format that otlp_settings_fuzz reads. */
static int write_settings(void)
{
	static const char texts_of[] = "http://user:word@collector:4318/\0a=b%0a,c = d\0"
				       "500\0gzip\0X-Scope=shop\0"
				       "{\"partialSuccess\":{\"rejectedLogRecords\":\"3\"}}";
	FILE *file = open_seed("otlp_settings", "all");

	if (!file)
		return -1;
	if (write_all(file, texts_of, sizeof(texts_of) - 1)) {
		(void)fclose(file);
		return -1;
	}
	return fclose(file);
}

static int write_answer(const char *name, const struct file_answer *answer)
{
	FILE *file = open_seed("file_answer", name);
	int error;

	if (!file)
		return -1;
	error = write_all(file, answer, sizeof(*answer));
	return fclose(file) ? -1 : error;
}

static int write_answers(void)
{
	static const struct file_answer none = { .error = -EBADMSG }, whole = {
		.names = { .name = "web",
			   .image = "bb:1",
			   .namespace = "shop",
			   .pod = "web-0",
			   .pod_uid = "6a4ce4a0-ba47-11ea-b2a7-0cc47ac5979e",
			   .container = "web",
			   .unit = "web.service",
			   .cgroup = "/shop/web" },
		.cgroups = { .unified = "/shop/web", .memory = "/shop/web" },
		.path = "/var/lib/docker",
	};

	return write_answer("none", &none) ? -1 : write_answer("whole", &whole);
}

static int write_database(void)
{
	static struct bolt_image image;
	FILE *file = open_seed("bolt_file", "containerd");

	if (!file)
		return -1;
	bolt_make(&image, "bb:1");
	if (write_all(file, &image, sizeof(image))) {
		(void)fclose(file);
		return -1;
	}
	return fclose(file);
}

static int write_podman(void)
{
	static const char sql[] =
		"PRAGMA page_size = 512;"
		"CREATE TABLE ContainerConfig(ID TEXT PRIMARY KEY NOT NULL, Name TEXT, PodID TEXT, JSON TEXT);"
		"INSERT INTO ContainerConfig VALUES('web', 'web', NULL,"
		" '{\"labels\":{\"PODMAN_SYSTEMD_UNIT\":\"shop.service\"}}');";
	sqlite3 *sqlite = NULL;
	sqlite3_int64 size = 0;
	unsigned char *database = NULL;
	FILE *file = open_seed("podman_label", "podman");
	int error = -1;

	if (!file)
		return -1;
	if (!sqlite3_open(":memory:", &sqlite) && !sqlite3_exec(sqlite, sql, NULL, NULL, NULL))
		database = sqlite3_serialize(sqlite, "main", &size, 0);
	if (database)
		error = write_all(file, database, (size_t)size);
	sqlite3_free(database);
	(void)sqlite3_close(sqlite);
	return fclose(file) ? -1 : error;
}

/* A look-up in each of the functions, and one in what was inlined. */
static int write_go_tables(void)
{
	static const uint64_t addresses[] = { GO_TEXT, GO_TEXT + 0x50, GO_TEXT + 0x70 };
	static const char *const names[] = { "first", "second", "inlined" };
	uint8_t table[GO_TABLE_SIZE];

	go_table_make(table);
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		FILE *file = open_seed("go_table", names[i]);

		if (!file)
			return -1;
		if (write_all(file, &addresses[i], sizeof(addresses[i])) ||
		    write_all(file, table, sizeof(table))) {
			(void)fclose(file);
			return -1;
		}
		if (fclose(file))
			return -1;
	}
	return 0;
}

static int write_perf_map(void)
{
	static const char map[] =
		"\x04\x10\0\0\0\0\0\0" /* the address */
		"1000 10 gone\n1000 10 JS:~crash [eval]:1:15\n"
		"0x00007fd8e0a1c2a0 0x0000000000000238 int Main.walk(int)\n2000 8 cut";
	FILE *file = open_seed("perf_map", "both");
	int error = file ? write_all(file, map, sizeof(map) - 1) : -1;

	return file && fclose(file) ? -1 : error;
}

int main(int argc, char **argv)
{
	static struct record_builder builder;

	if (argc != 2) {
		(void)fprintf(stderr, "usage: make_seeds CORPUS\n");
		return 2;
	}
	(void)snprintf(directory, sizeof(directory), "%s", argv[1]);
	if (mkdir(directory, 0755) && errno != EEXIST)
		return 1;
	for (size_t i = 0; i < sizeof(chosen) / sizeof(chosen[0]); i++) {
		const struct scenario *scenario = find(chosen[i]);

		if (!scenario)
			return 1;
		scenario_build(scenario, STACKS_NAMED, &builder);
		if (write_frame(scenario, &builder))
			return 1;
		if (i % 5 == 0 && write_recording(scenario, &builder))
			return 1;
	}
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (write_path(i))
			return 1;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (write_text(texts[i]))
			return 1;
	return write_settings() || write_answers() || write_database() || write_podman() ||
			       write_go_tables() || write_perf_map()
		       ? 1
		       : 0;
}
