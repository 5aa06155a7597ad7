// SPDX-License-Identifier: BSD-2-Clause
#include "source/pinned.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/say.h"
#include "source/programs.h"

bool pinned_take_if_armed(struct pinned *pinned, const char *path)
{
	struct pins_generation all[PINS_MOST];
	int count = 0;
	bool armed = false;
	pid_t other;

	if (pins_open(path, false, &pinned->pins, &other))
		return false;
	(void)pins_list(&pinned->pins, all, &count);
	for (int i = 0; i < count && !armed; i++) {
		struct predecessor one;

		if (predecessor_open(&pinned->pins, &all[i], &one))
			continue;
		armed = one.ledger->armed;
		predecessor_close(&one);
	}
	if (!armed)
		pins_close(&pinned->pins);
	return armed;
}

/* Whether nothing can be read from it, now or later. */
static bool is_unused(const struct pins *pins, const struct pins_generation *generation)
{
	struct predecessor one;
	int error;
	bool unused;

	if (generation->whole)
		return false;
	error = predecessor_open(pins, generation, &one);
	if (error)
		return error == -ENOENT;
	unused = predecessor_is_unused(&one);
	predecessor_close(&one);
	return unused;
}

/* How many of the listed generations could be removed. */
static int remove_some_unused(const struct pinned *pinned)
{
	struct pins_generation all[PINS_MOST];
	int count = 0, removed = 0;

	(void)pins_list(&pinned->pins, all, &count);
	for (int i = 0; i < count; i++)
		if (is_unused(&pinned->pins, &all[i]) && !pins_remove(&pinned->pins, all[i].name))
			removed++;
	return removed;
}

/* Each agent that is killed while it starts leaves one. They take memory and names, and can be more
 * than are listed at one time. */
static void remove_unused(const struct pinned *pinned)
{
	while (remove_some_unused(pinned))
		;
}

static int by_age(const void *a, const void *b)
{
	const uint64_t left = ((const struct predecessor *)a)->ledger->base_sequence;
	const uint64_t right = ((const struct predecessor *)b)->ledger->base_sequence;

	return (left > right) - (left < right);
}

/* All generations except the one in use. Those that cannot be read are removed at once. */
static void find_predecessors(struct pinned *pinned, const char *in_use)
{
	struct pins_generation all[PINS_MOST];
	int count = 0;

	(void)pins_list(&pinned->pins, all, &count);
	for (int i = 0; i < count; i++) {
		int error;

		if (!strcmp(all[i].name, in_use))
			continue;
		error = predecessor_open(&pinned->pins, &all[i],
					 &pinned->predecessors[pinned->predecessor_count]);
		if (!error) {
			pinned->predecessor_count++;
			continue;
		}
		say("cannot read what %s/%s has recorded (%s): it is removed", pinned->pins.path,
		    all[i].name, strerror(-error));
		(void)pins_remove(&pinned->pins, all[i].name);
	}
	qsort(pinned->predecessors, (size_t)pinned->predecessor_count,
	      sizeof(pinned->predecessors[0]), by_age);
}

static int open_ledger(struct pinned *pinned)
{
	int fd = pins_get(&pinned->pins, pinned->generation, "ledger", ""), error;

	if (fd < 0)
		return fd;
	error = ledger_map(fd, &pinned->ledger);
	(void)close(fd);
	return error;
}

/* Before anything records, so that there is always a ledger. The outlets continue where they were.
 */
static int make_ledger(struct pinned *pinned)
{
	const struct predecessor *last =
		pinned->predecessor_count ? &pinned->predecessors[pinned->predecessor_count - 1]
					  : NULL;
	AUTO_CLOSE int fd = ledger_create();
	char path[PINS_PATH_SIZE];
	int error = fd < 0 ? fd : ledger_map(fd, &pinned->ledger);

	if (error)
		return error;
	pinned->ledger->layout = LEDGER_LAYOUT;
	pinned->ledger->base_sequence = clock_boottime_ns();
	if (last) {
		memcpy(pinned->ledger->outlets, last->ledger->outlets,
		       sizeof(last->ledger->outlets));
		memcpy(pinned->ledger->counts, last->ledger->counts, sizeof(last->ledger->counts));
	}
	pins_path(&pinned->pins, pinned->generation, "ledger", "", path);
	return bpf_obj_pin(fd, path) ? -errno : 0;
}

int pinned_load(struct pinned *pinned, struct programs *programs)
{
	struct pinned_at at = { &pinned->pins, pinned->generation };
	uint64_t fingerprint;
	int error = programs_fingerprint(programs, &fingerprint);

	if (error)
		return error;
	remove_unused(pinned);
	if (pins_find(&pinned->pins, fingerprint, pinned->generation)) {
		find_predecessors(pinned, pinned->generation);
		error = open_ledger(pinned);
		return error ? error : programs_adopt(programs, &at);
	}
	find_predecessors(pinned, "");
	error = pins_add(&pinned->pins, fingerprint, pinned->generation);
	if (error)
		return error;
	error = make_ledger(pinned);
	if (!error)
		error = programs_load(programs, &at);
	if (error) {
		ledger_unmap(pinned->ledger);
		pinned->ledger = NULL;
		(void)pins_remove(&pinned->pins, pinned->generation);
		return error;
	}
	programs_attach(programs);
	return 0;
}

void pinned_remove(struct pinned *pinned)
{
	if (pinned->ledger)
		(void)pins_remove(&pinned->pins, pinned->generation);
}

bool pinned_step(struct pinned *pinned, int index, struct losses *gone)
{
	struct predecessor *predecessor = &pinned->predecessors[index];

	if (!predecessor_step(predecessor, &pinned->pins))
		return false;
	predecessor_losses(predecessor, gone);
	predecessor_close(predecessor);
	pinned->predecessor_count--;
	memmove(predecessor, predecessor + 1,
		(size_t)(pinned->predecessor_count - index) * sizeof(*predecessor));
	return true;
}

void pinned_close(struct pinned *pinned)
{
	for (int i = 0; i < pinned->predecessor_count; i++)
		predecessor_close(&pinned->predecessors[i]);
	ledger_unmap(pinned->ledger);
	pins_close(&pinned->pins);
}
