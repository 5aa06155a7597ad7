// SPDX-License-Identifier: BSD-2-Clause
#include "unit.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "provoke/evidence.h"
#include "provoke/kind.h"
#include "tree.h"

#define SECOND NS_PER_S

static const struct evidence_death death = {
	.pid = 77,
	.cause = CAUSE_SEGFAULT,
	.born_ns = 1700000000 * SECOND,
	.gone_ns = 1700000001 * SECOND,
};

/* 2023-11-14T22:13:20Z is 1,700,000,000. */
#define LINE(cause, pid, more, start)                                         \
	"{\"schema\":1,\"cause\":\"" cause "\",\"victim\":{\"pid\":" pid more \
	",\"start_time\":\"" start "\"}}\n"
#define START "2023-11-14T22:13:20.500000000Z"
#define OTHER_START "2023-11-14T22:13:30.500000000Z"
#define MINE LINE("segfault", "77", "", START)

static void test_lines(void **state)
{
	const struct {
		const char *line;
		enum evidence_state state;
	} cases[] = {
		{ MINE, EVIDENCE_RIGHT },
		{ LINE("signal", "77", "", START), EVIDENCE_WRONG },
		{ LINE("segfault", "78", "", START), EVIDENCE_MISSING },
		/* the same number at another time is another process */
		{ LINE("segfault", "77", "", OTHER_START), EVIDENCE_MISSING },
		/* this process is in a pid namespace, the agent is not */
		{ LINE("segfault", "9077", ",\"ns_pid\":77", START), EVIDENCE_RIGHT },
		{ "{\"schema\":1,\"lost\":{\"ring_full\":1}}", EVIDENCE_MISSING },
		{ "{\"cause\":7,\"victim\":{\"pid\":77}}", EVIDENCE_MISSING },
		{ "{\"cause\":\"segfault\",\"victim\":{\"pid\":77}}", EVIDENCE_MISSING },
		{ "{\"cause\":\"segfau", EVIDENCE_MISSING },
		{ "", EVIDENCE_MISSING },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char note[64] = "";

		assert_int_equal(evidence_of_line(cases[i].line, &death, note, sizeof(note)),
				 cases[i].state);
		assert_int_equal(note[0] != '\0', cases[i].state != EVIDENCE_MISSING);
	}
}

static enum evidence_state look_json(const char *path, const struct stat *before)
{
	struct agent_place place = { .path = (char *)path };
	struct evidence_row row = { .state = EVIDENCE_MISSING };

	evidence_look_json(&place, before, &death, &row);
	return row.state;
}

/* Lines from before do not count, except in a file that is another one now. */
static void test_json_file(void **state)
{
	const char *path = "/k.json";
	struct stat before;

	(void)state;
	tree_write(path, MINE);
	assert_int_equal(stat(tree_path(path), &before), 0);
	assert_int_equal(look_json(tree_path(path), &before), EVIDENCE_MISSING);
	tree_write(path, MINE MINE);
	assert_int_equal(look_json(tree_path(path), &before), EVIDENCE_RIGHT);
	/* rotated: shorter than before */
	tree_write(path, LINE("segfault", "1", "", START) MINE);
	before.st_size = 10000;
	assert_int_equal(look_json(tree_path(path), &before), EVIDENCE_RIGHT);
	assert_int_equal(look_json(tree_root, &before), EVIDENCE_MISSING);
	assert_int_equal(look_json(tree_path("/none"), &before), EVIDENCE_MISSING);
	assert_int_equal(mkfifo(tree_path("/fifo"), 0600), 0);
	assert_int_equal(look_json(tree_path("/fifo"), &before), EVIDENCE_MISSING);
}

static void test_counters(void **state)
{
	struct agent_place place = { .path = tree_root };
	struct evidence_counters counters;

	(void)state;
	evidence_read_counters(&place, CAUSE_OOM_MEMCG, &counters);
	assert_false(counters.read);
	tree_write("/killtrace.prom",
		   "# Written by killtrace\n"
		   "killtrace_kills_total{cause=\"oom-memcg\",class=\"kernel\"} 12\n"
		   "killtrace_kills_total{cause=\"segfault\",class=\"kernel\"} 4\n"
		   "killtrace_workload_kills_total{cause=\"oom-memcg\",unit=\"} 99\"} 3\n"
		   "killtrace_sink_reported_total{sink=\"journal\"} 15\n"
		   "killtrace_sink_reported_total{sink=\"otlp\"} 16\n"
		   "killtrace_sink_folded_total{sink=\"otlp\"} 17\n");
	evidence_read_counters(&place, CAUSE_OOM_MEMCG, &counters);
	assert_true(counters.read);
	assert_int_equal(counters.kills, 12);
	assert_int_equal(counters.journal, 15);
	assert_int_equal(counters.otlp, 16);
}

/* An agent that reads nothing but its own words: a shell that waits. */
static pid_t start_words(char *const words[], int *ret_gate)
{
	int gate[2];
	pid_t pid;

	assert_int_equal(pipe(gate), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		(void)dup2(gate[0], STDIN_FILENO);
		(void)close(gate[0]);
		(void)close(gate[1]);
		(void)chdir(tree_root);
		(void)execv("/bin/sh", words);
		_exit(1);
	}
	(void)close(gate[0]);
	*ret_gate = gate[1];
	return pid;
}

/* Until it is the shell, its words are ours. */
static void read_agent(pid_t pid, struct agent *ret)
{
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(agent_read(pid, ret), 0);
		if (ret->journal)
			return;
		agent_done(ret);
		(void)usleep(10000);
	}
	fail_msg("the shell did not start");
}

static void test_agent(void **state)
{
	char *const words[] = {
		"killtrace", "-c",        "read x",      "daemon",        "--history",
		"/old.db",   "--journal", "--otlp-gzip", "--textfile",    "metrics",
		"--json",    "-",         "--history",   "/var/lib/h.db", NULL
	};
	struct agent agent;
	int gate;
	pid_t pid = start_words(words, &gate);

	(void)state;
	read_agent(pid, &agent);
	assert_string_equal(agent.history.name, "/var/lib/h.db");
	assert_null(agent.json.path);
	assert_false(agent.otlp);
	/* relative to where it is, which is not where we are */
	assert_string_equal(agent.textfile.name, "metrics");
	assert_int_equal(mkdir(tree_path("/metrics"), 0755), 0);
	assert_int_equal(access(agent.textfile.path, F_OK), 0);
	assert_true(agent_set(&agent.history, NULL));
	assert_string_equal(agent.history.name, "/var/lib/h.db");
	assert_true(agent_set(&agent.history, "/mine.db"));
	assert_string_equal(agent.history.path, "/mine.db");
	agent_done(&agent);
	(void)close(gate);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(agent_read(pid, &agent), -ENOENT);
}

static void test_kinds(void **state)
{
	(void)state;
	for (int i = 0; i < CAUSE_COUNT; i++) {
		const struct provoke_kind *kind = provoke_kind((enum cause)i);

		assert_non_null(provoke_help((enum cause)i));
		if (kind->refusal)
			continue;
		/* it ends in one way, and something makes it end */
		assert_true((kind->signal != 0) != (kind->status != 0));
		assert_true((kind->die != NULL) != (kind->act != NULL));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test_setup_teardown(test_json_file, tree_make, tree_remove),
		cmocka_unit_test_setup_teardown(test_counters, tree_make, tree_remove),
		cmocka_unit_test_setup_teardown(test_agent, tree_make, tree_remove),
		cmocka_unit_test(test_kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
