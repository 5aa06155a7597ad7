// SPDX-License-Identifier: BSD-2-Clause
#include "options_sinks.h"

#include <limits.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "base/say.h"
#include "http/http_client.h"
#include "listen/listener.h"
#include "options_bad.h"

bool option_count(const char *word, unsigned long *ret)
{
	uint64_t number;

	if (!number_parse(word, &number) || !number || number > ULONG_MAX)
		return false;
	*ret = (unsigned long)number;
	return true;
}

/* A number, if the word is given. */
static bool take_amount(const char *word, unsigned long most, unsigned long *ret)
{
	return !word || (option_count(word, ret) && *ret <= most);
}

/* With a slash at the end, the kernel would follow a symbolic link, which must not happen. */
static char *without_slashes(char *path)
{
	for (size_t size = path ? strlen(path) : 0; size > 1 && path[size - 1] == '/'; size--)
		path[size - 1] = '\0';
	return path;
}

enum options_result option_take_history(const struct command *command,
					const struct option_words *words, struct options *ret)
{
	unsigned long days = HISTORY_DAYS, mebibytes = HISTORY_MEBIBYTES;

	if (!take_amount(words->history_days, 100000, &days))
		return option_bad(command,
				  "--history-days needs a positive whole number of days, not",
				  words->history_days, NULL);
	if (!take_amount(words->history_size, 1 << 20, &mebibytes))
		return option_bad(command,
				  "--history-size needs a positive whole number of MiB, not",
				  words->history_size, NULL);
	ret->history = words->history;
	ret->history_limits =
		(struct history_limits){ (unsigned int)days, (uint64_t)mebibytes << 20 };
	ret->replay = words->replay;
	if (words->socket && (command->groups & OPTIONS_WHY) && (words->history || words->replay))
		return option_bad(command, "--socket cannot be used with a history or a recording:",
				  words->socket, NULL);
	if (words->replay && words->history)
		return option_bad(command,
				  "--replay and --history cannot be used together:", words->replay,
				  NULL);
	if (!(command->groups & (OPTIONS_PAST | OPTIONS_WHY)))
		return OPTIONS_RUN;
	if (!ret->history)
		ret->history = HISTORY_PATH;
	return OPTIONS_RUN;
}

static bool parse_mebibytes(const char *word, uint64_t *ret_bytes)
{
	unsigned long mebibytes = 64;

	if (word && (!option_count(word, &mebibytes) || mebibytes > 1 << 20))
		return false;
	*ret_bytes = (uint64_t)mebibytes << 20;
	return true;
}

static enum options_result take_otlp(const struct option_words *words, struct options *ret)
{
	const bool has_options = words->otlp_header || words->otlp_ca || words->otlp_gzip ||
				 words->otlp_queue || words->otlp_queue_size;
	const bool has_others = ret->textfile || ret->journal || ret->json_file || ret->history;
	/* the address in the environment may be meant for other programs, and is no reason to stop
	 * an agent */
	const struct otlp_words given = { .url = words->otlp,
					  .headers = words->otlp_header,
					  .ca = words->otlp_ca,
					  .gzip = words->otlp_gzip != 0,
					  .optional = !words->otlp && !has_options && has_others };

	ret->otlp_queue = without_slashes(words->otlp_queue);
	if (!otlp_settings_wanted(&given)) {
		if (!has_options)
			return OPTIONS_RUN;
		say("the --otlp- options need --otlp URL");
		return OPTIONS_BAD;
	}
	if (http_client_missing()) {
		say("%s: %s, or let the collector's file receiver read what 'killtrace -o otlp' writes%s",
		    otlp_settings_asker(&given), http_client_missing(),
		    given.optional ? ", ignoring" : "");
		return given.optional ? OPTIONS_RUN : OPTIONS_BAD;
	}
	return otlp_settings_read(&given, &ret->otlp) || given.optional ? OPTIONS_RUN : OPTIONS_BAD;
}

/* An option without an effect is a mistake, except that the address for --otlp- options can come
 * from the environment. */
static enum options_result refuse_idle(const struct option_words *words)
{
	const struct {
		const char *option, *word, *needs;
		bool has;
	} pairs[] = {
		{ "--json-size", words->json_size, "--json FILE", words->json != NULL },
		{ "--history-days", words->history_days, "--history FILE", words->history != NULL },
		{ "--history-size", words->history_size, "--history FILE", words->history != NULL },
		{ "--kubernetes-account", words->kubernetes_account, "--kubernetes-events",
		  words->kubernetes_events != 0 },
		{ "--otlp-queue-size", words->otlp_queue_size, "--otlp-queue DIR",
		  words->otlp_queue != NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++)
		if (pairs[i].word && !pairs[i].has) {
			say("%s needs %s", pairs[i].option, pairs[i].needs);
			return OPTIONS_BAD;
		}
	return OPTIONS_RUN;
}

static enum options_result take_listen(const struct option_words *words, struct options *ret)
{
	const char *missing;

	if (!words->listen)
		return OPTIONS_RUN;
	if (!listen_address_parse(words->listen, &ret->listen)) {
		say("--listen needs ADDR:PORT with an IP address ('127.0.0.1:9435', '[::1]:9435'), not '%s'",
		    words->listen);
		return OPTIONS_BAD;
	}
	missing = listener_missing();
	if (missing) {
		say("--listen: %s", missing);
		return OPTIONS_BAD;
	}
	ret->listens = true;
	return OPTIONS_RUN;
}

static enum options_result take_kubernetes(const struct option_words *words, struct options *ret)
{
	if (!words->kubernetes_events)
		return OPTIONS_RUN;
	if (http_client_missing()) {
		say("--kubernetes-events: %s", http_client_missing());
		return OPTIONS_BAD;
	}
	ret->kubernetes_events =
		kube_account_read(without_slashes(words->kubernetes_account), &ret->kube);
	return ret->kubernetes_events ? OPTIONS_RUN : OPTIONS_BAD;
}

enum options_result option_take_sinks(const struct command *command,
				      const struct option_words *words, struct options *ret)
{
	enum options_result result;

	if (!(command->groups & OPTIONS_SINKS) || ret->unpin)
		return OPTIONS_RUN;
	if (!parse_mebibytes(words->json_size, &ret->json_file_most))
		return option_bad(command, "--json-size needs a positive whole number of MiB, not",
				  words->json_size, NULL);
	if (!parse_mebibytes(words->otlp_queue_size, &ret->otlp_queue_most))
		return option_bad(command,
				  "--otlp-queue-size needs a positive whole number of MiB, not",
				  words->otlp_queue_size, NULL);
	result = refuse_idle(words);
	if (result != OPTIONS_RUN)
		return result;
	ret->textfile = without_slashes(words->textfile);
	ret->protect = true;
	ret->journal = words->journal != 0;
	ret->json_file = words->json;
	result = take_otlp(words, ret);
	if (result == OPTIONS_RUN)
		result = take_listen(words, ret);
	if (result == OPTIONS_RUN)
		result = take_kubernetes(words, ret);
	if (command->groups & OPTIONS_OUTPUT) /* otherwise the output goes there */
		return result;
	if (result != OPTIONS_RUN || ret->textfile || ret->journal || ret->json_file ||
	    ret->history || ret->otlp.url || ret->listens || ret->kubernetes_events)
		return result;
	say("daemon needs a place to write to: --textfile, --listen, --journal, --json, --history, --otlp or --kubernetes-events; see 'killtrace daemon --help'");
	return OPTIONS_BAD;
}
