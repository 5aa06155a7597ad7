// SPDX-License-Identifier: BSD-2-Clause
/* Deaths are handed back: real outlets behind a real fan-out, and a ring buffer of numbers. */
#include "unit.h"

#include "base/clock.h"
#include "outlet/handback.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#define MS 1000
#define SOON ((uint64_t)NS_PER_S)
#define QUEUE 4096 /* the queue of an outlet, in events */
#define ROOMY 1000000

/* A source whose records have the sequences 1, 2, 3 ... and a ring buffer that counts them. */
struct tracer {
	uint64_t first; /* the oldest that is not released */
	uint64_t next;  /* the next to be read */
	uint64_t end;   /* the next to be written */
	uint64_t size;
	bool keeps;
	bool losses_are_safe;
	bool released_in_silence;
};

static struct tracer ring;
static const struct ledger_outlet *ring_mark; /* NULL: not checked */

static void keep(struct tracer *tracer)
{
	tracer->keeps = true;
}

static uint64_t reach(const struct tracer *tracer, uint64_t sequence, uint64_t most)
{
	uint64_t first = tracer->first;

	while (first < tracer->next && first < sequence && tracer->end - first > most)
		first++;
	return first;
}

/*
 * Everything released is safe, lost or at risk, and marked as such: if the agent is killed now,
 * nothing is left uncounted.
 */
static void release(struct tracer *tracer, uint64_t sequence)
{
	tracer->first = reach(tracer, sequence ? sequence : UINT64_MAX, 0);
	if (ring_mark && ring_mark->safe + 1 < tracer->first)
		tracer->released_in_silence = true;
}

static uint64_t crowded(const struct tracer *tracer, uint64_t needed, bool patient)
{
	const uint64_t most = tracer->size / 4 * 3;
	uint64_t first = reach(tracer, needed ? needed : UINT64_MAX, most);

	if (tracer->end - first > tracer->size / 8 * 7 && !patient)
		first = reach(tracer, UINT64_MAX, most);
	return first > tracer->first ? first - 1 : 0;
}

static void rewind_to(struct tracer *tracer, uint64_t sequence)
{
	if (sequence < tracer->next)
		tracer->next = sequence > tracer->first ? sequence : tracer->first;
}

static uint64_t newest(const struct tracer *tracer)
{
	return tracer->end - 1;
}

static void losses_are_safe(struct tracer *tracer)
{
	tracer->losses_are_safe = true;
}

static const struct handback_source source = {
	.keep = keep,
	.release = release,
	.crowded = crowded,
	.rewind = rewind_to,
	.newest = newest,
	.losses_are_safe = losses_are_safe,
};

struct puppet {
	struct outlet outlet;
	pthread_mutex_t gate; /* held: deliver hangs */
	atomic_bool failing;
	atomic_uint delivered;
	uint64_t first, last;
	atomic_bool disorder;
};

static int deliver(struct outlet *outlet, const struct event *event)
{
	struct puppet *puppet = (struct puppet *)outlet;

	if (atomic_load(&puppet->failing))
		return -EIO;
	(void)pthread_mutex_lock(&puppet->gate);
	(void)pthread_mutex_unlock(&puppet->gate);
	if (event->sequence <= puppet->last)
		atomic_store(&puppet->disorder, true);
	if (!puppet->first)
		puppet->first = event->sequence;
	puppet->last = event->sequence;
	atomic_fetch_add(&puppet->delivered, 1);
	return 0;
}

static void drop(struct outlet *outlet)
{
	(void)outlet;
}

static const struct outlet_ops ops = { .name = "puppet", .deliver = deliver, .free = drop };

/* An agent with its outlets. */
struct agent {
	struct fanout *fanout;
	struct handback handback;
	struct puppet puppets[2];
	unsigned int first_readings; /* records that this agent had not read before */
};

static struct agent one, other;
static struct ledger_outlet marks[2];

static void begin(struct agent *agent, unsigned int outlets, struct ledger_outlet *with)
{
	ring_mark = outlets == 1 ? with : NULL;
	memset(agent, 0, sizeof(*agent));
	agent->fanout = fanout_new(NULL);
	assert_non_null(agent->fanout);
	for (unsigned int i = 0; i < outlets; i++) {
		agent->puppets[i].outlet.ops = &ops;
		(void)pthread_mutex_init(&agent->puppets[i].gate, NULL);
		assert_true(fanout_add(agent->fanout, outlet_thread_start(&agent->puppets[i].outlet,
									  NULL, &with[i])));
	}
	handback_begin(&agent->handback, &source, &ring, agent->fanout);
	assert_true(ring.keeps);
}

/* The number of events that its outlets lost. */
static uint64_t end(struct agent *agent)
{
	uint64_t lost;

	handback_end(&agent->handback, SOON, &lost);
	assert_false(fanout_hangs(agent->fanout));
	assert_false(agent->puppets[0].disorder);
	assert_false(agent->puppets[1].disorder);
	assert_false(ring.released_in_silence);
	fanout_free(agent->fanout);
	return lost;
}

static void die(unsigned int count)
{
	ring.end += count;
}

static bool read_all(struct agent *agent)
{
	static struct attribution whose;
	static struct origin origin;
	static struct death death;
	const struct report report = {
		.origin = &origin, .death = &death, .whose = &whose, .summary = "-"
	};

	for (; ring.next < ring.end; ring.next++) {
		death.sequence = ring.next;
		agent->first_readings += handback_note(&agent->handback, ring.next);
		fanout_death(agent->fanout, &report);
	}
	return handback_settle(&agent->handback);
}

/* In steps, like the event loop. */
static void die_and_read(struct agent *agent, unsigned int count)
{
	for (unsigned int left = count, step; left; left -= step) {
		step = left < 100 ? left : 100;
		die(step);
		(void)read_all(agent);
	}
}

static void wait_until_delivered(const struct puppet *puppet, unsigned int count)
{
	for (int i = 0; i < 10000 && puppet->delivered < count; i++)
		usleep(1 * MS);
	assert_int_equal(puppet->delivered, count);
}

static void catch_up(struct agent *agent)
{
	for (int i = 0; i < 10000 && read_all(agent); i++)
		usleep(1 * MS);
	assert_false(read_all(agent));
}

static int forget(void **state)
{
	(void)state;
	ring = (struct tracer){ .first = 1, .next = 1, .end = 1, .size = ROOMY };
	memset(marks, 0, sizeof(marks));
	return 0;
}

/* queued → safe: released, and the losses are cleared. */
static void test_safe(void **state)
{
	(void)state;
	begin(&one, 1, marks);
	die(10);
	(void)read_all(&one);
	wait_until_delivered(&one.puppets[0], 10);
	for (int i = 0; i < 1000 && ring.first < 11; i++, usleep(1 * MS))
		assert_false(read_all(&one));
	assert_int_equal(ring.first, 11);
	assert_true(ring.losses_are_safe);
	assert_int_equal(marks[0].safe, 10);
	assert_int_equal(end(&one), 0);
}

/*
 * queued → waiting: after an agent is killed, the next one reads everything that one outlet had not
 * written, and each outlet has it once.
 */
static void test_killed(void **state)
{
	struct ledger_outlet left[2];

	(void)state;
	begin(&one, 2, marks);
	die(3);
	(void)read_all(&one);
	wait_until_delivered(&one.puppets[0], 3);
	wait_until_delivered(&one.puppets[1], 3);
	(void)read_all(&one);
	ring.losses_are_safe = false;
	(void)pthread_mutex_lock(&one.puppets[1].gate);
	die(7);
	(void)read_all(&one);
	wait_until_delivered(&one.puppets[0], 10);
	for (int i = 0; i < 1000 && marks[0].safe < 10; i++)
		usleep(1 * MS);
	assert_false(read_all(&one));
	assert_int_equal(ring.first, 4);
	assert_false(ring.losses_are_safe);
	/* killed */
	memcpy(left, marks, sizeof(left));
	ring.next = ring.first;
	begin(&other, 2, left);
	die(1);
	(void)read_all(&other);
	wait_until_delivered(&other.puppets[0], 1);
	wait_until_delivered(&other.puppets[1], 8);
	assert_int_equal(other.puppets[0].first, 11);
	assert_int_equal(other.puppets[1].first, 4);
	assert_int_equal(end(&other), 0);
	assert_int_equal(ring.first, 12);
	assert_true(ring.losses_are_safe);
	(void)pthread_mutex_unlock(&one.puppets[1].gate);
	(void)end(&one);
}

/* behind → queued: events without room come again, only for that outlet, and are counted once. */
static void test_behind(void **state)
{
	const unsigned int count = QUEUE + 500;

	(void)state;
	begin(&one, 2, marks);
	(void)pthread_mutex_lock(&one.puppets[0].gate);
	die_and_read(&one, count);
	wait_until_delivered(&one.puppets[1], count);
	assert_true(read_all(&one));
	assert_int_equal(ring.first, 1);
	assert_int_equal(one.puppets[0].delivered, 0);
	(void)pthread_mutex_unlock(&one.puppets[0].gate);
	catch_up(&one);
	wait_until_delivered(&one.puppets[0], count);
	assert_int_equal(one.puppets[1].delivered, count);
	assert_int_equal(one.first_readings, count);
	assert_int_equal(end(&one), 0);
	assert_int_equal(ring.first, count + 1);
	assert_int_equal(marks[0].safe, count);
}

/*
 * queued → at risk: a crowded ring buffer releases only the oldest. If the agent is killed then,
 * the next one counts exactly those as lost.
 */
static void test_at_risk(void **state)
{
	const unsigned int count = QUEUE;
	struct ledger_outlet left;

	(void)state;
	ring.size = count;
	begin(&one, 1, marks);
	(void)pthread_mutex_lock(&one.puppets[0].gate);
	die_and_read(&one, count);
	assert_int_equal(ring.end - ring.first, count / 4 * 3);
	assert_int_equal(marks[0].risked, ring.first - 1);
	assert_int_equal(marks[0].safe, ring.first - 1);
	/* killed */
	left = marks[0];
	ring.next = ring.first;
	begin(&other, 1, &left);
	assert_int_equal(left.risked, 0);
	(void)read_all(&other);
	wait_until_delivered(&other.puppets[0], count / 4 * 3);
	assert_int_equal(end(&other), count / 4);
	/* this one only seemed to be killed */
	(void)pthread_mutex_unlock(&one.puppets[0].gate);
	assert_int_equal(end(&one), 0);
	assert_int_equal(one.puppets[0].delivered, count);
}

/* behind → given up: counted at once; written and lost together are all deaths. */
static void test_given_up(void **state)
{
	const unsigned int count = 3 * QUEUE;
	uint64_t lost;

	(void)state;
	ring.size = QUEUE;
	begin(&one, 2, marks);
	(void)pthread_mutex_lock(&one.puppets[0].gate);
	die_and_read(&one, count);
	assert_true(ring.first > QUEUE);
	(void)pthread_mutex_unlock(&one.puppets[0].gate);
	catch_up(&one);
	lost = end(&one);
	assert_true(lost > 0);
	assert_int_equal(one.puppets[0].delivered + lost, count);
	assert_int_equal(one.puppets[1].delivered, count);
	assert_int_equal(ring.first, count + 1);
	assert_int_equal(marks[0].safe, count);
	assert_int_equal(marks[0].risked, 0);
}

/*
 * Records that waited for this agent are not given up before an outlet has reached them, even if
 * the ring buffer is crowded.
 */
static void test_patience(void **state)
{
	const unsigned int count = 40000;

	(void)state;
	ring.size = count;
	die(count);
	begin(&one, 1, marks);
	atomic_store(&one.puppets[0].outlet.waits,
		     true); /* otherwise it stalls on a slow machine */
	(void)pthread_mutex_lock(&one.puppets[0].gate);
	assert_true(read_all(&one));
	assert_int_equal(ring.first, QUEUE + 1);
	(void)pthread_mutex_unlock(&one.puppets[0].gate);
	catch_up(&one);
	assert_int_equal(end(&one), 0);
	assert_int_equal(one.puppets[0].delivered, count);
}

/* The same crowd, but of new deaths: now the ring buffer must make room. */
static void test_no_patience(void **state)
{
	const unsigned int count = 40000;
	uint64_t lost;

	(void)state;
	ring.size = count;
	begin(&one, 1, marks);
	atomic_store(&one.puppets[0].outlet.waits, true);
	(void)pthread_mutex_lock(&one.puppets[0].gate);
	die(count);
	assert_true(read_all(&one));
	/* rows of what is behind go as a whole */
	assert_in_range(ring.first, count / 4 + 1, count / 2);
	(void)pthread_mutex_unlock(&one.puppets[0].gate);
	catch_up(&one);
	lost = end(&one);
	assert_true(lost >= count / 4 - QUEUE);
	assert_int_equal(one.puppets[0].delivered + lost, count);
}

/*
 * ending: events that could not be written stay in the ring buffer for the next agent, except those
 * at risk.
 */
static void test_left(void **state)
{
	(void)state;
	ring.size = 100;
	begin(&one, 2, marks);
	atomic_store(&one.puppets[0].failing, true);
	die(100);
	(void)read_all(&one);
	assert_int_equal(ring.first, 26);
	wait_until_delivered(&one.puppets[1], 100);
	assert_int_equal(end(&one), 25);
	assert_int_equal(ring.first, 26);
	assert_false(ring.losses_are_safe);
	assert_int_equal(marks[0].risked, 0);
	assert_int_equal(marks[1].safe, 100);
	ring.next = ring.first;
	begin(&other, 2, marks);
	(void)read_all(&other);
	wait_until_delivered(&other.puppets[0], 75);
	assert_int_equal(other.puppets[1].delivered, 0);
	assert_int_equal(end(&other), 0);
	assert_int_equal(ring.first, 101);
	assert_true(ring.losses_are_safe);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_safe, forget),
		cmocka_unit_test_setup(test_killed, forget),
		cmocka_unit_test_setup(test_behind, forget),
		cmocka_unit_test_setup(test_at_risk, forget),
		cmocka_unit_test_setup(test_given_up, forget),
		cmocka_unit_test_setup(test_patience, forget),
		cmocka_unit_test_setup(test_no_patience, forget),
		cmocka_unit_test_setup(test_left, forget),
	};

	return cmocka_run_group_tests_name("handback", tests, NULL, NULL);
}
