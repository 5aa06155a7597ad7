// SPDX-License-Identifier: BSD-2-Clause
#include "otlp/otlp_request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "otlp/otlp_record.h"

#define OPEN "{\"resourceLogs\":["
#define ATTRIBUTE(key) "{\"key\":\"" key "\",\"value\":{\"stringValue\":\""
#define CLOSE_ATTRIBUTE "\"}}"
#define OPEN_LOGS                                                                        \
	"]},\"scopeLogs\":[{\"scope\":{\"name\":\"killtrace\",\"version\":\"" KT_VERSION \
	"\"},\"logRecords\":["
#define CLOSE_GROUP "]}]}"
#define CLOSE "]}\n"

/* The pod that gets NODE_NAME is on that same node. */
static bool is_kubernetes_node(const struct json_walk_value *node)
{
	const char *kubernetes = getenv("NODE_NAME");
	AUTO_FREE char *name = kubernetes && node->size ? malloc(node->size + 1) : NULL;

	if (!name)
		return false;
	(void)json_walk_decode(node, name);
	return !strcmp(kubernetes, name);
}

/* The sender, and its node. */
static void open_group(struct buffer *body, const struct json_walk_value *node)
{
	buffer_text(body, "{\"resource\":{\"attributes\":[" ATTRIBUTE(
				  "service.name") "killtrace" CLOSE_ATTRIBUTE
						  "," ATTRIBUTE("service.version")
							  KT_VERSION CLOSE_ATTRIBUTE
		    "," ATTRIBUTE("host.name"));
	buffer_add(body, node->at, node->size);
	buffer_text(body, CLOSE_ATTRIBUTE);
	if (is_kubernetes_node(node)) {
		buffer_text(body, "," ATTRIBUTE("k8s.node.name"));
		buffer_add(body, node->at, node->size);
		buffer_text(body, CLOSE_ATTRIBUTE);
	}
	buffer_text(body, OPEN_LOGS);
}

static bool is_of(const char *last, const struct json_walk_value *node)
{
	return last && strlen(last) == node->size && !memcmp(last, node->at, node->size);
}

static void begin_record(struct otlp_request *request, const struct json_walk_value *node)
{
	if (is_of(request->node, node)) {
		buffer_text(&request->body, ",");
		return;
	}
	buffer_text(&request->body, request->node ? CLOSE_GROUP "," : OPEN);
	open_group(&request->body, node);
}

/* A record that is not a row of folded deaths stands for one death. */
static uint64_t deaths_of(const struct json_walk_value *repeats)
{
	const struct json_walk_value count = json_walk_member(repeats, "count");
	char digits[24] = "";
	uint64_t deaths;

	if (count.kind != JSON_WALK_INTEGER || count.size >= sizeof(digits))
		return 1;
	memcpy(digits, count.at, count.size);
	/* a file can have any number: the sum stays bounded */
	return number_parse(digits, &deaths) && deaths && deaths <= UINT32_MAX ? deaths : 1;
}

int otlp_request_add(struct otlp_request *request, const char *line, size_t size)
{
	const size_t before = request->body.size;
	struct json_walk_value record;
	struct otlp_parts parts;
	char *name;

	if (!json_walk_line(line, size, &record))
		return -EINVAL;
	otlp_parts_find(&record, &parts);
	if (parts.node.kind != JSON_WALK_TEXT) /* without a name it belongs to no node */
		parts.node = (struct json_walk_value){ JSON_WALK_TEXT, "", 0 };
	name = strndup(parts.node.at, parts.node.size);
	begin_record(request, &parts.node);
	otlp_log_record(&record, &parts, &request->body);
	if (!name || request->body.failed) {
		free(name);
		request->body.failed = false;
		request->body.size = before;
		return -ENOMEM;
	}
	free(request->node);
	request->node = name;
	request->records++;
	request->deaths += deaths_of(&parts.repeats);
	return 0;
}

const char *otlp_request_end(struct otlp_request *request)
{
	static const char end[] = CLOSE_GROUP CLOSE;

	if (request->records)
		buffer_add(&request->body, end, sizeof(end)); /* with a NUL */
	if (!request->records || request->body.failed) {
		request->body.failed = false;
		return NULL;
	}
	request->body.size--;
	return request->body.text;
}

void otlp_request_reopen(struct otlp_request *request)
{
	request->body.size -= strlen(CLOSE_GROUP CLOSE);
}

void otlp_request_reset(struct otlp_request *request)
{
	free(request->node);
	request->node = NULL;
	request->body.size = 0;
	request->records = 0;
	request->deaths = 0;
}

uint64_t otlp_request_deaths(const struct otlp_request *request, uint64_t records)
{
	if (!records)
		return 0;
	/* each of the others stands for at least one */
	return records < request->records ? request->deaths - (request->records - records)
					  : request->deaths;
}

void otlp_request_done(struct otlp_request *request)
{
	otlp_request_reset(request);
	free(request->body.text);
	*request = (struct otlp_request){ 0 };
}
