/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs one victim to its end, reaps all its descendants, and prints the line. */
#include "zoo.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TIME_LIMIT_SECONDS = 60 };

volatile int interrupted;

static void on_interrupt(int sig)
{
	interrupted = sig;
}

void play_init(void)
{
	struct sigaction action = { .sa_handler = on_interrupt };
	struct rlimit core;

	witness_open();
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGALRM, &action, NULL);
	/* The runner reaps the orphans of a scene, so that every death has a wait status. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	/* Only the victim for core files may leave one. */
	if (!getrlimit(RLIMIT_CORE, &core)) {
		core.rlim_cur = 0;
		setrlimit(RLIMIT_CORE, &core);
	}
}

static void kill_all(void)
{
	for (unsigned int i = 0; i < witness_count(); i++) {
		struct witness *w = witness_at(i);

		if (w->pid > 0 && !w->reaped)
			kill(w->pid, SIGKILL);
	}
}

static void reap_all(void)
{
	int status;

	for (;;) {
		pid_t pid = waitpid(-1, &status, __WALL);
		struct witness *w;

		if (pid < 0 && errno == EINTR) {
			if (interrupted)
				kill_all();
			continue;
		}
		if (pid < 0)
			return;
		if (!WIFEXITED(status) && !WIFSIGNALED(status))
			continue;
		w = witness_find(pid);
		if (!w) {
			w = witness_new("stranger");
			w->pid = pid;
		}
		w->reaped = true;
		w->status = status;
	}
}

struct simple {
	const struct victim *victim;
};

static void act_simple(struct witness *me, const void *arg)
{
	const struct simple *simple = arg;

	simple->victim->die(me, simple->victim->arg);
}

static void print_witness(const struct witness *w)
{
	printf("\"pid\":%d,\"tid\":%d,\"role\":\"%s\",", w->pid, w->tid ? w->tid : w->pid, w->role);
	if (w->thread_only)
		fputs("\"thread_only\":true,", stdout);
	if (w->reaped)
		printf("\"wait\":{\"signal\":%d,\"core\":%s,\"status\":%d},",
		       WIFSIGNALED(w->status) ? WTERMSIG(w->status) : 0,
		       WIFSIGNALED(w->status) && WCOREDUMP(w->status) ? "true" : "false",
		       WIFEXITED(w->status) ? WEXITSTATUS(w->status) : 0);
	printf("\"knows\":{%.*s", (int)w->knows_length, w->knows);
	if (w->anon_touched)
		printf("%s\"anon_rss\":%" PRIu64, w->knows_length ? "," : "",
		       w->anon_base + w->anon_touched);
	putchar('}');
}

static void print_list(const char *key, bool victims)
{
	const char *separator = "";

	printf(",\"%s\":[", key);
	for (unsigned int i = 0; i < witness_count(); i++) {
		const struct witness *w = witness_at(i);

		if (victims != !strncmp(w->role, "victim", 6))
			continue;
		printf("%s{", separator);
		print_witness(w);
		putchar('}');
		separator = ",";
	}
	putchar(']');
}

static const char *skipped(void)
{
	for (unsigned int i = 0; i < witness_count(); i++) {
		if (witness_at(i)->skip[0])
			return witness_at(i)->skip;
	}
	return NULL;
}

static void print_line(const struct victim *v, const char *skip, int error)
{
	printf("{\"victim\":\"%s\"", v->name);
	if (skip) {
		printf(",\"skipped\":\"%s\"", skip);
	} else if (!witness_count()) {
		/* Not a skip: needs() found everything that the scene needs. */
		printf(",\"failed\":\"%s\"", strerror(error));
	} else {
		if (v->outcome == DIES) {
			putchar(',');
			print_witness(witness_role("victim"));
		} else if (v->outcome == DIE) {
			print_list("deaths", true);
		} else {
			fputs(",\"survives\":true,", stdout);
			print_witness(witness_role("victim"));
		}
		print_list("others", false);
	}
	if (interrupted)
		printf(",\"interrupted\":%d", interrupted);
	puts("}");
	fflush(stdout);
}

int play(const struct victim *v)
{
	const char *skip = v->needs ? v->needs() : NULL;
	struct simple simple = { .victim = v };
	int error;

	witness_clear();
	if (skip) {
		print_line(v, skip, 0);
		return 0;
	}
	alarm(TIME_LIMIT_SECONDS);
	errno = 0;
	if (v->scene)
		v->scene(v);
	else
		actor_start("victim", v->comm, act_simple, &simple);
	error = errno;
	reap_all();
	if (v->after)
		v->after();
	alarm(0);
	cgroup_cleanup();
	print_line(v, skipped(), error);
	/* A victim that took too long is reported as interrupted, and the next one runs. */
	if (interrupted == SIGALRM)
		interrupted = 0;
	return interrupted ? 128 + interrupted : 0;
}
