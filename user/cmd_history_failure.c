// SPDX-License-Identifier: BSD-2-Clause
#include "cmd_history_failure.h"

#include "base/say.h"

void history_say_failure(const char *path, int failure, const struct history_reader *reader)
{
	switch (-failure) {
	case HISTORY_MISSING:
		say("no history at '%s': an agent with 'killtrace daemon --history' writes it; or "
		    "name another file with --history",
		    path);
		break;
	case HISTORY_NEWER:
		say("the history '%s' was written by a newer killtrace: read it with that one",
		    path);
		break;
	case HISTORY_FOREIGN:
		say("'%s' is another program's database, or was made to look like a history; "
		    "name one that 'killtrace daemon --history' wrote",
		    path);
		break;
	default:
		say("cannot read the history '%s': %s; %s", path, history_error(reader),
		    history_advice(reader));
	}
}
