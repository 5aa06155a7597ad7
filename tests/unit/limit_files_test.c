// SPDX-License-Identifier: BSD-2-Clause
/*
 * What the files of a cgroup say about it at an OOM kill: limit_files.h, limit_stat.h, limit_top.h.
 */
#include "unit.h"

#include "source/limit_files.h"

#include "base/clock.h"
#include "decode/decode.h"
#include "record_builder.h"
#include "source/limit_stat.h"
#include "source/limit_top.h"
#include "tree.h"

#define KIB 1024ULL

static int open_folder(const char *path)
{
	char whole[PATH_MAX];
	int fd;

	(void)snprintf(whole, sizeof(whole), "%s%s", tree_root, path);
	fd = open(whole, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

static void write_text(const char *path, const char *text)
{
	tree_write_bytes(path, text, strlen(text));
}

static void add_process(unsigned int pid, const char *comm, unsigned int anon_kib,
			unsigned int shmem_kib)
{
	char path[64], text[512];

	(void)snprintf(path, sizeof(path), "/proc/%u/statm", pid);
	(void)snprintf(text, sizeof(text), "9999 %u %u 1 0 1 0\n", (anon_kib + shmem_kib) / 4,
		       shmem_kib / 4);
	write_text(path, text);
	(void)snprintf(path, sizeof(path), "/proc/%u/status", pid);
	(void)snprintf(text, sizeof(text),
		       "Name:\tRssAnon: 7 kB\nPid:\t%u\nVmRSS:\t   77 kB\nRssAnon:\t%8u kB\n"
		       "RssFile:\t      12 kB\nRssShmem:\t%8u kB\nVmSwap:\t       8 kB\n",
		       pid, anon_kib, shmem_kib);
	write_text(path, text);
	(void)snprintf(path, sizeof(path), "/proc/%u/comm", pid);
	write_text(path, comm);
}

static struct kt_limit_memory read_stat_of(const char *path)
{
	struct kt_limit_memory memory = { 0 };
	int fd = open_folder(path);

	limit_stat_read(fd, &memory);
	(void)close(fd);
	return memory;
}

static void test_stat_of_v2(void **state)
{
	struct kt_limit_memory memory;

	(void)state;
	write_text("/v2/memory.stat",
		   "anon 10\nfile 20\nkernel 30\nkernel_stack 1\npagetables 4\n"
		   "sock 5\nshmem 6\nslab_reclaimable 7\nslab 8\nfile_mapped 9\n");
	write_text("/v2/memory.swap.current", "11\n");
	memory = read_stat_of("/v2");
	assert_int_equal(memory.valid, KT_LIMIT_HAS_ANON | KT_LIMIT_HAS_FILE | KT_LIMIT_HAS_KERNEL |
					       KT_LIMIT_HAS_PAGE_TABLES | KT_LIMIT_HAS_SOCK |
					       KT_LIMIT_HAS_SHMEM | KT_LIMIT_HAS_SLAB |
					       KT_LIMIT_HAS_SWAP);
	assert_int_equal(memory.anon_bytes, 10);
	assert_int_equal(memory.file_bytes, 20);
	assert_int_equal(memory.kernel_bytes, 30);
	assert_int_equal(memory.page_tables_bytes, 4);
	assert_int_equal(memory.sock_bytes, 5);
	assert_int_equal(memory.shmem_bytes, 6);
	assert_int_equal(memory.slab_bytes, 8);
	assert_int_equal(memory.swap_bytes, 11);
}

/* The figures with everything below it, not the cgroup's own. */
static void test_stat_of_v1(void **state)
{
	struct kt_limit_memory memory;

	(void)state;
	write_text("/v1/memory.stat",
		   "cache 1\nrss 2\nshmem 3\nswap 4\nhierarchical_memory_limit 9\ntotal_cache 10\n"
		   "total_rss 20\ntotal_shmem 30\ntotal_swap 40\n");
	write_text("/v1/memory.kmem.usage_in_bytes", "50\n");
	memory = read_stat_of("/v1");
	assert_int_equal(memory.valid, KT_LIMIT_HAS_ANON | KT_LIMIT_HAS_FILE | KT_LIMIT_HAS_KERNEL |
					       KT_LIMIT_HAS_SHMEM | KT_LIMIT_HAS_SWAP);
	assert_int_equal(memory.file_bytes, 10);
	assert_int_equal(memory.anon_bytes, 20);
	assert_int_equal(memory.shmem_bytes, 30);
	assert_int_equal(memory.swap_bytes, 40);
	assert_int_equal(memory.kernel_bytes, 50);
}

static void test_stat_of_nonsense(void **state)
{
	static const char *const texts[] = { "",
					     "\n\n",
					     "anon",
					     "anon ",
					     "anon -1",
					     "anon 0x10",
					     "anon 1 2",
					     "anonymous 1",
					     " anon 1",
					     "anon  1",
					     "anon\t1",
					     "anon 1x",
					     "anon 18446744073709551616" };
	static char large[10000];

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		write_text("/bad/memory.stat", texts[i]);
		assert_int_equal(read_stat_of("/bad").valid, 0);
	}
	memset(large, 'x', sizeof(large));
	memcpy(large, "anon 1\n", 7);
	tree_write_bytes("/bad/memory.stat", large, sizeof(large));
	assert_int_equal(read_stat_of("/bad").valid, 0);
	(void)tree_path("/empty/x");
	assert_int_equal(read_stat_of("/empty").valid, 0);
}

static int top_of(const char *path, uint64_t until_ns, struct kt_process_memory *ret)
{
	int fd = open_folder(path), proc = open_folder("/proc"), count;

	count = limit_top_read(fd, proc, until_ns, ret);
	(void)close(fd);
	(void)close(proc);
	return count;
}

/* Processes below it count too, and shared memory; dead processes are left out. */
static void test_top(void **state)
{
	static const unsigned int expected[] = { 23, 21, 22, 25, 24 };
	struct kt_process_memory top[KT_LIMIT_TOP];

	(void)state;
	add_process(21, "second\n", 4000, 0);
	add_process(22, "a\nb\n", 1000, 2500);
	add_process(23, "first\n", 4000, 1000);
	add_process(24, "fifth-of-a-long-name\n", 100, 0);
	add_process(25, "", 200, 0);
	add_process(26, "sixth\n", 50, 0);
	add_process(27, "dying\n", 9000, 0);
	write_text("/proc/27/status", "Name:\tdying\nPid:\t27\n");
	write_text("/group/cgroup.procs", "21\n99\n0\n27\n");
	write_text("/group/a/cgroup.procs", "22\n24\n26\n");
	write_text("/group/a/b/cgroup.procs", "23\n25");
	write_text("/group/a/b/cgroup.procs", "23\n25\n");
	assert_int_equal(top_of("/group", UINT64_MAX, top), 5);
	for (size_t i = 0; i < COUNT(expected); i++)
		assert_int_equal(top[i].pid, expected[i]);
	assert_int_equal(top[0].anon_bytes, 4000 * KIB);
	assert_int_equal(top[0].shmem_bytes, 1000 * KIB);
	assert_int_equal(top[0].file_bytes, 12 * KIB);
	assert_int_equal(top[0].swap_bytes, 8 * KIB);
	assert_string_equal(top[0].comm, "first");
	assert_string_equal(top[2].comm, "a\nb");
	assert_string_equal(top[3].comm, "");
	assert_string_equal(top[4].comm, "fifth-of-a-long");
	/* no time left */
	assert_int_equal(top_of("/group", 0, top), -1);
}

/* A walk that is cut short finds some processes, but not the largest. */
static void test_too_many(void **state)
{
	struct kt_process_memory top[KT_LIMIT_TOP];
	static char pids[8192];
	size_t used = 0;
	char path[64];

	(void)state;
	add_process(31, "one\n", 4000, 0);
	for (int i = 0; i < 1024; i++)
		used += (size_t)snprintf(pids + used, sizeof(pids) - used, "31\n");
	write_text("/many/cgroup.procs", pids);
	assert_int_equal(top_of("/many", UINT64_MAX, top), 1);
	(void)snprintf(pids + used, sizeof(pids) - used, "31\n");
	write_text("/many/cgroup.procs", pids);
	assert_int_equal(top_of("/many", UINT64_MAX, top), -1);
	write_text("/deep/cgroup.procs", "31\n");
	for (int i = 0; i < 63; i++) {
		(void)snprintf(path, sizeof(path), "/deep/%d/x", i);
		(void)tree_path(path);
	}
	assert_int_equal(top_of("/deep", UINT64_MAX, top), 1);
	(void)tree_path("/deep/63/x");
	assert_int_equal(top_of("/deep", UINT64_MAX, top), -1);
}

/* A leader that exited by itself has no figures: another thread stands for its process. */
static void test_top_of_an_ended_leader(void **state)
{
	struct kt_process_memory top[KT_LIMIT_TOP];
	char path[64];

	(void)state;
	add_process(51, "java\n", 0, 0);
	write_text("/proc/51/statm", "0 0 0 0 0 0 0\n");
	write_text("/proc/51/status", "Name:\tjava\nPid:\t51\n");
	add_process(53, "worker\n", 8000, 0);
	add_process(54, "small\n", 100, 0);
	(void)tree_path("/proc/51/task/51/x");
	(void)tree_path("/proc/51/task/53/x");
	write_text("/ended/cgroup.procs", "51\n54\n");
	assert_int_equal(top_of("/ended", UINT64_MAX, top), 2);
	assert_int_equal(top[0].pid, 51);
	assert_string_equal(top[0].comm, "java");
	assert_int_equal(top[0].anon_bytes, 8000 * KIB);
	/* all of its threads have exited */
	write_text("/proc/53/statm", "0 0 0 0 0 0 0\n");
	assert_int_equal(top_of("/ended", UINT64_MAX, top), 1);
	assert_int_equal(top[0].pid, 54);
	/* so many have exited that the search gives up */
	for (unsigned int tid = 1000; tid < 1064; tid++) {
		(void)snprintf(path, sizeof(path), "/proc/51/task/%u/x", tid);
		(void)tree_path(path);
	}
	assert_int_equal(top_of("/ended", UINT64_MAX, top), -1);
}

/*
 * Figures behind a long line are found. If they are cut they do not count, and no process is
 * reported as the largest.
 */
static void test_top_of_long_files(void **state)
{
	struct kt_process_memory top[KT_LIMIT_TOP];
	static char text[70000];
	const char figures[] = "\nRssAnon:\t 9000 kB\nRssFile:\t 4 kB\nRssShmem:\t 16 kB\n"
			       "VmSwap:\t 0 kB\n";
	size_t used;

	(void)state;
	add_process(61, "grouped\n", 9000, 16);
	add_process(62, "small\n", 100, 0);
	write_text("/long/cgroup.procs", "61\n62\n");
	memset(text, '7', sizeof(text));
	memcpy(text, "Groups:\t", 8);
	used = 4080; /* a page ends between the figures */
	memcpy(text + used, figures, sizeof(figures));
	write_text("/proc/61/status", text);
	assert_int_equal(top_of("/long", UINT64_MAX, top), 2);
	assert_int_equal(top[0].pid, 61);
	assert_int_equal(top[0].anon_bytes, 9000 * KIB);
	assert_int_equal(top[0].shmem_bytes, 16 * KIB);
	text[used + sizeof(figures) - 1] = '7';
	used = 65536 - 20;
	memcpy(text + used, figures, sizeof(figures));
	write_text("/proc/61/status", text);
	assert_int_equal(top_of("/long", UINT64_MAX, top), -1);
	write_text("/proc/61/status",
		   "Pid:\t61\nRssAnon:\t 9000 kB\nRssFile:\t 4 kB\nRssShmem:\t 1");
	assert_int_equal(top_of("/long", UINT64_MAX, top), -1);
	/* the same with a process that cannot be read */
	add_process(61, "grouped\n", 9000, 16);
	write_text("/proc/61/statm", "9999");
	assert_int_equal(top_of("/long", UINT64_MAX, top), -1);
}

/* The same with figures that are not numbers, or too large. */
static void test_top_of_odd_figures(void **state)
{
	static const char *const pages[] = { "",
					     " 1 2 3 4",
					     "1 2",
					     "1 2x 3 4",
					     "1 -2 3 4",
					     "1 18446744073709551616 3 4",
					     "18446744073709551616 2 3 4",
					     "1 2 18446744073709551616 4",
					     "1 2 3x 4" },
				 *const sizes[] = { " kB",
						    "x kB",
						    "-1 kB",
						    "1x kB",
						    "1 MB",
						    "0x10 kB",
						    "+1 kB",
						    "1 kBx",
						    "18446744073709551616 kB",
						    "18014398509481984 kB" };
	struct kt_process_memory top[KT_LIMIT_TOP];
	char status[256];

	(void)state;
	write_text("/odd/cgroup.procs", "65\n");
	for (size_t i = 0; i < COUNT(pages); i++) {
		add_process(65, "odd\n", 4000, 16);
		write_text("/proc/65/statm", pages[i]);
		assert_int_equal(top_of("/odd", UINT64_MAX, top), -1);
	}
	for (size_t i = 0; i < COUNT(sizes); i++) {
		add_process(65, "odd\n", 4000, 16);
		(void)snprintf(status, sizeof(status),
			       "Pid:\t65\nRssAnon:\t%s\nRssFile:\t 4 kB\nRssShmem:\t 16 kB\n"
			       "VmSwap:\t 0 kB\n",
			       sizes[i]);
		write_text("/proc/65/status", status);
		assert_int_equal(top_of("/odd", UINT64_MAX, top), -1);
	}
}

/*
 * Processes that map one large file are all large, but do not displace those with memory of their
 * own.
 */
static void test_top_beside_a_shared_file(void **state)
{
	struct kt_process_memory top[KT_LIMIT_TOP];
	static const char *const pids = "71\n72\n73\n74\n75\n76\n77\n78\n79\n80\n81\n";
	char path[64];

	(void)state;
	for (unsigned int pid = 71; pid < 80; pid++) {
		add_process(pid, "postgres\n", 400, 0);
		(void)snprintf(path, sizeof(path), "/proc/%u/statm", pid);
		write_text(path, "99999 50100 50000 1 0 1 0\n");
	}
	add_process(80, "hog\n", 8000, 0);
	add_process(81, "of-shmem\n", 4, 900000);
	write_text("/shared/cgroup.procs", pids);
	assert_int_equal(top_of("/shared", UINT64_MAX, top), 5);
	assert_int_equal(top[0].pid, 81);
	assert_int_equal(top[1].pid, 80);
	assert_int_equal(top[2].anon_bytes, 400 * KIB);
}

static struct kt_limit_notice notice_of(const char *path)
{
	struct kt_limit_notice notice = { .time_ns = clock_boottime_ns() };
	char whole[PATH_MAX];
	struct stat st;

	(void)snprintf(whole, sizeof(whole), "%s/cgroup%s", tree_root, path);
	assert_int_equal(stat(whole, &st), 0);
	notice.cgroup_id = st.st_ino;
	(void)snprintf(notice.path, sizeof(notice.path), "%s", path);
	return notice;
}

static struct limit_files *open_files(void)
{
	write_text("/cgroup/group/memory.stat", "anon 10\nshmem 20\n");
	write_text("/cgroup/group/cgroup.procs", "41\n");
	add_process(41, "eater\n", 4000, 0);
	add_process(1, "init\n", 4, 0);
	return limit_files_of(open_folder("/cgroup"), open_folder("/proc"));
}

/* A record about that limit with the findings added; returns whether there were any. */
static bool tell(struct limit_files *files, const struct kt_limit_notice *notice, uint64_t time_ns,
		 struct death *ret)
{
	static struct record_builder builder;
	struct kt_limit_memory limit = { .source = KT_LIMIT_COUNTERS,
					 .time_ns = time_ns,
					 .cgroup_id = notice->cgroup_id };
	struct frame frame;
	const void *record;

	builder_init(&builder, 9);
	builder_add(&builder, KT_SECTION_LIMIT_MEMORY, &limit, sizeof(limit));
	frame = builder_frame(&builder);
	record = frame.record;
	frame.record = limit_files_add(files, record, frame.record_size, &frame.record_size);
	assert_int_equal(decode_frame(&frame, NULL, ret), 0);
	assert_int_equal(frame.record != record, frame.record_size > builder.record.size);
	return frame.record != record;
}

static void test_look(void **state)
{
	struct limit_files *files = open_files();
	struct kt_limit_notice notice = notice_of("/group"), other;
	static struct death death;

	(void)state;
	assert_false(tell(files, &notice, notice.time_ns, &death));
	limit_files_look(files, &notice);
	assert_true(tell(files, &notice, notice.time_ns, &death));
	assert_int_equal(death.limit_files.anon_bytes, 10);
	assert_int_equal(death.limit_files.shmem_bytes, 20);
	assert_int_equal(death.limit_files.valid, KT_LIMIT_HAS_ANON | KT_LIMIT_HAS_SHMEM);
	assert_true(death.limit_files.time_ns >= notice.time_ns);
	assert_int_equal(death.limit_top_count, 1);
	assert_int_equal(death.limit_top[0].pid, 41);
	/* read again, the result is the same */
	assert_true(tell(files, &notice, notice.time_ns, &death));
	/* of another time, and of another cgroup */
	assert_false(tell(files, &notice, notice.time_ns + 9ULL * NS_PER_S, &death));
	other = notice;
	other.cgroup_id++;
	assert_false(tell(files, &other, notice.time_ns, &death));
	assert_int_equal(limit_files_late(files), 0);
	limit_files_free(files);
}

/*
 * A look before a kill says nothing about it: two kills in a row get a look each. A third look is
 * not allowed so soon, and that is counted.
 */
static void test_kill_after_a_look(void **state)
{
	struct limit_files *files = open_files();
	const struct kt_limit_notice first = notice_of("/group");
	struct kt_limit_notice second, third;
	static struct death death;

	(void)state;
	limit_files_look(files, &first);
	/* for a kill before that look, the figures are good */
	second = first;
	limit_files_look(files, &second);
	assert_int_equal(limit_files_late(files), 0);
	assert_true(tell(files, &second, second.time_ns, &death));
	second = notice_of("/group");
	assert_true(second.time_ns > death.limit_files.time_ns);
	assert_false(tell(files, &second, second.time_ns, &death));
	limit_files_look(files, &second);
	assert_true(tell(files, &second, second.time_ns, &death));
	assert_true(death.limit_files.time_ns >= second.time_ns);
	assert_int_equal(limit_files_late(files), 0);
	third = notice_of("/group");
	assert_true(third.time_ns > death.limit_files.time_ns);
	limit_files_look(files, &third);
	if (tell(files, &third, third.time_ns, &death)) /* the machine was slow */
		assert_true(death.limit_files.time_ns >= third.time_ns);
	else
		assert_int_equal(limit_files_late(files), 1);
	assert_true(tell(files, &first, first.time_ns, &death));
	limit_files_free(files);
}

/* If some processes are hidden, those that are visible may not be the largest. */
static void test_hidden_processes(void **state)
{
	struct limit_files *files = open_files();
	struct kt_limit_notice notice = notice_of("/group");
	static struct death death;
	char path[PATH_MAX];

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/proc/1/statm", tree_root);
	assert_int_equal(unlink(path), 0);
	limit_files_look(files, &notice);
	assert_true(tell(files, &notice, notice.time_ns, &death));
	assert_int_equal(death.limit_files.anon_bytes, 10);
	assert_int_equal(death.limit_top_count, 0);
	assert_int_equal(limit_files_late(files), 0);
	limit_files_free(files);
}

/* A cgroup that has replaced another, one that is gone, a notice that waited, or an invalid one. */
static void test_not_looked_at(void **state)
{
	struct limit_files *files = open_files();
	struct kt_limit_notice notice = notice_of("/group");
	static struct death death;

	(void)state;
	notice.cgroup_id++;
	limit_files_look(files, &notice);
	assert_false(tell(files, &notice, notice.time_ns, &death));
	notice = notice_of("/group");
	(void)snprintf(notice.path, sizeof(notice.path), "/gone");
	limit_files_look(files, &notice);
	assert_false(tell(files, &notice, notice.time_ns, &death));
	notice = notice_of("/group");
	notice.time_ns -= 9ULL * NS_PER_S;
	limit_files_look(files, &notice);
	assert_false(tell(files, &notice, clock_boottime_ns(), &death));
	notice = notice_of("/group");
	memset(notice.path, 'x', sizeof(notice.path));
	limit_files_look(files, &notice);
	assert_false(tell(files, &notice, notice.time_ns, &death));
	limit_files_free(files);
	limit_files_look(NULL, &notice);
	assert_int_equal(limit_files_late(NULL), 0);
	assert_false(tell(NULL, &notice, notice.time_ns, &death));
}

/* Without room, or if it is not a record, it is left as it is. */
static void test_odd_records(void **state)
{
	struct limit_files *files = open_files();
	struct kt_limit_notice notice = notice_of("/group");
	struct kt_limit_memory limit = { .source = KT_LIMIT_COUNTERS };
	static const char zeroes[KT_RECORD_MAX];
	static struct record_builder builder;
	static struct death death;
	struct frame frame;
	size_t size;

	(void)state;
	limit_files_look(files, &notice);
	limit.time_ns = notice.time_ns;
	limit.cgroup_id = notice.cgroup_id;
	builder_init(&builder, 9);
	builder_add(&builder, KT_SECTION_LIMIT_MEMORY, &limit, sizeof(limit));
	builder_add(&builder, 999, zeroes,
		    KT_RECORD_MAX - builder.record.size - sizeof(struct kt_section));
	frame = builder_frame(&builder);
	frame.record = limit_files_add(files, frame.record, frame.record_size, &frame.record_size);
	assert_int_equal(frame.record_size, KT_RECORD_MAX);
	assert_int_equal(decode_frame(&frame, NULL, &death), 0);
	for (size = 0; size < frame.record_size; size += 8) {
		size_t now;

		assert_non_null(limit_files_add(files, frame.record, size, &now));
		assert_true(now >= size);
	}
	limit_files_free(files);
}

/*
 * A storm does not block: looks stop when they have used their share of a second, and that is
 * counted.
 */
static void test_budget(void **state)
{
	enum { GROUPS = 3000, A_SECOND = 32 };
	struct limit_files *files = open_files();
	struct kt_limit_notice notice;
	uint64_t begin_ns, seconds;
	char path[64];

	(void)state;
	for (int i = 0; i < GROUPS; i++) {
		(void)snprintf(path, sizeof(path), "/cgroup/%d/x", i);
		(void)tree_path(path);
	}
	begin_ns = clock_boottime_ns();
	for (int i = 0; i < GROUPS; i++) {
		(void)snprintf(path, sizeof(path), "/%d", i);
		notice = notice_of(path);
		limit_files_look(files, &notice);
	}
	seconds = (clock_boottime_ns() - begin_ns) / (uint64_t)NS_PER_S + 2;
	assert_true(limit_files_late(files) + seconds * A_SECOND >= GROUPS);
	limit_files_free(files);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stat_of_v2),
		cmocka_unit_test(test_stat_of_v1),
		cmocka_unit_test(test_stat_of_nonsense),
		cmocka_unit_test(test_top),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_top_of_an_ended_leader),
		cmocka_unit_test(test_top_of_long_files),
		cmocka_unit_test(test_top_of_odd_figures),
		cmocka_unit_test(test_top_beside_a_shared_file),
		cmocka_unit_test(test_kill_after_a_look),
		cmocka_unit_test(test_look),
		cmocka_unit_test(test_hidden_processes),
		cmocka_unit_test(test_not_looked_at),
		cmocka_unit_test(test_odd_records),
		cmocka_unit_test(test_budget),
	};

	return cmocka_run_group_tests_name("limit_files", tests, tree_make, tree_remove);
}
