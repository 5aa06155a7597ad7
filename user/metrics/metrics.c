// SPDX-License-Identifier: BSD-2-Clause
#include "metrics/metrics.h"

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "explain/names.h"
#include "metrics/workloads.h"

#define WORKLOAD_LIFE_NS (NS_PER_S * 24 * 3600)
#define MOST_OUTLETS 8

/* Signals have the numbers 1 to 64; 0: none of these. */
#define SIGNAL_NUMBERS 65

struct outlet_count {
	char name[16];
	uint64_t errors, dropped; /* of this agent's outlet */
	uint64_t errors_before;   /* of earlier agents */
	bool writes;              /* records */
	uint64_t reported, folded;
};

struct metrics {
	pthread_mutex_t lock;
	char boot_id[40];
	uint64_t kills[CAUSE_COUNT];
	uint64_t routine_ends[SIGNAL_NUMBERS];
	uint64_t sequence; /* of the newest death that is counted, even by an earlier agent */
	struct losses losses;
	uint64_t dropped_before; /* by outlets of earlier agents */
	struct workloads *workloads;
	uint64_t trimmed_before; /* of those, by earlier agents */
	bool attached[HOOK_COUNT];
	uint64_t ring_size, ring_highest; /* bytes; 0: not set */
	bool has_container_reader, container_reader;
	struct outlet_count outlets[MOST_OUTLETS];
	bool has_kernel_oom_kills;
	uint64_t kernel_oom_first, kernel_oom_now;
	int64_t start_ns;
};

static int64_t now_ns(void)
{
	return clock_realtime_ns(clock_boottime_ns(), clock_realtime_offset_ns());
}

struct metrics *metrics_new(const char *boot_id)
{
	struct metrics *metrics = calloc(1, sizeof(*metrics));

	if (!metrics)
		return NULL;
	(void)pthread_mutex_init(&metrics->lock, NULL);
	(void)snprintf(metrics->boot_id, sizeof(metrics->boot_id), "%s", boot_id);
	metrics->start_ns = now_ns();
	metrics->workloads = workloads_new();
	if (!metrics->workloads) {
		metrics_free(metrics);
		return NULL;
	}
	return metrics;
}

void metrics_free(struct metrics *metrics)
{
	if (!metrics)
		return;
	workloads_free(metrics->workloads);
	free(metrics);
}

/* With the lock. The previous agent may have counted what the ring buffer still holds. */
static bool is_new(struct metrics *metrics, const struct death *death)
{
	if (death->sequence && death->sequence <= metrics->sequence)
		return false;
	metrics->sequence = death->sequence;
	return true;
}

/* With the lock. */
static void count_routine(struct metrics *metrics, const struct report *report)
{
	const uint32_t number = report->death->record.status & KT_STATUS_SIGNAL;

	if (report->verdict.routine)
		metrics->routine_ends[number < SIGNAL_NUMBERS ? number : 0]++;
}

void metrics_count_death(struct metrics *metrics, const struct report *report)
{
	const struct death *death = report->death;
	const struct workload workload = workload_of(report->whose, attribution_cgroup(death));

	if (report->verdict.stuck) /* it is counted when it is dead */
		return;
	(void)pthread_mutex_lock(&metrics->lock);
	if (is_new(metrics, death)) {
		metrics->kills[report->verdict.cause]++;
		workloads_count(
			metrics->workloads, &workload, &report->share, report->verdict.cause,
			clock_realtime_ns(death->record.time_ns, death->realtime_offset_ns));
		count_routine(metrics, report);
	}
	(void)pthread_mutex_unlock(&metrics->lock);
}

void metrics_count_hidden(struct metrics *metrics, const struct report *report)
{
	if (report->verdict.stuck)
		return;
	(void)pthread_mutex_lock(&metrics->lock);
	if (is_new(metrics, report->death))
		count_routine(metrics, report);
	(void)pthread_mutex_unlock(&metrics->lock);
}

void metrics_count_losses(struct metrics *metrics, const struct losses *losses)
{
	(void)pthread_mutex_lock(&metrics->lock);
	losses_add(&metrics->losses, losses);
	(void)pthread_mutex_unlock(&metrics->lock);
}

void metrics_set_hook(struct metrics *metrics, enum hook hook, bool attached)
{
	(void)pthread_mutex_lock(&metrics->lock);
	metrics->attached[hook] = attached;
	(void)pthread_mutex_unlock(&metrics->lock);
}

void metrics_set_ring(struct metrics *metrics, uint64_t size, uint64_t highest)
{
	(void)pthread_mutex_lock(&metrics->lock);
	metrics->ring_size = size;
	metrics->ring_highest = highest;
	(void)pthread_mutex_unlock(&metrics->lock);
}

void metrics_set_container_reader(struct metrics *metrics, bool runs)
{
	(void)pthread_mutex_lock(&metrics->lock);
	metrics->has_container_reader = true;
	metrics->container_reader = runs;
	(void)pthread_mutex_unlock(&metrics->lock);
}

/* With the lock. Made if it is missing; NULL: there is no room. */
static struct outlet_count *outlet_of(struct metrics *metrics, const char *name)
{
	for (unsigned int i = 0; i < MOST_OUTLETS; i++) {
		struct outlet_count *outlet = &metrics->outlets[i];

		if (!outlet->name[0])
			(void)snprintf(outlet->name, sizeof(outlet->name), "%s", name);
		if (!strcmp(outlet->name, name))
			return outlet;
	}
	return NULL;
}

void metrics_set_outlet(struct metrics *metrics, const char *name, uint64_t errors,
			uint64_t dropped)
{
	struct outlet_count *outlet;

	(void)pthread_mutex_lock(&metrics->lock);
	outlet = outlet_of(metrics, name);
	if (outlet) {
		outlet->errors = errors;
		outlet->dropped = dropped;
	}
	(void)pthread_mutex_unlock(&metrics->lock);
}

void metrics_set_written(struct metrics *metrics, const char *name, uint64_t reported,
			 uint64_t folded)
{
	struct outlet_count *outlet;

	(void)pthread_mutex_lock(&metrics->lock);
	outlet = outlet_of(metrics, name);
	if (outlet) {
		outlet->writes = true;
		outlet->reported = reported;
		outlet->folded = folded;
	}
	(void)pthread_mutex_unlock(&metrics->lock);
}

void metrics_written(struct metrics *metrics, const char *name, uint64_t *ret_reported,
		     uint64_t *ret_folded)
{
	const struct outlet_count *outlet;

	(void)pthread_mutex_lock(&metrics->lock);
	outlet = outlet_of(metrics, name);
	*ret_reported = outlet ? outlet->reported : 0;
	*ret_folded = outlet ? outlet->folded : 0;
	(void)pthread_mutex_unlock(&metrics->lock);
}

void metrics_set_kernel_oom_kills(struct metrics *metrics, uint64_t total)
{
	(void)pthread_mutex_lock(&metrics->lock);
	if (!metrics->has_kernel_oom_kills)
		metrics->kernel_oom_first = total;
	metrics->has_kernel_oom_kills = true;
	metrics->kernel_oom_now = total;
	(void)pthread_mutex_unlock(&metrics->lock);
}

/* One HELP and one TYPE per name, directly before its samples. */
static void write_head(FILE *file, const char *name, const char *type, const char *help)
{
	(void)fprintf(file, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* Names are data: bytes that would end the label or the line are escaped, since the file is also
 * read with cat. */
static void write_label(FILE *file, const char *name, const char *value, const char *behind)
{
	char clean[1024];

	text_for_terminal_again(value ? value : "", clean, sizeof(clean));
	(void)fprintf(file, "%s=\"", name);
	for (const char *at = clean; *at; at++)
		if (*at == '"' || *at == '\\')
			(void)fprintf(file, "\\%c", *at);
		else
			(void)fputc(*at, file);
	(void)fprintf(file, "\"%s", behind);
}

static void write_kills(const struct metrics *metrics, FILE *file)
{
	write_head(file, "killtrace_kills_total", "counter", "Deaths by cause.");
	for (int i = 0; i < CAUSE_COUNT; i++)
		(void)fprintf(file,
			      "killtrace_kills_total{cause=\"%s\",class=\"%s\"} %" PRIu64 "\n",
			      cause_name((enum cause)i), cause_class((enum cause)i),
			      metrics->kills[i]);
}

/* Those that are always shown. */
static bool is_usual_end(int number)
{
	return number == SIGHUP || number == SIGINT || number == SIGQUIT || number == SIGKILL ||
	       number == SIGPIPE || number == SIGALRM || number == SIGTERM;
}

static const char *end_name(int number, char ret_name[SIGNAL_NAME_SIZE])
{
	return number ? signal_name(number, ret_name) : "none";
}

static void write_routine_ends(const struct metrics *metrics, FILE *file)
{
	char name[SIGNAL_NAME_SIZE];

	write_head(file, "killtrace_routine_ends_total", "counter",
		   "Ordinary ends, which are hidden by default, by signal.");
	for (int i = 0; i < SIGNAL_NUMBERS; i++)
		if (metrics->routine_ends[i] || is_usual_end(i))
			(void)fprintf(file,
				      "killtrace_routine_ends_total{signal=\"%s\"} %" PRIu64 "\n",
				      end_name(i, name), metrics->routine_ends[i]);
}

static void write_workload(FILE *file, const char *name, const struct workload *workload,
			   enum cause cause)
{
	(void)fprintf(file, "%s{", name);
	write_label(file, "cause", cause_name(cause), ",");
	write_label(file, "kind", workload_kind_name(workload->kind), ",");
	write_label(file, "namespace", workload->namespace, ",");
	write_label(file, "pod", workload->pod, ",");
	write_label(file, "container", workload->container, ",");
	write_label(file, "unit", workload->unit, "} ");
}

static void write_workload_kills(void *file, const struct workload *workload, enum cause cause,
				 uint64_t kills, int64_t last_ns)
{
	(void)last_ns;
	write_workload(file, "killtrace_workload_kills_total", workload, cause);
	(void)fprintf(file, "%" PRIu64 "\n", kills);
}

static void write_workload_last(void *file, const struct workload *workload, enum cause cause,
				uint64_t kills, int64_t last_ns)
{
	(void)kills;
	write_workload(file, "killtrace_workload_last_kill_timestamp_seconds", workload, cause);
	(void)fprintf(file, "%.3f\n", (double)last_ns / (double)NS_PER_S);
}

static void write_workloads(const struct metrics *metrics, FILE *file)
{
	write_head(
		file, "killtrace_workload_kills_total", "counter",
		"Deaths by cause of what was killed: a pod's container, a container, a unit, or a "
		"cgroup (its path as unit).");
	workloads_each(metrics->workloads, write_workload_kills, file);
	write_head(file, "killtrace_workload_last_kill_timestamp_seconds", "gauge",
		   "When it was killed last.");
	workloads_each(metrics->workloads, write_workload_last, file);
	write_head(
		file, "killtrace_workload_series_trimmed_total", "counter",
		"Series of workloads that gave way to others; their deaths count as kind=other.");
	(void)fprintf(file, "killtrace_workload_series_trimmed_total %" PRIu64 "\n",
		      metrics->trimmed_before + workloads_trimmed(metrics->workloads));
}

static uint64_t dropped_by_outlets(const struct metrics *metrics)
{
	uint64_t dropped = metrics->dropped_before;

	for (unsigned int i = 0; i < MOST_OUTLETS; i++)
		dropped += metrics->outlets[i].dropped;
	return dropped;
}

static uint64_t errors_of(const struct outlet_count *outlet)
{
	return outlet->errors_before + outlet->errors;
}

static void write_losses(const struct metrics *metrics, FILE *file)
{
	write_head(file, "killtrace_lost_total", "counter", "What got lost, by reason.");
	for (int i = 0; i < LOSS_COUNT; i++) {
		uint64_t lost = metrics->losses.count[i];

		if (i == LOSS_OUTPUT)
			lost += dropped_by_outlets(metrics);
		(void)fprintf(file, "killtrace_lost_total{reason=\"%s\"} %" PRIu64 "\n",
			      loss_name((enum loss)i), lost);
	}
	write_head(file, "killtrace_sink_errors_total", "counter", "Failed attempts of a sink.");
	for (unsigned int i = 0; i < MOST_OUTLETS && metrics->outlets[i].name[0]; i++)
		(void)fprintf(file, "killtrace_sink_errors_total{sink=\"%s\"} %" PRIu64 "\n",
			      metrics->outlets[i].name, errors_of(&metrics->outlets[i]));
}

static void write_written(const struct metrics *metrics, FILE *file)
{
	const struct outlet_count *outlet;

	write_head(file, "killtrace_sink_reported_total", "counter",
		   "Deaths that a sink has written, with a record of their own.");
	for (outlet = metrics->outlets; outlet < metrics->outlets + MOST_OUTLETS; outlet++)
		if (outlet->writes)
			(void)fprintf(file,
				      "killtrace_sink_reported_total{sink=\"%s\"} %" PRIu64 "\n",
				      outlet->name, outlet->reported);
	write_head(file, "killtrace_sink_folded_total", "counter",
		   "Deaths that a sink has written in the record of an equal one.");
	for (outlet = metrics->outlets; outlet < metrics->outlets + MOST_OUTLETS; outlet++)
		if (outlet->writes)
			(void)fprintf(file,
				      "killtrace_sink_folded_total{sink=\"%s\"} %" PRIu64 "\n",
				      outlet->name, outlet->folded);
}

static void write_ring(const struct metrics *metrics, FILE *file)
{
	if (!metrics->ring_size)
		return;
	write_head(file, "killtrace_ring_size_bytes", "gauge", "The size of the ring buffer.");
	(void)fprintf(file, "killtrace_ring_size_bytes %" PRIu64 "\n", metrics->ring_size);
	write_head(file, "killtrace_ring_highest_bytes", "gauge",
		   "The most of the ring buffer that was used at one time since the agent began.");
	(void)fprintf(file, "killtrace_ring_highest_bytes %" PRIu64 "\n", metrics->ring_highest);
}

static void write_container_reader(const struct metrics *metrics, FILE *file)
{
	if (!metrics->has_container_reader)
		return;
	write_head(file, "killtrace_container_reader_up", "gauge",
		   "Whether the process that reads names of containers and pods runs.");
	(void)fprintf(file, "killtrace_container_reader_up %d\n", metrics->container_reader);
}

static void write_state(const struct metrics *metrics, FILE *file)
{
	if (metrics->has_kernel_oom_kills) {
		write_head(
			file, "killtrace_kernel_oom_kills_total", "counter",
			"The kernel's own count of OOM kills (/proc/vmstat) since the agent began.");
		(void)fprintf(file, "killtrace_kernel_oom_kills_total %" PRIu64 "\n",
			      metrics->kernel_oom_now - metrics->kernel_oom_first);
	}
	write_head(file, "killtrace_hook_attached", "gauge", "Whether a hook is attached.");
	for (int i = 0; i < HOOK_COUNT; i++)
		(void)fprintf(file, "killtrace_hook_attached{hook=\"%s\"} %d\n",
			      hook_name((enum hook)i), metrics->attached[i]);
	write_ring(metrics, file);
	write_container_reader(metrics, file);
	write_head(file, "killtrace_heartbeat_timestamp_seconds", "gauge",
		   "When this was written.");
	(void)fprintf(file, "killtrace_heartbeat_timestamp_seconds %.3f\n",
		      (double)now_ns() / (double)NS_PER_S);
	write_head(file, "killtrace_start_time_seconds", "gauge", "When the agent began.");
	(void)fprintf(file, "killtrace_start_time_seconds %.3f\n",
		      (double)metrics->start_ns / (double)NS_PER_S);
	/* whole seconds: the offset is not exact, and a value that changes costs room */
	write_head(file, "killtrace_boot_time_seconds", "gauge",
		   "When the node booted, and counters began again.");
	(void)fprintf(file, "killtrace_boot_time_seconds %.0f\n",
		      (double)clock_realtime_offset_ns() / (double)NS_PER_S);
	write_head(file, "killtrace_build_info", "gauge", "Which version this is.");
	(void)fprintf(file, "killtrace_build_info{");
	write_label(file, "version", KT_VERSION, "} 1\n");
}

void metrics_write(struct metrics *metrics, FILE *file)
{
	(void)pthread_mutex_lock(&metrics->lock);
	workloads_expire(metrics->workloads, now_ns() - WORKLOAD_LIFE_NS);
	write_kills(metrics, file);
	write_routine_ends(metrics, file);
	write_workloads(metrics, file);
	write_losses(metrics, file);
	write_written(metrics, file);
	write_state(metrics, file);
	(void)pthread_mutex_unlock(&metrics->lock);
}

static void set_number(json_t *object, const char *key, uint64_t number)
{
	(void)json_object_set_new(object, key, json_integer((json_int_t)number));
}

/* With the lock. */
static json_t *save_routine_ends(const struct metrics *metrics)
{
	json_t *saved = json_object();
	char name[SIGNAL_NAME_SIZE];

	for (int i = 0; i < SIGNAL_NUMBERS; i++)
		if (metrics->routine_ends[i])
			set_number(saved, end_name(i, name), metrics->routine_ends[i]);
	return saved;
}

json_t *metrics_save(struct metrics *metrics)
{
	json_t *saved = json_object(), *kills = json_object(), *lost = json_object(),
	       *errors = json_object(), *reported = json_object(), *folded = json_object();

	(void)pthread_mutex_lock(&metrics->lock);
	(void)json_object_set_new(saved, "boot_id", json_string(metrics->boot_id));
	for (int i = 0; i < CAUSE_COUNT; i++)
		set_number(kills, cause_name((enum cause)i), metrics->kills[i]);
	for (int i = 0; i < LOSS_COUNT; i++)
		set_number(lost, loss_name((enum loss)i), metrics->losses.count[i]);
	(void)json_object_set_new(saved, "kills", kills);
	(void)json_object_set_new(saved, "routine_ends", save_routine_ends(metrics));
	for (unsigned int i = 0; i < MOST_OUTLETS && metrics->outlets[i].name[0]; i++) {
		const struct outlet_count *outlet = &metrics->outlets[i];

		set_number(errors, outlet->name, errors_of(outlet));
		set_number(reported, outlet->name, outlet->reported);
		set_number(folded, outlet->name, outlet->folded);
	}
	(void)json_object_set_new(saved, "sink_reported", reported);
	(void)json_object_set_new(saved, "sink_folded", folded);
	(void)json_object_set_new(saved, "lost", lost);
	(void)json_object_set_new(saved, "sink_errors", errors);
	set_number(saved, "sequence", metrics->sequence);
	set_number(saved, "dropped", dropped_by_outlets(metrics));
	if (metrics->has_kernel_oom_kills)
		set_number(saved, "kernel_oom_first", metrics->kernel_oom_first);
	(void)json_object_set_new(saved, "workloads", workloads_save(metrics->workloads));
	set_number(saved, "workloads_trimmed",
		   metrics->trimmed_before + workloads_trimmed(metrics->workloads));
	(void)pthread_mutex_unlock(&metrics->lock);
	return saved;
}

void metrics_forget_above(struct metrics *metrics, uint64_t newest)
{
	(void)pthread_mutex_lock(&metrics->lock);
	if (metrics->sequence > newest)
		metrics->sequence = 0;
	(void)pthread_mutex_unlock(&metrics->lock);
}

static uint64_t number_of(const json_t *object, const char *key)
{
	json_int_t number = json_integer_value(json_object_get(object, key));

	return number > 0 ? (uint64_t)number : 0;
}

/* It is used as a label without a change. */
static bool is_outlet_name(const char *name)
{
	size_t size = strspn(name, "abcdefghijklmnopqrstuvwxyz");

	return size && !name[size] && size < sizeof(((struct outlet_count *)NULL)->name);
}

/* Before any outlet of this agent has set its counts. */
static void load_outlets(struct metrics *metrics, const json_t *saved)
{
	const json_t *reported = json_object_get(saved, "sink_reported");
	const json_t *folded = json_object_get(saved, "sink_folded");
	unsigned int i = 0;
	const char *name;
	json_t *errors;

	json_object_foreach(json_object_get(saved, "sink_errors"), name, errors) {
		struct outlet_count *outlet = &metrics->outlets[i];

		if (!is_outlet_name(name))
			continue;
		(void)snprintf(outlet->name, sizeof(outlet->name), "%s", name);
		outlet->errors_before =
			json_integer_value(errors) > 0 ? (uint64_t)json_integer_value(errors) : 0;
		outlet->reported = number_of(reported, name);
		outlet->folded = number_of(folded, name);
		if (++i == MOST_OUTLETS)
			break;
	}
}

static void load_routine_ends(struct metrics *metrics, const json_t *saved)
{
	char name[SIGNAL_NAME_SIZE];

	for (int i = 0; i < SIGNAL_NUMBERS; i++)
		metrics->routine_ends[i] = number_of(saved, end_name(i, name));
}

bool metrics_load(struct metrics *metrics, const json_t *saved)
{
	const char *boot_id = json_string_value(json_object_get(saved, "boot_id"));
	const json_t *kills = json_object_get(saved, "kills");
	const json_t *lost = json_object_get(saved, "lost");
	const json_t *oom_first = json_object_get(saved, "kernel_oom_first");

	if (!boot_id || strcmp(boot_id, metrics->boot_id) != 0 || !json_is_object(kills))
		return false;
	(void)pthread_mutex_lock(&metrics->lock);
	for (int i = 0; i < CAUSE_COUNT; i++)
		metrics->kills[i] = number_of(kills, cause_name((enum cause)i));
	for (int i = 0; i < LOSS_COUNT; i++)
		metrics->losses.count[i] = number_of(lost, loss_name((enum loss)i));
	metrics->sequence = number_of(saved, "sequence");
	metrics->dropped_before = number_of(saved, "dropped");
	if (json_is_integer(oom_first)) {
		metrics->has_kernel_oom_kills = true;
		metrics->kernel_oom_first = number_of(saved, "kernel_oom_first");
		metrics->kernel_oom_now = metrics->kernel_oom_first;
	}
	load_routine_ends(metrics, json_object_get(saved, "routine_ends"));
	load_outlets(metrics, saved);
	workloads_load(metrics->workloads, json_object_get(saved, "workloads"));
	metrics->trimmed_before = number_of(saved, "workloads_trimmed");
	(void)pthread_mutex_unlock(&metrics->lock);
	return true;
}
