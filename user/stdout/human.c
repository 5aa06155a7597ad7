// SPDX-License-Identifier: BSD-2-Clause
#include "stdout/human.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "stdout/line.h"

struct human_printer {
	struct printer printer;
	int fd;
	bool color;
};

static int human_death(struct printer *printer, const struct report *report)
{
	const struct human_printer *human = (const struct human_printer *)printer;
	AUTO_FREE struct reported *reported = reported_of_report(report);

	return reported ? line_write_death(human->fd, human->color, false, reported) : -ENOMEM;
}

static int human_losses(struct printer *printer, const struct origin *origin,
			const struct losses *losses, int64_t realtime_ns)
{
	(void)origin;
	return line_write_losses(((const struct human_printer *)printer)->fd, false, losses,
				 realtime_ns);
}

static void human_free(struct printer *printer)
{
	free(printer);
}

struct printer *printer_human_new(int fd, bool color)
{
	static const struct printer_ops ops = { human_death, human_losses, human_free };
	struct human_printer *printer = malloc(sizeof(*printer));

	if (!printer)
		return NULL;
	*printer = (struct human_printer){ { &ops }, fd, color };
	return (struct printer *)printer;
}
