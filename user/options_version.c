// SPDX-License-Identifier: BSD-2-Clause
#include "options_version.h"

#include "base/say.h"

void options_print_version(void)
{
	/* scripts read the first line */
	say_data("killtrace %s", KT_VERSION);
	say_data("commit %s", KT_COMMIT);
	say_data(
		"licence BSD-2-Clause; of the programs in the kernel GPL-2.0-only OR BSD-2-Clause");
	say_data("built with %s", KT_BUILT_WITH);
}
