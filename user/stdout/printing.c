// SPDX-License-Identifier: BSD-2-Clause
#include "stdout/printing.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/say.h"
#include "stdout/human.h"
#include "stdout/json.h"
#include "stdout/otlp_lines.h"

static struct printer *new_printer(enum output_format format, const struct screen *screen)
{
	if (format == OUTPUT_JSON)
		return printer_json_new(STDOUT_FILENO);
	if (format == OUTPUT_OTLP)
		return printer_otlp_lines_new(STDOUT_FILENO);
	return printer_human_new(screen);
}

bool printing_begin(struct printing *printing, enum output_format format,
		    const struct screen *screen, struct tally *tally)
{
	*printing = (struct printing){ .printer = new_printer(format, screen), .tally = tally };
	return printing->printer != NULL;
}

void printing_end(struct printing *printing)
{
	printer_free(printing->printer);
	printing->printer = NULL;
}

static int print_death(void *context, const struct report *report)
{
	struct printing *printing = context;
	int error;

	if (printing->failed) {
		printing->tally->losses.count[LOSS_OUTPUT]++;
		return REPORT_MISSED;
	}
	error = printing->printer->ops->death(printing->printer, report);
	if (!error)
		return 0;
	printing->failed = true;
	if (!printing->leaves)
		printing->tally->losses.count[LOSS_OUTPUT]++;
	return error;
}

static int print_losses(void *context, const struct origin *origin, const struct losses *losses,
			int64_t realtime_ns)
{
	struct printing *printing = context;

	if (printing->failed)
		return 0;
	return printing->printer->ops->losses(printing->printer, origin, losses, realtime_ns);
}

struct report_receiver printing_receiver(struct printing *printing)
{
	return (struct report_receiver){
		.death = print_death,
		.losses = print_losses,
		.context = printing,
	};
}

int printing_reader(short revents)
{
	if (revents & POLLNVAL)
		return -EBADF;
	return revents & (POLLERR | POLLHUP) ? -EPIPE : 0;
}

int printing_exit_code(int result)
{
	if (!result || result == FRAME_ENOUGH || result == -EPIPE || result == -EINTR)
		return EXIT_SUCCESS;
	say("cannot write the output: %s", strerror(-result));
	return EXIT_FAILURE;
}
