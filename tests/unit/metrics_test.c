// SPDX-License-Identifier: BSD-2-Clause
/*
 * Workloads, metrics and the file with them. The world tests show with Prometheus's own tools that
 * it accepts the text.
 */
#include "unit.h"

#include "base/clock.h"
#include "outlet/textfile.h"
#include "metrics/transient.h"
#include "metrics/workloads.h"
#include "tree.h"

#include <errno.h>
#include <inttypes.h>

#define HOUR_NS (NS_PER_S * 3600)
#define ID "63425c4a8b4291744a79dd9011fddc7a1f8ffda61f65d72196aa01d00cae2e2d"

static struct attribution whose;
static struct death death;
static struct report report;

static void dies(enum cause cause, int64_t realtime_ns)
{
	memset(&report, 0, sizeof(report));
	death.record.time_ns = (uint64_t)realtime_ns;
	report.death = &death;
	report.whose = &whose;
	report.verdict.cause = cause;
}

static int64_t now_ns(void)
{
	return clock_realtime_ns(clock_boottime_ns(), clock_realtime_offset_ns());
}

static char *written(struct metrics *metrics)
{
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);

	assert_non_null(file);
	metrics_write(metrics, file);
	assert_int_equal(fclose(file), 0);
	return text;
}

static bool has(struct metrics *metrics, const char *line)
{
	char *text = written(metrics), *at = strstr(text, line);
	bool whole = at && (at == text || at[-1] == '\n') && at[strlen(line)] == '\n';

	free(text);
	return whole;
}

static void test_who(void **state)
{
	struct workload workload;

	(void)state;
	memset(&whose, 0, sizeof(whose));
	workload = workload_of(&whose, "/any/where");
	assert_int_equal(workload.kind, WORKLOAD_CGROUP);
	assert_string_equal(workload.unit, "/any/where");
	strcpy(whose.owner.unit, "user@1000.service");
	strcpy(whose.owner.user_unit, "editor.service");
	workload = workload_of(&whose, "/any/where");
	assert_int_equal(workload.kind, WORKLOAD_SYSTEMD);
	assert_string_equal(workload.unit, "user@1000.service");
	assert_string_equal(workload.user_unit, "editor.service");
	strcpy(whose.owner.container_id, ID);
	workload = workload_of(&whose, "/any/where");
	assert_int_equal(workload.kind, WORKLOAD_CONTAINER);
	assert_string_equal(workload.container, ID);
	strcpy(whose.names.name, "web");
	assert_string_equal(workload_of(&whose, "").container, "web");
	strcpy(whose.owner.pod_uid, "some-uid");
	workload = workload_of(&whose, "");
	assert_int_equal(workload.kind, WORKLOAD_KUBERNETES);
	assert_string_equal(workload.pod, "some-uid");
	strcpy(whose.names.pod, "web-0");
	strcpy(whose.names.namespace, "shop");
	strcpy(whose.names.container, "app");
	workload = workload_of(&whose, "");
	assert_string_equal(workload.namespace, "shop");
	assert_string_equal(workload.pod, "web-0");
	assert_string_equal(workload.container, "app");
}

static const struct share share = { 1, 2 };

struct seen {
	unsigned int series, other;
	uint64_t kills, other_kills;
};

static void see(void *context, const struct workload *workload, enum cause cause, uint64_t kills,
		int64_t last_ns)
{
	struct seen *seen = context;

	(void)cause;
	(void)last_ns;
	seen->series++;
	seen->kills += kills;
	if (workload->kind == WORKLOAD_OTHER) {
		seen->other++;
		seen->other_kills += kills;
	}
}

static struct seen look(const struct workloads *workloads)
{
	struct seen seen = { 0 };

	workloads_each(workloads, see, &seen);
	return seen;
}

static void count_units(struct workloads *workloads, int first, int count, int64_t when)
{
	char unit[32];
	struct workload workload = { .kind = WORKLOAD_SYSTEMD, .unit = unit };

	for (int i = first; i < first + count; i++) {
		(void)snprintf(unit, sizeof(unit), "unit-%d.service", i);
		workloads_count(workloads, &workload, &share, CAUSE_SEGFAULT, when);
	}
}

static void see_unit(void *context, const struct workload *workload, enum cause cause,
		     uint64_t kills, int64_t last_ns)
{
	(void)cause;
	(void)kills;
	(void)last_ns;
	(void)snprintf(context, 64, "%s", workload->unit);
}

/* A user's unit is not the system's with that name; and what looks the same is one series. */
static void test_labels(void **state)
{
	struct workload workload = { .kind = WORKLOAD_SYSTEMD,
				     .unit = "user@1000.service",
				     .user_unit = "shop.service" };
	struct workloads *workloads = workloads_new();
	char unit[64] = "";

	(void)state;
	workloads_count(workloads, &workload, &share, CAUSE_SEGFAULT, 1);
	workloads_each(workloads, see_unit, unit);
	assert_string_equal(unit, "user@1000.service/shop.service");
	workloads_free(workloads);

	workloads = workloads_new();
	workload = (struct workload){ .kind = WORKLOAD_CGROUP, .unit = "/b\xff" };
	workloads_count(workloads, &workload, &share, CAUSE_SEGFAULT, 1);
	workload.unit = "/b\xfe";
	workloads_count(workloads, &workload, &share, CAUSE_SEGFAULT, 1);
	workloads_each(workloads, see_unit, unit);
	assert_string_equal(unit, "/b\xef\xbf\xbd");
	assert_int_equal(look(workloads).series, 1);
	workloads_free(workloads);
}

static void test_bounds(void **state)
{
	struct workloads *workloads = workloads_new();
	char longest[400];
	struct workload workload = { .kind = WORKLOAD_CGROUP, .unit = longest };
	struct seen seen;

	(void)state;
	count_units(workloads, 0, WORKLOADS_MOST + 500, 1);
	/* known workloads still count as themselves */
	count_units(workloads, 0, 10, 2);
	seen = look(workloads);
	assert_int_equal(seen.series, WORKLOADS_MOST + 1);
	assert_int_equal(seen.other, 1);
	assert_int_equal(seen.other_kills, 500);
	assert_int_equal(seen.kills, WORKLOADS_MOST + 510);
	memset(longest, '/', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	workloads_count(workloads, &workload, &share, CAUSE_SEGFAULT, 3);
	assert_int_equal(look(workloads).other_kills, 501);
	/* unused ones make room */
	workloads_expire(workloads, 2);
	seen = look(workloads);
	assert_int_equal(seen.series, 11);
	count_units(workloads, 5000, 500, 3);
	assert_int_equal(look(workloads).series, 511);
	workloads_free(workloads);
	workloads_free(NULL);
}

static struct workloads *saved_and_loaded(const struct workloads *workloads)
{
	struct workloads *next = workloads_new();
	json_t *saved = workloads_save(workloads);

	workloads_load(next, saved);
	json_decref(saved);
	return next;
}

static void count_one(struct workloads *workloads, const char *unit, const char *user_unit,
		      const struct share *of, int64_t when)
{
	const struct workload workload = { .kind = WORKLOAD_SYSTEMD,
					   .unit = unit,
					   .user_unit = user_unit };

	workloads_count(workloads, &workload, of, CAUSE_SEGFAULT, when);
}

struct sought {
	const char *unit;
	uint64_t kills;
};

static void seek(void *context, const struct workload *workload, enum cause cause, uint64_t kills,
		 int64_t last_ns)
{
	struct sought *sought = context;

	(void)cause;
	(void)last_ns;
	if (workload->unit && !strcmp(workload->unit, sought->unit))
		sought->kills += kills;
}

static uint64_t kills_of(const struct workloads *workloads, const char *unit)
{
	struct sought sought = { .unit = unit };

	workloads_each(workloads, seek, &sought);
	return sought.kills;
}

/*
 * The units of one user, however many, do not displace others; nor do the system's units of one
 * kind.
 */
static void test_fair(void **state)
{
	const struct share service = { 1, 1 }, alike = { 1, 2 }, user = { 2, 3 };
	struct workloads *workloads = workloads_new();
	char unit[32];

	(void)state;
	count_one(workloads, "shop.service", NULL, &service, 1);
	for (int i = 0; i < WORKLOADS_MOST + 10; i++) {
		(void)snprintf(unit, sizeof(unit), "unit-%d.service", i);
		count_one(workloads, "user@1000.service", unit, &user, 2 + i);
	}
	assert_int_equal(kills_of(workloads, "shop.service"), 1);
	assert_int_equal(workloads_trimmed(workloads), 11);
	/* the least recently killed goes first */
	assert_int_equal(kills_of(workloads, "user@1000.service/unit-10.service"), 0);
	assert_int_equal(kills_of(workloads, "user@1000.service/unit-11.service"), 1);
	for (int i = 0; i < WORKLOADS_MOST + 10; i++) {
		(void)snprintf(unit, sizeof(unit), "alike-%d.service", i);
		count_one(workloads, unit, NULL, &alike, 5000 + i);
	}
	assert_int_equal(kills_of(workloads, "shop.service"), 1);
	/* half for each of the two that want everything */
	assert_int_equal(kills_of(workloads, "user@1000.service/unit-600.service"), 1);
	assert_int_equal(look(workloads).series, WORKLOADS_MOST + 1);
	assert_int_equal(look(workloads).kills, 2 * WORKLOADS_MOST + 21);
	workloads_free(workloads);
}

/* The holder with the most series is known after a restart, too. */
static void test_fair_after_load(void **state)
{
	const struct share service = { 1, 1 }, user = { UINT64_MAX, 3 };
	struct workloads *workloads = workloads_new(), *next;
	json_t *saved;
	char unit[32];

	(void)state;
	count_one(workloads, "shop.service", NULL, &service, 1);
	for (int i = 0; i < WORKLOADS_MOST - 1; i++) {
		(void)snprintf(unit, sizeof(unit), "unit-%d.service", i);
		count_one(workloads, "user@1000.service", unit, &user, 2 + i);
	}
	saved = workloads_save(workloads);
	next = workloads_new();
	workloads_load(next, saved);
	json_decref(saved);
	count_one(next, "user@1000.service", "one-more.service", &user, 5000);
	assert_int_equal(kills_of(next, "shop.service"), 1);
	assert_int_equal(kills_of(next, "user@1000.service/unit-0.service"), 0);
	workloads_free(workloads);
	workloads_free(next);
}

static void test_transient(void **state)
{
	static const struct {
		const char *unit, *expected;
	} units[] = {
		{ "run-u12.service", "run-*.service" },
		{ "run-p812-i900.scope", "run-*.scope" },
		{ "run-*.scope", "run-*.scope" },
		{ "session-3.scope", "session-*.scope" },
		{ "session-c12.scope", "session-c12.scope" },
		{ "vte-spawn-8d3a2f6e-1b9c-4f7e-a1b2-c3d4e5f60718.scope", "vte-spawn-*.scope" },
		{ "machine-web-1.scope", "machine-web-1.scope" },
		{ "systemd-coredump@4-812-0.service", "systemd-coredump@.service" },
		{ "systemd-coredump@4-812_90331-0.service", "systemd-coredump@.service" },
		{ "sshd@12-10.0.0.1:22-10.0.0.2:51234.service", "sshd@.service" },
		{ "systemd-coredump@.service", "systemd-coredump@.service" },
		{ "dbus-:1.2-org.example@0.service", "dbus-:*-org.example@.service" },
		{ "app-shop@8d3a2f6e1b9c4f7ea1b2c3d4e5f60718.service", "app-shop@.service" },
		/* made by an administrator */
		{ "postgresql@14-main.service", "postgresql@14-main.service" },
		{ "user@1000.service", "user@1000.service" },
		{ "getty@tty1.service", "getty@tty1.service" },
		{ "shop-1.service", "shop-1.service" },
		{ "running-1.service", "running-1.service" },
		{ "", "" },
		{ "@", "@" },
		{ ".", "." },
		{ "a@.", "a@." },
		{ "a@1-.service", "a@1-.service" },
		{ "dbus-:@.service", "dbus-:@.service" },
	};
	static const struct {
		const char *pod, *expected;
	} pods[] = {
		{ "backup-29384723-x2x8z", "backup-*" },
		{ "backup-1700000000-x2x8z", "backup-*" },
		{ "web-7d4b9c6f5d-x2x8z", "web-7d4b9c6f5d-x2x8z" },
		{ "shop-db-0", "shop-db-0" },
		{ "-29384723-x2x8z", "-29384723-x2x8z" },
		{ "backup-*", "backup-*" },
		{ "", "" },
	};
	char name[256];

	(void)state;
	for (size_t i = 0; i < COUNT(units); i++) {
		transient_unit(units[i].unit, name, sizeof(name));
		assert_string_equal(name, units[i].expected);
	}
	for (size_t i = 0; i < COUNT(pods); i++) {
		transient_pod(pods[i].pod, name, sizeof(name));
		assert_string_equal(name, pods[i].expected);
	}
}

/* All runs are one series, also of a user's and of a saved one. */
static void test_runs(void **state)
{
	struct workloads *workloads = workloads_new(), *next;

	(void)state;
	count_one(workloads, "session-3.scope", NULL, &share, 1);
	count_one(workloads, "session-4.scope", NULL, &share, 2);
	count_one(workloads, "user@1000.service", "run-u1.service", &share, 3);
	count_one(workloads, "user@1000.service", "run-u2.service", &share, 4);
	next = saved_and_loaded(workloads);
	count_one(next, "user@1000.service", "run-u3.service", &share, 5);
	assert_int_equal(look(next).series, 2);
	assert_int_equal(kills_of(next, "session-*.scope"), 2);
	assert_int_equal(kills_of(next, "user@1000.service/run-*.service"), 3);
	workloads_free(workloads);
	workloads_free(next);
}

/* Different fields that are equal when joined are two workloads. */
static void test_keys(void **state)
{
	struct workloads *workloads = workloads_new();
	struct workload one = { .kind = WORKLOAD_KUBERNETES, .namespace = "a", .pod = "bc" };
	struct workload two = { .kind = WORKLOAD_KUBERNETES, .namespace = "ab", .pod = "c" };
	struct workload three = { .kind = WORKLOAD_KUBERNETES, .pod = "abc" };

	(void)state;
	workloads_count(workloads, &one, &share, CAUSE_OOM_MEMCG, 1);
	workloads_count(workloads, &two, &share, CAUSE_OOM_MEMCG, 1);
	workloads_count(workloads, &three, &share, CAUSE_OOM_MEMCG, 1);
	workloads_count(workloads, &one, &share, CAUSE_SIGKILL, 1);
	workloads_count(workloads, &one, &share, CAUSE_OOM_MEMCG, 1);
	assert_int_equal(look(workloads).series, 4);
	workloads_free(workloads);
}

/* A workload with a series keeps it, and one that is too long at a restart was so before. */
static void test_loaded_as_counted(void **state)
{
	static char raw[257], unit[129], user_unit[129], longest[128];
	const struct workload odd[] = {
		{ .kind = WORKLOAD_CGROUP, .unit = raw },
		{ .kind = WORKLOAD_SYSTEMD, .unit = unit, .user_unit = user_unit },
		{ .kind = WORKLOAD_SYSTEMD, .unit = unit, .user_unit = longest },
	};
	struct workloads *workloads = workloads_new(), *next;
	struct seen seen, loaded;

	(void)state;
	memset(raw, 0xff, 100); /* 300 bytes when shown */
	memset(unit, 'u', sizeof(unit) - 1);
	memset(user_unit, 'v', sizeof(user_unit) - 1); /* 257 bytes with the slash */
	memset(longest, 'w', sizeof(longest) - 1);     /* 256 */
	for (size_t i = 0; i < COUNT(odd); i++)
		workloads_count(workloads, &odd[i], &share, CAUSE_SEGFAULT, 1);
	next = saved_and_loaded(workloads);
	seen = look(workloads);
	loaded = look(next);
	assert_memory_equal(&seen, &loaded, sizeof(seen));
	assert_int_equal(seen.series, 2);
	assert_int_equal(seen.other_kills, 2);
	workloads_free(workloads);
	workloads_free(next);
}

static void test_text(void **state)
{
	struct metrics *metrics = metrics_new("boot-1");
	struct losses losses = { .count = { [LOSS_RING_FULL] = 7, [LOSS_OUTPUT] = 1 } };
	char *text, *again;

	(void)state;
	assert_true(has(metrics, "killtrace_kills_total{cause=\"oom-memcg\",class=\"kernel\"} 0"));
	assert_true(has(metrics, "killtrace_lost_total{reason=\"ring_full\"} 0"));
	memset(&whose, 0, sizeof(whose));
	strcpy(whose.owner.unit, "a\"b\\c\nd\xff.service");
	dies(CAUSE_OOM_MEMCG, now_ns());
	metrics_count_death(metrics, &report);
	metrics_count_death(metrics, &report);
	report.verdict.stuck = true;
	metrics_count_death(metrics, &report);
	metrics_count_losses(metrics, &losses);
	metrics_set_outlet(metrics, "json", 3, 5);
	metrics_set_outlet(metrics, "textfile", 0, 0);
	metrics_set_outlet(metrics, "json", 4, 6);
	metrics_set_written(metrics, "json", 7, 1200);
	metrics_set_kernel_oom_kills(metrics, 100);
	metrics_set_kernel_oom_kills(metrics, 102);
	metrics_set_hook(metrics, HOOK_MARK_VICTIM, true);
	assert_true(has(metrics, "killtrace_kills_total{cause=\"oom-memcg\",class=\"kernel\"} 2"));
	assert_true(has(metrics, "killtrace_workload_kills_total{cause=\"oom-memcg\","
				 "kind=\"systemd\",namespace=\"\",pod=\"\",container=\"\","
				 "unit=\"a\\\"b\\\\c\\\\x0ad\xef\xbf\xbd.service\"} 2"));
	assert_true(has(metrics, "killtrace_lost_total{reason=\"ring_full\"} 7"));
	assert_true(has(metrics, "killtrace_lost_total{reason=\"output\"} 7"));
	assert_true(has(metrics, "killtrace_sink_errors_total{sink=\"json\"} 4"));
	assert_true(has(metrics, "killtrace_sink_errors_total{sink=\"textfile\"} 0"));
	assert_true(has(metrics, "killtrace_sink_reported_total{sink=\"json\"} 7"));
	assert_true(has(metrics, "killtrace_sink_folded_total{sink=\"json\"} 1200"));
	assert_false(has(metrics, "killtrace_sink_folded_total{sink=\"textfile\"} 0"));
	assert_true(has(metrics, "killtrace_kernel_oom_kills_total 2"));
	assert_true(has(metrics, "killtrace_hook_attached{hook=\"mark_victim\"} 1"));
	assert_true(has(metrics, "killtrace_hook_attached{hook=\"signal_generate\"} 0"));
	assert_false(has(metrics, "killtrace_ring_"));
	metrics_set_ring(metrics, 4 << 20, 1000);
	metrics_set_ring(metrics, 4 << 20, 12345);
	assert_true(has(metrics, "killtrace_ring_size_bytes 4194304"));
	assert_true(has(metrics, "killtrace_ring_highest_bytes 12345"));
	assert_false(has(metrics, "killtrace_container_reader_up"));
	metrics_set_container_reader(metrics, true);
	assert_true(has(metrics, "killtrace_container_reader_up 1"));
	metrics_set_container_reader(metrics, false);
	assert_true(has(metrics, "killtrace_container_reader_up 0"));
	/*
	 * routine ends by signal, hidden or not; routine ends of other kinds create no series at 0
	 */
	assert_true(has(metrics, "killtrace_routine_ends_total{signal=\"SIGTERM\"} 0"));
	assert_true(has(metrics, "killtrace_routine_ends_total{signal=\"SIGHUP\"} 0"));
	dies(CAUSE_SIGNAL, now_ns());
	report.verdict.routine = true;
	death.record.status = 15;
	metrics_count_hidden(metrics, &report);
	metrics_count_death(metrics, &report);
	death.record.status = 37;
	metrics_count_hidden(metrics, &report);
	death.record.status = 127 | 0x80;
	metrics_count_hidden(metrics, &report);
	report.verdict.stuck = true;
	metrics_count_hidden(metrics, &report);
	report.verdict.routine = report.verdict.stuck = false;
	metrics_count_hidden(metrics, &report);
	death.record.status = 0;
	assert_true(has(metrics, "killtrace_routine_ends_total{signal=\"SIGTERM\"} 2"));
	assert_true(has(metrics, "killtrace_routine_ends_total{signal=\"SIGRTMIN+3\"} 1"));
	assert_true(has(metrics, "killtrace_routine_ends_total{signal=\"none\"} 1"));
	assert_true(has(metrics, "killtrace_kills_total{cause=\"signal\",class=\"userspace\"} 1"));
	/* HELP and TYPE once per name */
	text = written(metrics);
	for (char *at = strstr(text, "# TYPE "); at; at = strstr(at + 1, "# TYPE ")) {
		char name[128];

		assert_int_equal(sscanf(at, "# TYPE %127s", name), 1);
		again = strstr(at + 1, "# TYPE ");
		while (again) {
			assert_true(strncmp(again + 7, name, strlen(name)) != 0 ||
				    again[7 + strlen(name)] != ' ');
			again = strstr(again + 1, "# TYPE ");
		}
	}
	free(text);
	metrics_free(metrics);
}

static void test_workloads_leave(void **state)
{
	struct metrics *metrics = metrics_new("boot-1");
	char *text;

	(void)state;
	memset(&whose, 0, sizeof(whose));
	strcpy(whose.owner.unit, "old.service");
	dies(CAUSE_SIGKILL, now_ns() - 25 * HOUR_NS);
	metrics_count_death(metrics, &report);
	strcpy(whose.owner.unit, "new.service");
	dies(CAUSE_SIGKILL, now_ns() - 23 * HOUR_NS);
	metrics_count_death(metrics, &report);
	text = written(metrics);
	assert_null(strstr(text, "old.service"));
	assert_non_null(strstr(text, "new.service"));
	free(text);
	metrics_free(metrics);
}

static void test_saved_and_loaded(void **state)
{
	struct metrics *metrics = metrics_new("boot-1"), *next = metrics_new("boot-1");
	struct metrics *other = metrics_new("boot-2");
	struct losses losses = { .count = { [LOSS_DOSSIER_FULL] = 9 } };
	json_t *saved;
	static const char *const wrong[] = { "null",
					     "[]",
					     "{}",
					     "{\"boot_id\":7}",
					     "{\"boot_id\":\"boot-1\",\"kills\":[]}",
					     "{\"boot_id\":\"boot-2\",\"kills\":{}}" };
	uint64_t reported, folded;

	(void)state;
	memset(&whose, 0, sizeof(whose));
	strcpy(whose.owner.unit, "shop.service");
	dies(CAUSE_OOM_MEMCG, now_ns());
	metrics_count_death(metrics, &report);
	metrics_count_losses(metrics, &losses);
	metrics_set_outlet(metrics, "json", 3, 5);
	metrics_set_written(metrics, "json", 7, 1200);
	metrics_set_kernel_oom_kills(metrics, 100);
	metrics_set_kernel_oom_kills(metrics, 102);
	report.verdict.routine = true;
	death.record.status = 37;
	metrics_count_hidden(metrics, &report);
	report.verdict.routine = false;
	death.record.status = 0;
	saved = metrics_save(metrics);
	assert_true(metrics_load(next, saved));
	metrics_written(next, "json", &reported, &folded);
	assert_int_equal(reported, 7);
	assert_int_equal(folded, 1200);
	metrics_set_kernel_oom_kills(next, 103);
	metrics_count_death(next, &report);
	metrics_set_outlet(next, "json", 0, 1);
	assert_true(has(next, "killtrace_kills_total{cause=\"oom-memcg\",class=\"kernel\"} 2"));
	assert_true(has(next, "killtrace_lost_total{reason=\"dossier_full\"} 9"));
	assert_true(has(next, "killtrace_lost_total{reason=\"output\"} 6"));
	assert_true(has(next, "killtrace_kernel_oom_kills_total 3"));
	assert_true(has(next, "killtrace_routine_ends_total{signal=\"SIGRTMIN+3\"} 1"));
	assert_true(has(next, "killtrace_workload_kills_total{cause=\"oom-memcg\",kind=\"systemd\","
			      "namespace=\"\",pod=\"\",container=\"\",unit=\"shop.service\"} 2"));
	assert_false(metrics_load(other, saved));
	json_decref(saved);
	for (size_t i = 0; i < COUNT(wrong); i++) {
		saved = json_loads(wrong[i], JSON_DECODE_ANY, NULL);
		assert_non_null(saved);
		assert_false(metrics_load(next, saved));
		json_decref(saved);
	}
	assert_false(metrics_load(next, NULL));
	/* invalid content is ignored as well */
	saved = json_loads(
		"{\"boot_id\":\"boot-2\",\"kills\":{\"segfault\":-4,\"sigkill\":\"x\"},"
		"\"lost\":7,\"workloads\":[1,{},{\"kind\":\"systemd\",\"cause\":\"nosuch\","
		"\"kills\":3},{\"kind\":\"systemd\",\"cause\":\"sigkill\",\"kills\":-3}]}",
		0, NULL);
	assert_true(metrics_load(other, saved));
	assert_true(has(other, "killtrace_kills_total{cause=\"segfault\",class=\"kernel\"} 0"));
	json_decref(saved);
	metrics_free(metrics);
	metrics_free(next);
	metrics_free(other);
}

static struct outlet *outlet;
static struct metrics *metrics_of_file;

static int setup(void **state)
{
	if (tree_make(state))
		return -1;
	metrics_of_file = metrics_new("boot-1");
	return 0;
}

static int teardown(void **state)
{
	if (outlet)
		outlet->ops->free(outlet);
	outlet = NULL;
	metrics_free(metrics_of_file);
	return tree_remove(state);
}

static const char *content(const char *path)
{
	static char text[64 << 10];
	FILE *file = fopen(tree_path(path), "re");
	size_t got = file ? fread(text, 1, sizeof(text) - 1, file) : 0;

	text[got] = '\0';
	if (file)
		(void)fclose(file);
	return text;
}

static void test_file(void **state)
{
	char directory[PATH_MAX];
	struct metrics *next;
	struct stat st;

	(void)state;
	(void)snprintf(directory, sizeof(directory), "%s/metrics", tree_root);
	outlet = textfile_new(directory, metrics_of_file);
	/* the folder is made later */
	assert_int_equal(outlet->ops->flush(outlet), -ENOENT);
	assert_int_equal(mkdir(directory, 0755), 0);
	(void)umask(077);
	assert_int_equal(outlet->ops->flush(outlet), 0);
	assert_non_null(strstr(content("/metrics/killtrace.prom"), "killtrace_build_info"));
	assert_int_equal(stat(tree_path("/metrics/killtrace.prom"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
	/* its own file is replaced, also one cut off at the beginning */
	assert_int_equal(outlet->ops->flush(outlet), 0);
	tree_write("/metrics/killtrace.prom", "");
	assert_int_equal(outlet->ops->flush(outlet), 0);
	assert_non_null(strstr(content("/metrics/killtrace.prom"), "killtrace_build_info"));
	/* the next agent continues from there */
	memset(&whose, 0, sizeof(whose));
	dies(CAUSE_SIGKILL, now_ns());
	metrics_count_death(metrics_of_file, &report);
	assert_int_equal(outlet->ops->flush(outlet), 0);
	outlet->ops->free(outlet);
	next = metrics_new("boot-1");
	outlet = textfile_new(directory, next);
	assert_true(has(next, "killtrace_kills_total{cause=\"sigkill\",class=\"userspace\"} 1"));
	metrics_free(next);
	/* a cut state is ignored */
	tree_write("/metrics/killtrace.state", "{\"boot_id\":\"boo");
	outlet->ops->free(outlet);
	next = metrics_new("boot-1");
	outlet = textfile_new(directory, next);
	assert_true(has(next, "killtrace_kills_total{cause=\"sigkill\",class=\"userspace\"} 0"));
	metrics_free(next);
}

static unsigned int count_of(struct metrics *metrics, const char *words)
{
	char *text = written(metrics);
	unsigned int count = 0;

	for (const char *at = text; (at = strstr(at, words)); at++)
		count++;
	free(text);
	return count;
}

/* The longest state that names can make, in the largest form: it is still loaded. */
static void test_large_state(void **state)
{
	char directory[PATH_MAX];
	struct metrics *next;
	struct stat st;

	(void)state;
	(void)snprintf(directory, sizeof(directory), "%s/metrics", tree_root);
	assert_int_equal(mkdir(directory, 0755), 0);
	memset(&whose, 0, sizeof(whose));
	memset(death.cgroup_path, '\\', 256);
	death.cgroup_path[256] = '\0';
	for (int i = 0; i < WORKLOADS_MOST; i++) {
		char number[8];

		memcpy(death.cgroup_path, number,
		       (size_t)snprintf(number, sizeof(number), "/%d", i));
		dies(CAUSE_SIGKILL, now_ns());
		metrics_count_death(metrics_of_file, &report);
	}
	memset(&death, 0, sizeof(death));
	outlet = textfile_new(directory, metrics_of_file);
	assert_int_equal(outlet->ops->flush(outlet), 0);
	assert_int_equal(stat(tree_path("/metrics/killtrace.state"), &st), 0);
	assert_true(st.st_size > 1 << 19);
	outlet->ops->free(outlet);
	next = metrics_new("boot-1");
	outlet = textfile_new(directory, next);
	assert_int_equal(count_of(next, "killtrace_workload_kills_total{"), WORKLOADS_MOST);
	assert_true(has(next, "killtrace_kills_total{cause=\"sigkill\",class=\"userspace\"} 1000"));
	metrics_free(next);
}

/* Foreign files are not overwritten, and nothing waits for them. */
static void test_foreign(void **state)
{
	char directory[PATH_MAX], linked[PATH_MAX];

	(void)state;
	(void)snprintf(directory, sizeof(directory), "%s/metrics", tree_root);
	(void)snprintf(linked, sizeof(linked), "%s/linked", tree_root);
	tree_write("/metrics/killtrace.prom", "somebody_elses 1\n");
	outlet = textfile_new(directory, metrics_of_file);
	assert_int_equal(outlet->ops->flush(outlet), -EEXIST);
	assert_string_equal(content("/metrics/killtrace.prom"), "somebody_elses 1\n");
	assert_int_equal(unlink(tree_path("/metrics/killtrace.prom")), 0);
	assert_int_equal(mkfifo(tree_path("/metrics/killtrace.prom"), 0600), 0);
	assert_int_equal(outlet->ops->flush(outlet), -EEXIST);
	assert_int_equal(unlink(tree_path("/metrics/killtrace.prom")), 0);
	tree_write("/secret", "x");
	assert_int_equal(symlink("../secret", tree_path("/metrics/killtrace.prom")), 0);
	assert_int_equal(outlet->ops->flush(outlet), -ELOOP);
	assert_string_equal(content("/secret"), "x");
	assert_int_equal(unlink(tree_path("/metrics/killtrace.prom")), 0);
	/* a link at the place of the temporary file is replaced, not followed */
	assert_int_equal(symlink("../secret", tree_path("/metrics/.killtrace.prom.new")), 0);
	assert_int_equal(outlet->ops->flush(outlet), 0);
	assert_string_equal(content("/secret"), "x");
	outlet->ops->free(outlet);
	assert_int_equal(symlink("metrics", linked), 0);
	outlet = textfile_new(linked, metrics_of_file);
	assert_int_equal(outlet->ops->flush(outlet), -ENOTDIR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_who),
		cmocka_unit_test(test_labels),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_fair),
		cmocka_unit_test(test_fair_after_load),
		cmocka_unit_test(test_transient),
		cmocka_unit_test(test_runs),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_loaded_as_counted),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_workloads_leave),
		cmocka_unit_test(test_saved_and_loaded),
		cmocka_unit_test_setup_teardown(test_file, setup, teardown),
		cmocka_unit_test_setup_teardown(test_large_state, setup, teardown),
		cmocka_unit_test_setup_teardown(test_foreign, setup, teardown),
	};

	return cmocka_run_group_tests_name("metrics", tests, NULL, NULL);
}
