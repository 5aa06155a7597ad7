// SPDX-License-Identifier: BSD-2-Clause
/* The short reasons, owners and places: from records as they are stored. */
#include "unit.h"

#include "line/owner_name.h"
#include "line/reason.h"

#include <string.h>

static struct json_walk_value walked(const char *line)
{
	struct json_walk_value record;

	assert_true(json_walk_line(line, strlen(line), &record));
	return record;
}

struct text_case {
	const char *line, *text;
};

static const struct text_case reasons[] = {
	{ "{\"cause\":\"oom-memcg\",\"oom\":{\"cgroup\":\"/a\",\"limit_bytes\":536870912,"
	  "\"usage_bytes\":536870912,\"victim_cgroup\":\"/a\",\"anon_rss_bytes\":530579456,"
	  "\"shmem_rss_bytes\":1048576,\"swap_bytes\":0}}",
	  "its own limit 512M full; had 507M anon+shmem" },
	{ "{\"cause\":\"oom-memcg\",\"oom\":{\"cgroup\":\"/kubepods/burstable/"
	  "pod6a4ce4a0-ba47-11ea-b2a7-0cc47ac5979e\",\"limit_bytes\":1610612736,"
	  "\"victim_cgroup\":\"/kubepods/burstable/pod6a4ce4a0-ba47-11ea-b2a7-0cc47ac5979e/x\"}}",
	  "limit of pod 1.5G full" },
	{ "{\"cause\":\"oom-memcg\",\"oom\":{\"cgroup\":\"/kubepods.slice/"
	  "kubepods-burstable.slice\",\"victim_cgroup\":\"/kubepods.slice/"
	  "kubepods-burstable.slice/x.scope\",\"chosen_pid\":7,\"swap_bytes\":1048576}}",
	  "limit of kubepods-burstable.slice full, 1M swap; killed along with pid 7 "
	  "(memory.oom.group)" },
	/* a cgroup whose name begins with that of the limit is not below it */
	{ "{\"cause\":\"oom-memcg\",\"oom\":{\"cgroup\":\"/a\",\"victim_cgroup\":\"/ab\"}}",
	  "limit of /a full" },
	{ "{\"cause\":\"oom-memcg\",\"evidence\":{\"incomplete\":[\"dossier\",\"oom\"]}}",
	  "a memory cgroup's limit full; evidence incomplete: dossier, oom" },
	{ "{\"cause\":\"oom-memcg\",\"oom\":{\"cgroup\":\"/a\",\"limit_bytes\":25165824,"
	  "\"usage_bytes\":25165824,\"limit_memory\":{\"anon\":86016,\"shmem\":25018368,"
	  "\"file\":25018368},\"victim_cgroup\":\"/a\",\"anon_rss_bytes\":131072}}",
	  "its own limit 24M full, 23.9M of it tmpfs and shared memory; had 128K anon" },
	/* old counters prove nothing */
	{ "{\"cause\":\"oom-memcg\",\"oom\":{\"cgroup\":\"/a\",\"usage_bytes\":25165824,"
	  "\"limit_memory\":{\"shmem\":25018368,\"stale\":true},\"victim_cgroup\":\"/a\","
	  "\"anon_rss_bytes\":131072}}",
	  "its own limit full; had 128K anon" },
	{ "{\"cause\":\"oom-memcg\",\"oom\":{\"cgroup\":\"/a\",\"limit_bytes\":1024,"
	  "\"limit_lowered\":true,\"victim_cgroup\":\"/a\",\"trigger\":{\"pid\":9,"
	  "\"comm\":\"sh\"}}}",
	  "its own limit 1K set below its usage by sh[9]" },
	{ "{\"cause\":\"oom-global\",\"oom\":{\"anon_rss_bytes\":999}}",
	  "the node ran out of memory; had 999B anon" },
	{ "{\"cause\":\"segfault\",\"fault\":{\"address\":\"0x8\",\"access\":\"read\","
	  "\"kind\":\"null-dereference\",\"module\":\"libfoo.so\",\"module_offset\":\"0x1139\"}}",
	  "null-dereference read 0x8 in libfoo.so+0x1139" },
	{ "{\"cause\":\"segfault\",\"signal\":{\"name\":\"SIGSEGV\"},\"fault\":{},\"victim\":{"
	  "\"tid\":8,\"thread_comm\":\"worker\"}}",
	  "SIGSEGV, thread worker[8]" },
	{ "{\"cause\":\"bus-error\",\"fault\":{\"address\":\"0x8\",\"access\":\"write\","
	  "\"bus_error\":\"full\",\"trap\":\"page-fault\"}}",
	  "its tmpfs is full, write 0x8" },
	{ "{\"cause\":\"illegal-instruction\",\"fault\":{\"trap\":\"invalid-opcode\","
	  "\"instruction\":\"ud2\"}}",
	  "invalid-opcode (ud2)" },
	{ "{\"cause\":\"sigkill\",\"signal\":{\"name\":\"SIGKILL\"},\"sender\":{\"pid\":123,"
	  "\"comm\":\"bash\",\"cgroup\":\"/system.slice/cron.service\",\"unit\":\"cron.service\"},"
	  "\"prior_signals\":[{\"name\":\"SIGUSR1\",\"seconds_before\":95.0,\"sender\":{\"pid\":123}"
	  "},{\"name\":\"SIGTERM\",\"seconds_before\":90.5,\"handled\":true,\"sender\":{"
	  "\"pid\":123}}],\"victim\":{\"pid\":7}}",
	  "SIGKILL from bash[123] of cron.service, 90 s after SIGTERM" },
	/* another one asked: that is no timeout of this sender */
	{ "{\"cause\":\"sigkill\",\"signal\":{\"name\":\"SIGKILL\"},\"sender\":{\"pid\":123,"
	  "\"comm\":\"bash\",\"parent\":true},\"prior_signals\":[{\"name\":\"SIGTERM\","
	  "\"seconds_before\":9,\"sender\":{\"pid\":5}}],\"victim\":{\"pid\":7}}",
	  "SIGKILL from its parent bash[123]" },
	/* a runtime sends each signal by a process of its own */
	{ "{\"cause\":\"sigkill\",\"signal\":{\"name\":\"SIGKILL\"},\"sender\":{\"pid\":123,"
	  "\"comm\":\"runc\",\"cgroup\":\"/r\"},\"prior_signals\":[{\"name\":\"SIGTERM\","
	  "\"seconds_before\":10.0,\"blocked\":true,\"sender\":{\"pid\":122,\"cgroup\":\"/r\"}}],"
	  "\"victim\":{\"pid\":7},\"cgroup\":{\"path\":\"/v\"}}",
	  "SIGKILL from runc[123] of /r, 10 s after SIGTERM, which was blocked" },
	{ "{\"cause\":\"sigkill\",\"signal\":{\"name\":\"SIGKILL\"},\"sender\":{\"pid\":7,"
	  "\"comm\":\"sh\"},\"victim\":{\"pid\":7}}",
	  "SIGKILL from itself" },
	{ "{\"cause\":\"sigkill\",\"signal\":{\"name\":\"SIGKILL\"},\"stuck\":{\"seconds\":12}}",
	  "not dead after 12 s: SIGKILL; its sender was not recorded" },
	{ "{\"cause\":\"signal-exit\",\"signal\":{\"name\":\"SIGTERM\"},\"exit\":{\"status\":143,"
	  "\"core_dumped\":false},\"sender\":{\"pid\":1,\"comm\":\"systemd\","
	  "\"unit\":\"init.scope\"}}",
	  "exit status 143 after SIGTERM from systemd[1]" },
	{ "{\"cause\":\"cgroup-kill\",\"signal\":{\"name\":\"SIGKILL\"},\"sender\":{\"pid\":9,"
	  "\"comm\":\"podman\",\"container_id\":\"63425c4a8b4291744a79dd9011fddc7a\"}}",
	  "cgroup.kill by podman[9] of container 63425c4a8b42" },
	{ "{\"cause\":\"seccomp\",\"seccomp\":{\"syscall\":39,\"syscall_name\":\"getpid\"}}",
	  "forbidden system call getpid" },
	{ "{\"cause\":\"seccomp\",\"exit\":{\"thread_only\":true},\"victim\":{\"tid\":8}}",
	  "only thread 8 died: forbidden system call" },
	{ "{\"cause\":\"rlimit-cpu\",\"signal\":{\"name\":\"SIGXCPU\"},\"rlimit\":{"
	  "\"soft_seconds\":1}}",
	  "used up its CPU time, soft RLIMIT_CPU of 1 s" },
	{ "{\"cause\":\"abort\",\"fault\":{\"kind\":\"unmapped\"}}",
	  "aborted itself after unmapped" },
	{ "{\"cause\":\"runtime-crash\",\"fault\":{\"kind\":\"null-dereference\"},\"exit\":{"
	  "\"status\":2}}",
	  "null-dereference; its own handler took it, exit status 2" },
	{ "{\"cause\":\"signal\",\"copy_of\":{\"pid\":5,\"comm\":\"app\",\"cause\":\"segfault\"}}",
	  "repeats the death of app[5] (segfault): no second crash" },
	/* the clause after the last of them: a name can have the words of a sentence */
	{ "{\"cause\":\"kernel-signal\",\"signal\":{\"name\":\"SIGPIPE\"},\"summary\":"
	  "\"x (pid 7) of cgroup /by SIGPIPE: no was killed by SIGPIPE: it wrote to a pipe\"}",
	  "SIGPIPE from the kernel: it wrote to a pipe" },
	{ "{\"cause\":\"kernel-signal\",\"signal\":{\"name\":\"SIGKILL\"},\"summary\":"
	  "\"x was killed by SIGKILL: the kernel sent it in aa_audit\"}",
	  "SIGKILL from the kernel in aa_audit" },
	/* of a newer killtrace */
	{ "{\"cause\":\"struck-by-lightning\",\"summary\":\"x was struck\"}", "x was struck" },
	{ "{\"cause\":\"sigkill\"}", "" },
	/* names are an attacker's */
	{ "{\"cause\":\"sigkill\",\"signal\":{\"name\":\"SIGKILL\"},\"sender\":{\"pid\":9,"
	  "\"comm\":\"a\\u001b[2J\\u202e\"}}",
	  "SIGKILL from a\\x1b[2J\\u{202e}[9]" },
};

static void test_reasons(void **state)
{
	char text[REASON_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT(reasons); i++) {
		const struct json_walk_value record = walked(reasons[i].line);

		reason_write(&record, text);
		assert_string_equal(text, reasons[i].text);
	}
}

static const struct text_case places[] = {
	{ "{\"cause\":\"segfault\",\"fault\":{\"module\":\"zoo\",\"module_offset\":\"0x7976\"}}",
	  "zoo+0x7976" },
	{ "{\"cause\":\"oom-memcg\",\"oom\":{\"cgroup\":\"/a\",\"limit_bytes\":1048576,"
	  "\"victim_cgroup\":\"/a\"}}",
	  "its own limit 1M" },
	{ "{\"cause\":\"sigkill\",\"sender\":{\"pid\":9,\"comm\":\"sh\"}}", "sh[9]" },
	{ "{\"cause\":\"seccomp\",\"seccomp\":{\"syscall_name\":\"getpid\"}}", "getpid" },
	{ "{\"cause\":\"abort\"}", "" },
};

static void test_places(void **state)
{
	char text[REASON_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT(places); i++) {
		const struct json_walk_value record = walked(places[i].line);

		reason_where(&record, text);
		assert_string_equal(text, places[i].text);
	}
}

static const struct text_case owners[] = {
	{ "{\"kubernetes\":{\"namespace\":\"shop\",\"pod\":\"web-0\",\"container\":\"app\"},"
	  "\"container\":{\"id\":\"63425c4a8b4291744a79\"},\"systemd\":{\"unit\":\"x.scope\"}}",
	  "shop/web-0:app" },
	{ "{\"kubernetes\":{\"pod_uid\":\"6a4ce4a0\"},\"container\":{\"id\":\"63425c4a8b42917\"}}",
	  "pod 6a4ce4a0:63425c4a8b42" },
	{ "{\"container\":{\"id\":\"63425c4a8b4291744a79\",\"runtime\":\"docker\",\"name\":\"web\"}}",
	  "docker:web" },
	{ "{\"container\":{\"id\":\"63425c4a8b4291744a79\"}}", "container:63425c4a8b42" },
	{ "{\"systemd\":{\"unit\":\"machine-deb.scope\",\"machine\":\"deb\"}}", "machine:deb" },
	{ "{\"slurm\":{\"job\":\"12\",\"step\":\"0\"},\"systemd\":{\"unit\":\"slurmd.service\"}}",
	  "slurm:12.0" },
	{ "{\"systemd\":{\"unit\":\"nginx.service\"},\"victim\":{\"uid\":33}}", "nginx.service" },
	{ "{\"systemd\":{\"unit\":\"user@1000.service\",\"user_unit\":\"app.service\","
	  "\"owner_uid\":1000}}",
	  "app.service (uid 1000)" },
	{ "{\"cgroup\":{\"path\":\"/demo\"},\"victim\":{\"uid\":1000}}", "/demo (uid 1000)" },
	{ "{\"cgroup\":{\"path\":\"/demo\"},\"victim\":{\"uid\":0}}", "/demo" },
	{ "{\"cgroup\":{\"path\":\"/demo\"},\"victim\":{\"uid\":65536}}", "/demo (uid 65536)" },
	{ "{\"systemd\":{\"user_unit\":\"a.service\",\"owner_uid\":4294967294}}",
	  "a.service (uid 4294967294)" },
	{ "{}", "?" },
};

static void test_owners(void **state)
{
	char text[OWNER_NAME_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT(owners); i++) {
		const struct json_walk_value record = walked(owners[i].line);

		owner_name_write(&record, text);
		assert_string_equal(text, owners[i].text);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_owners),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
