// SPDX-License-Identifier: BSD-2-Clause
#include "why/core.h"

#include <inttypes.h>
#include <string.h>

#include "why/fact.h"
#include "why/settings.h"
#include "why/shell.h"
#include "why/who.h"

static void add_how_to_read(const struct why *why, struct explanation *ret)
{
	const char *pattern = settings_find(why->settings, "core_pattern");
	struct prose command = { 0 };

	explanation_say(ret, SECTION_EVIDENCE, "core", "written");
	/* another program takes them, or a file: then core_pattern says where */
	if (pattern && !strstr(pattern, "systemd-coredump"))
		return;
	prose_put(&command, "coredumpctl info %" PRId64, fact_number(why->record, "victim.pid"));
	explanation_add_command(ret, "core", &command);
}

/* Without one, the next crash is as dark as this one. */
static void add_how_to_get(const struct why *why, struct explanation *ret)
{
	struct prose command = { 0 };
	bool is_user;
	const char *unit = who_unit(why->record, &is_user);
	const char *limit = settings_find(why->settings, "LimitCORE");

	explanation_say(ret, SECTION_EVIDENCE, "core", "not written");
	if (!unit)
		return;
	if (limit && !strcmp(limit, "0")) {
		prose_put(&command, "systemctl %sedit ", is_user ? "--user " : "");
		shell_put_argument(&command, unit);
		prose_put(&command, "    # [Service] LimitCORE=infinity");
		explanation_add_command(ret, "core", &command);
		return;
	}
	prose_put(&command, "systemctl %sshow -p LimitCORE -- ", is_user ? "--user " : "");
	shell_put_argument(&command, unit);
	explanation_add_command(ret, "core", &command);
}

void core_add(const struct why *why, struct explanation *ret)
{
	const json_t *dumped = fact(why->record, "exit.core_dumped");

	if (json_is_true(dumped))
		add_how_to_read(why, ret);
	else if (json_is_false(dumped) && !fact_is_true(why->record, "exit.thread_only"))
		add_how_to_get(why, ret);
}
