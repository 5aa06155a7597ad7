// SPDX-License-Identifier: BSD-2-Clause
#include "cmd_top_screen.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/say.h"
#include "base/thread.h"
#include "watch.h"

/* How often the screen changes by itself. */
#define LOOK_NS ((uint64_t)NS_PER_S / 4)
#define NS_PER_MS ((uint64_t)NS_PER_S / 1000)
/* How long the end waits for a terminal that takes nothing. */
#define PATIENCE_NS ((uint64_t)NS_PER_S)
#define STACK_SIZE (512 << 10)

#define MESSAGES 16
#define MESSAGE_SIZE 512
#define MOST_KEYS 64

struct top_screen {
	struct top_screen_of of;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool has_ended;
	char messages[MESSAGES][MESSAGE_SIZE];
	unsigned int message_count, messages_seen; /* may be more than are kept */
	atomic_bool ends;
	/* only of the thread */
	struct top_look look;
	struct top_snapshot snapshot;
	uint64_t looked_ns;
	bool has_begun, must_clear;
};

/* For the handlers. */
static int wake_fd = -1;
static volatile sig_atomic_t must_stop;

static void wake(void)
{
	const uint64_t one = 1;
	const int saved = errno;

	if (write(wake_fd, &one, sizeof(one)) < 0)
		errno = saved;
	errno = saved;
}

static void on_stop(int number)
{
	(void)number;
	must_stop = 1;
	wake();
}

static void on_resize(int number)
{
	(void)number;
	wake();
}

static void catch (int number, void (*handler)(int))
{
	const struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART };

	(void)sigaction(number, &action, NULL);
}

static void note_message(void *context, const char *line)
{
	struct top_screen *screen = context;

	(void)pthread_mutex_lock(&screen->lock);
	if (screen->message_count < MESSAGES)
		(void)snprintf(screen->messages[screen->message_count], MESSAGE_SIZE, "%s", line);
	screen->message_count++;
	(void)pthread_mutex_unlock(&screen->lock);
	wake();
}

/* The newest that was kept. */
static void show_message(struct top_screen *screen)
{
	(void)pthread_mutex_lock(&screen->lock);
	if (screen->messages_seen != screen->message_count && screen->message_count <= MESSAGES)
		(void)snprintf(screen->look.message, sizeof(screen->look.message), "%s",
			       screen->messages[screen->message_count - 1]);
	screen->messages_seen = screen->message_count;
	(void)pthread_mutex_unlock(&screen->lock);
}

static void print_messages(const struct top_screen *screen)
{
	for (unsigned int i = 0; i < screen->message_count && i < MESSAGES; i++)
		say("%s", screen->messages[i]);
	if (screen->message_count > MESSAGES)
		say("%u more messages came while the screen was drawn",
		    screen->message_count - MESSAGES);
}

/* As the default action of SIGTSTP would do it, and so only where a shell can go on with it. */
static void stop_here(struct top_screen *screen)
{
	sigset_t stop;

	terminal_end();
	must_stop = 0;
	(void)sigemptyset(&stop);
	(void)sigaddset(&stop, SIGTSTP);
	catch (SIGTSTP, SIG_DFL);
	(void)pthread_sigmask(SIG_UNBLOCK, &stop, NULL);
	(void)raise(SIGTSTP);
	(void)pthread_sigmask(SIG_BLOCK, &stop, NULL);
	catch (SIGTSTP, on_stop);
	screen->must_clear = true;
}

static void look_again(struct top_screen *screen, uint64_t now_ns)
{
	const struct tally *tally = screen->of.tally;

	if (screen->looked_ns && (screen->look.is_paused || now_ns < screen->looked_ns + LOOK_NS))
		return;
	screen->looked_ns = now_ns;
	/* another thread counts; a number that is a moment old is fine */
	if (tally)
		top_model_set_hidden(screen->of.model,
				     __atomic_load_n(&tally->routine, __ATOMIC_RELAXED),
				     __atomic_load_n(&tally->filtered, __ATOMIC_RELAXED));
	top_model_look(screen->of.model, now_ns, &screen->snapshot);
}

static char *selected_line(const struct top_screen *screen)
{
	const struct top_look *look = &screen->look;
	const unsigned int place = top_look_selected(look, &screen->snapshot, look->pane);

	if (look->pane == TOP_PANE_OWNERS)
		return top_model_line_of_owner(screen->of.model,
					       screen->snapshot.owners[look->owners[place]].id);
	return top_model_line_of_death(screen->of.model,
				       screen->snapshot.list[look->deaths[place]].number);
}

static void explain(struct top_screen *screen)
{
	AUTO_FREE char *line = selected_line(screen);
	const char *message = "looking for the explanation ...";

	if (!line)
		message =
			"this death is not kept any more; 'killtrace why' finds it in the history";
	else if (!aside_ask(screen->of.aside, line, terminal_columns()))
		message = "the process that explains has ended; use 'killtrace why'";
	(void)snprintf(screen->look.message, sizeof(screen->look.message), "%s", message);
}

static void take_answer(struct top_screen *screen)
{
	char *text = aside_answer(screen->of.aside);

	if (!text)
		return;
	screen->look.message[0] = '\0';
	top_look_show(&screen->look, text);
}

static void take_keys(struct top_screen *screen)
{
	uint32_t key;

	for (int i = 0; i < MOST_KEYS && terminal_key(&key); i++) {
		top_look_at(&screen->look, &screen->snapshot);
		switch (top_look_key(&screen->look, &screen->snapshot, key)) {
		case TOP_QUIT:
			watch_stop();
			break;
		case TOP_EXPLAIN:
			explain(screen);
			break;
		case TOP_GO_ON:
			break;
		}
	}
}

/* False: the terminal cannot be used. */
static bool draw(struct top_screen *screen)
{
	if (!screen->has_begun && !terminal_begin(screen->of.title.screen->color))
		return false;
	screen->has_begun = true;
	show_message(screen);
	top_look_at(&screen->look, &screen->snapshot);
	terminal_draw(&screen->of.title, &screen->snapshot, &screen->look, screen->must_clear);
	screen->must_clear = false;
	return true;
}

/* A terminal that has gone would be ready at once, for ever. */
static bool wait(struct top_screen *screen, bool is_ours)
{
	struct pollfd fds[] = { { .fd = wake_fd, .events = POLLIN },
				{ .fd = is_ours ? STDIN_FILENO : -1, .events = POLLIN },
				{ .fd = screen->of.aside->fd, .events = POLLIN } };
	uint64_t ignored;

	if (poll(fds, ARRAY_SIZE(fds), (int)(LOOK_NS / NS_PER_MS)) <= 0)
		return true;
	if (fds[0].revents && read(wake_fd, &ignored, sizeof(ignored)) < 0)
		return true;
	if (fds[1].revents & (POLLERR | POLLHUP | POLLNVAL))
		return false;
	if (fds[2].revents)
		take_answer(screen);
	return true;
}

static void loop(struct top_screen *screen)
{
	while (!atomic_load(&screen->ends)) {
		const bool is_ours = terminal_is_ours();

		if (must_stop) {
			stop_here(screen);
			continue;
		}
		look_again(screen, clock_boottime_ns());
		if (is_ours && !draw(screen))
			break;
		if (!wait(screen, is_ours))
			break;
		if (screen->has_begun && is_ours)
			take_keys(screen);
	}
}

static void *run(void *context)
{
	struct top_screen *screen = context;

	loop(screen);
	terminal_done();
	if (!atomic_load(&screen->ends))
		watch_stop();
	(void)pthread_mutex_lock(&screen->lock);
	screen->has_ended = true;
	(void)pthread_cond_broadcast(&screen->changed);
	(void)pthread_mutex_unlock(&screen->lock);
	return NULL;
}

struct top_screen *top_screen_start(const struct top_screen_of *of)
{
	struct top_screen *screen = calloc(1, sizeof(*screen));

	if (!screen)
		return NULL;
	screen->of = *of;
	(void)pthread_mutex_init(&screen->lock, NULL);
	thread_condition_init(&screen->changed);
	wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (wake_fd >= 0 && !thread_start(STACK_SIZE, run, screen, &screen->thread)) {
		catch (SIGTSTP, on_stop);
		catch (SIGWINCH, on_resize);
		say_set_receiver(note_message, screen);
		return screen;
	}
	free(screen);
	return NULL;
}

bool top_screen_end(struct top_screen *screen)
{
	const uint64_t until_ns = clock_monotonic_ns() + PATIENCE_NS;
	bool has_ended;

	if (!screen)
		return true;
	atomic_store(&screen->ends, true);
	wake();
	(void)pthread_mutex_lock(&screen->lock);
	while (!screen->has_ended &&
	       thread_condition_wait(&screen->changed, &screen->lock, until_ns))
		continue;
	has_ended = screen->has_ended;
	(void)pthread_mutex_unlock(&screen->lock);
	say_set_receiver(NULL, NULL);
	if (!has_ended)
		return false;
	(void)pthread_join(screen->thread, NULL);
	print_messages(screen);
	top_look_done(&screen->look);
	free(screen);
	return true;
}
