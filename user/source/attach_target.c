// SPDX-License-Identifier: BSD-2-Clause
#include "source/attach_target.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/say.h"
#include "source/kernel_types.h"

/* libbpf passes nothing about the object that is being loaded to a callback. */
static const struct kernel_types *current;

static const struct {
	const char *section, *prefix; /* the name follows one there, and the other in the kernel */
	enum bpf_attach_type attach_type;
} targets[] = {
	{ "fentry/", "", BPF_TRACE_FENTRY },
	{ "iter/", "bpf_iter_", BPF_TRACE_ITER },
};

/* The type is set with the number: if a program has that type earlier, libbpf parses all types for
 * its object. */
static int prepare(struct bpf_program *program, struct bpf_prog_load_opts *options, long target)
{
	const char *name = bpf_program__section_name(program) + strlen(targets[target].section);
	char full[64];

	(void)snprintf(full, sizeof(full), "%s%s", targets[target].prefix, name);
	options->attach_btf_id = current ? kernel_types_number(current, full, BTF_KIND_FUNC) : 0;
	return options->attach_btf_id ? bpf_program__set_type(program, BPF_PROG_TYPE_TRACING)
				      : -ESRCH;
}

static void take_over(int target)
{
	LIBBPF_OPTS(libbpf_prog_handler_opts, options, .cookie = target,
		    .prog_prepare_load_fn = prepare);
	char section[32];
	int error;

	(void)snprintf(section, sizeof(section), "%.*s+",
		       (int)strcspn(targets[target].section, "/"), targets[target].section);
	error = libbpf_register_prog_handler(section, BPF_PROG_TYPE_RAW_TRACEPOINT,
					     targets[target].attach_type, &options);
	if (error < 0)
		say_detail("cannot tell libbpf what %s attaches to: %s, ignoring", section,
			   strerror(-error));
}

void attach_target_set(const struct kernel_types *types)
{
	static bool is_told;

	current = types;
	if (!types || is_told)
		return;
	for (int i = 0; i < (int)ARRAY_SIZE(targets); i++)
		take_over(i);
	is_told = true;
}
