// SPDX-License-Identifier: BSD-2-Clause
/* A name in the kubelet's folders of logs. */
#include "attribute/kubelet_logs.h"
#include "naming.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct names names = { 0 };
	char *name = malloc(size + 1);

	memcpy(name, data, size);
	name[size] = '\0';
	if (kubelet_logs_match_container(name, FUZZ_ID, &names))
		demand(names.pod[0] && names.namespace[0] && names.container[0], "all names");
	demand_good_names(&names);
	if (kubelet_logs_match_pod(name, FUZZ_UID, &names))
		demand(names.pod[0] && names.namespace[0] && !strcmp(names.pod_uid, FUZZ_UID),
		       "that pod");
	demand_good_names(&names);
	free(name);
	return 0;
}
