// SPDX-License-Identifier: BSD-2-Clause
/* killtrace provoke: lets a harmless process die, and checks that the running agent reports it. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/confine.h"
#include "base/nearest.h"
#include "base/output.h"
#include "base/say.h"
#include "cmd_provoke_feed.h"
#include "commands.h"
#include "explain/names.h"
#include "provoke/victim.h"
#include "watch.h"

#define LOOK_MS 100

struct provocation {
	const struct options *options;
	enum cause cause;
	bool has_feed;
	struct feed_client feed;
	struct evidence_row live;
	struct agent agent;
	struct evidence evidence;
	struct evidence_death death;
	int status;
};

static int list_kinds(void)
{
	for (int i = 0; i < CAUSE_COUNT; i++)
		say_data("%-20s %s%s", cause_name((enum cause)i),
			 provoke_kind((enum cause)i)->refusal ? "refused: " : "",
			 provoke_help((enum cause)i));
	return EXIT_DONE;
}

static int say_unknown(const char *word)
{
	const char *causes[CAUSE_COUNT], *near;

	for (int i = 0; i < CAUSE_COUNT; i++)
		causes[i] = cause_name((enum cause)i);
	near = nearest_word(word, causes, CAUSE_COUNT);
	if (near)
		say("unknown kind '%s'; did you mean '%s'?", word, near);
	else
		say("unknown kind '%s'; 'killtrace provoke --list' has them all", word);
	return EXIT_USAGE;
}

static const char *why_no_agent(int error)
{
	switch (-error) {
	case ENOENT:
	case ENOTDIR:
	case ECONNREFUSED:
		return "no agent runs";
	case EUSERS:
		return "it has as many live views as it takes";
	case EPERM:
		return "it belongs to another user";
	case EPROTO:
		return "it is another program, or another version";
	case EAGAIN:
		return "it does not answer";
	default:
		return strerror(-error);
	}
}

/* The agent itself, by its socket; and where it writes, as it or the user says. */
static bool find_agent(struct provocation *provocation)
{
	const struct options *options = provocation->options;
	const char *path = options->socket ? options->socket : FEED_DEFAULT;
	const bool named = options->history || options->textfile || options->json_file;
	struct agent *agent = &provocation->agent;
	int error = feed_connect(path, &provocation->feed);

	provocation->has_feed = !error;
	if (error && (!named || options->socket))
		say("cannot read from an agent at '%s': %s; start one with 'killtrace daemon', or run "
		    "'killtrace trace' in another terminal and read it there",
		    path, why_no_agent(error));
	if (!error)
		error = agent_read(provocation->feed.pid, agent);
	if (error && provocation->has_feed)
		say("cannot read where the agent (pid %d) writes: %s; name the places by --history, "
		    "--json and --textfile",
		    (int)provocation->feed.pid, strerror(-error));
	if (agent_set(&agent->history, options->history) &&
	    agent_set(&agent->textfile, options->textfile) &&
	    agent_set(&agent->json, options->json_file))
		return true;
	say("cannot look for the agent: out of memory");
	return false;
}

static void say_no_place(const char *kind, int failure)
{
	const int reason = errno;

	if (failure == -PLACE_NO_MEMORY)
		say("cannot provoke %s: a new cgroup has no memory controller here; where systemd "
		    "runs, it has one; else write '+memory' to cgroup.subtree_control of the root",
		    kind);
	else if (failure == -PLACE_NO_KILL)
		say("cannot provoke %s: there is no cgroup.kill; it needs cgroup v2 and Linux 5.14",
		    kind);
	else
		say("cannot provoke %s: no cgroup for the victim can be made: %s%s", kind,
		    strerror(reason),
		    reason == EACCES || reason == EPERM ? "; run it as root" : "");
}

static void say_failure(const struct victim *victim, const char *kind, int failure)
{
	switch (-failure) {
	case VICTIM_UNABLE:
		say("cannot provoke %s: %s", kind,
		    *victim->reason ? victim->reason : "the victim ended too early");
		break;
	case VICTIM_LIVES:
		say("cannot provoke %s: process %d did not die; it was ended", kind,
		    (int)victim->pid);
		break;
	case VICTIM_INTERRUPTED:
		say("interrupted: process %d was ended", (int)victim->pid);
		break;
	default:
		say("cannot provoke %s: %s", kind, strerror(errno));
	}
}

static void say_end(const struct provocation *provocation)
{
	const int status = provocation->status;
	char name[SIGNAL_NAME_SIZE];

	if (WIFSIGNALED(status))
		say_data("%s: process %d was ended by %s", cause_name(provocation->cause),
			 (int)provocation->death.pid, signal_name(WTERMSIG(status), name));
	else
		say_data("%s: process %d exited with status %d", cause_name(provocation->cause),
			 (int)provocation->death.pid, WEXITSTATUS(status));
}

static bool is_as_planned(const struct provoke_kind *kind, int status)
{
	return kind->signal ? WIFSIGNALED(status) && WTERMSIG(status) == kind->signal
			    : WIFEXITED(status) && WEXITSTATUS(status) == kind->status;
}

/* True: a process died as planned. */
static bool let_die(struct provocation *provocation)
{
	const char *name = cause_name(provocation->cause);
	struct evidence_death *death = &provocation->death;
	struct victim victim;
	int place_failure;
	int failure = victim_start(provoke_kind(provocation->cause), &victim, &place_failure);

	death->cause = provocation->cause;
	death->pid = victim.pid;
	if (failure == -VICTIM_NO_PLACE)
		say_no_place(name, place_failure);
	else if (!failure)
		failure = victim_end(&victim);
	if (failure && failure != -VICTIM_NO_PLACE)
		say_failure(&victim, name, failure);
	death->born_ns = clock_realtime_ns(victim.born_ns, clock_realtime_offset_ns());
	death->gone_ns = clock_realtime_ns(victim.gone_ns, clock_realtime_offset_ns());
	provocation->status = victim.status;
	if (!victim_done(&victim))
		say("cannot remove the cgroup '%s', ignoring", victim.place.path[0]);
	if (failure)
		return false;
	say_end(provocation);
	(void)fflush(stdout); /* it can take a while until the agent has reported it */
	if (is_as_planned(victim.kind, provocation->status))
		return true;
	say("cannot provoke %s: that is another end than planned", name);
	return false;
}

/* Nothing but reading is left. SQLite may write beside a database that it reads. */
static void give_up_privileges(const struct provocation *provocation)
{
	const char *history = provocation->agent.history.path;
	const char *end = history ? strrchr(history, '/') : NULL;
	AUTO_FREE char *folder = end && end > history ? strndup(history, (size_t)(end - history))
						      : NULL;
	const struct confinement confinement = { .folders = { folder } };

	confine(&confinement);
}

static void look(struct provocation *provocation)
{
	const uint64_t due_ns = clock_boottime_ns() + provocation->options->within_ns;

	if (provocation->has_feed)
		feed_evidence(&provocation->feed, &provocation->death, due_ns, &provocation->live);
	while (!evidence_look(&provocation->evidence, &provocation->death) &&
	       clock_boottime_ns() < due_ns)
		if (victim_sleep(LOOK_MS))
			break;
}

static void print_row(const struct evidence_row *row, const char *where)
{
	static const char *const states[] = {
		[EVIDENCE_MISSING] = "missing",
		[EVIDENCE_RIGHT] = "reported",
		[EVIDENCE_WRONG] = "wrong",
		[EVIDENCE_UNSEEN] = "unknown",
	};

	if (row->state != EVIDENCE_ABSENT)
		say_data("  %-9s %-11s %s%s%s", states[row->state], row->place, where ? where : "",
			 where ? ": " : "", row->note);
}

static void print_rows(const struct provocation *provocation)
{
	const struct evidence_row *row = provocation->evidence.row;
	const struct agent *agent = &provocation->agent;

	print_row(&provocation->live, NULL);
	print_row(&row[EVIDENCE_HISTORY], agent->history.name);
	print_row(&row[EVIDENCE_JSON], agent->json.name);
	print_row(&row[EVIDENCE_COUNTERS], agent->textfile.name);
	print_row(&row[EVIDENCE_JOURNAL], NULL);
	print_row(&row[EVIDENCE_OTLP], NULL);
}

struct sum {
	bool any, proven, failed;
};

static void count(const struct evidence_row *row, struct sum *sum)
{
	if (row->state != EVIDENCE_ABSENT)
		sum->any = true;
	if (row->state == EVIDENCE_RIGHT && row->names_it)
		sum->proven = true;
	if (row->state == EVIDENCE_MISSING || row->state == EVIDENCE_WRONG)
		sum->failed = true;
}

/* That there is no agent was said. */
static int judge(const struct provocation *provocation)
{
	struct sum sum = { 0 };

	count(&provocation->live, &sum);
	for (int i = 0; i < EVIDENCE_ROWS; i++)
		count(&provocation->evidence.row[i], &sum);
	if (sum.proven && !sum.failed)
		return EXIT_DONE;
	if (output_stop)
		say("interrupted before the agent had reported this death everywhere");
	else if (sum.failed)
		say("the agent did not report this death everywhere within %g s; see 'killtrace "
		    "doctor', and which deaths the agent's options leave out",
		    (double)provocation->options->within_ns / (double)NS_PER_S);
	else if (sum.any)
		say("counters do not show which process died; name --history or --json, or run "
		    "the agent with a live socket");
	return EXIT_FAILED;
}

static int provoke(struct provocation *provocation)
{
	if (!find_agent(provocation))
		return EXIT_FAILED;
	provocation->live = (struct evidence_row){
		.place = "live socket",
		.state = provocation->has_feed ? EVIDENCE_MISSING : EVIDENCE_ABSENT,
		.names_it = true,
	};
	evidence_begin(&provocation->evidence, &provocation->agent, provocation->cause);
	if (!let_die(provocation))
		return EXIT_FAILED;
	give_up_privileges(provocation);
	look(provocation);
	print_rows(provocation);
	return judge(provocation);
}

int cmd_provoke(const struct options *options)
{
	AUTO_FREE struct provocation *provocation = calloc(1, sizeof(*provocation));
	int code;

	if (options->list)
		return list_kinds();
	if (!provocation) {
		say("cannot provoke a death: out of memory");
		return EXIT_FAILED;
	}
	provocation->options = options;
	provocation->cause = cause_by_name(options->argument);
	if (provocation->cause == CAUSE_COUNT)
		return say_unknown(options->argument);
	if (provoke_kind(provocation->cause)->refusal) {
		say("provoke refuses %s: %s", options->argument, provoke_help(provocation->cause));
		return EXIT_USAGE;
	}
	watch_catch_signals(false);
	code = provoke(provocation);
	if (provocation->has_feed)
		(void)close(provocation->feed.fd);
	agent_done(&provocation->agent);
	return code;
}
