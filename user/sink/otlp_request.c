// SPDX-License-Identifier: BSD-2-Clause
#include "sink/otlp_request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "sink/json_tree.h"
#include "sink/otlp_record.h"

#define OPEN "{\"resourceLogs\":["
#define CLOSE_GROUP "]}]}"
#define CLOSE "]}\n"
#define SMALLEST 4096

static int make_room(struct otlp_request *request, size_t more)
{
	size_t want = request->size + more + 1, room = request->room ? request->room : SMALLEST;
	char *text;

	while (room < want)
		room *= 2;
	if (room == request->room)
		return 0;
	text = realloc(request->text, room);
	if (!text)
		return -ENOMEM;
	request->text = text;
	request->room = room;
	return 0;
}

static int append(struct otlp_request *request, const char *text, size_t size)
{
	int error = make_room(request, size);

	if (error)
		return error;
	memcpy(request->text + request->size, text, size);
	request->size += size;
	request->text[request->size] = '\0';
	return 0;
}

/* Who speaks, and of which node. The pod that NODE_NAME comes from is on that very node. */
static json_t *resource_of(const char *node)
{
	const char *kubernetes = getenv("NODE_NAME");
	json_t *attributes = json_array(), *name = json_string(node),
	       *service = json_string("killtrace"), *version = json_string(KT_VERSION);

	(void)json_array_append_new(attributes, otlp_attribute("service.name", service));
	(void)json_array_append_new(attributes, otlp_attribute("service.version", version));
	(void)json_array_append_new(attributes, otlp_attribute("host.name", name));
	if (kubernetes && !strcmp(kubernetes, node))
		(void)json_array_append_new(attributes, otlp_attribute("k8s.node.name", name));
	json_decref(name);
	json_decref(service);
	json_decref(version);
	return json_pack("{s:o}", "attributes", attributes);
}

/* `{"resource":…,"scopeLogs":[{"scope":…,"logRecords":[` */
static int open_group(struct otlp_request *request, const char *node)
{
	json_t *group = json_pack("{s:o,s:[{s:{s:s,s:s},s:[]}]}", "resource", resource_of(node),
				  "scopeLogs", "scope", "name", "killtrace", "version", KT_VERSION,
				  "logRecords");
	AUTO_FREE char *text = group ? json_tree_line(group) : NULL;
	char *copy = strdup(node);
	int error;

	json_decref(group);
	if (!text || !copy) {
		free(copy);
		return -ENOMEM;
	}
	/* all but its end, which is CLOSE_GROUP, and the newline */
	error = append(request, text, strlen(text) - strlen(CLOSE_GROUP "\n"));
	free(request->node);
	request->node = copy;
	return error;
}

static int begin_record(struct otlp_request *request, const char *node)
{
	int error;

	if (request->node && !strcmp(node, request->node))
		return append(request, ",", 1);
	if (!request->node)
		error = append(request, OPEN, strlen(OPEN));
	else
		error = append(request, CLOSE_GROUP ",", strlen(CLOSE_GROUP ","));
	return error ? error : open_group(request, node);
}

int otlp_request_add(struct otlp_request *request, json_t *record)
{
	const char *node = json_string_value(json_object_get(record, "node"));
	json_t *log = otlp_log_record(record);
	AUTO_FREE char *text = log ? json_tree_line(log) : NULL;
	size_t before = request->size;
	int error;

	json_decref(log);
	if (!text)
		return -ENOMEM;
	error = begin_record(request, node ? node : "");
	if (!error)
		error = append(request, text, strlen(text) - 1);
	if (!error)
		request->records++;
	else
		request->size = before;
	return error;
}

const char *otlp_request_end(struct otlp_request *request)
{
	if (!request->records || append(request, CLOSE_GROUP CLOSE, strlen(CLOSE_GROUP CLOSE)))
		return NULL;
	return request->text;
}

void otlp_request_reopen(struct otlp_request *request)
{
	request->size -= strlen(CLOSE_GROUP CLOSE);
}

void otlp_request_reset(struct otlp_request *request)
{
	free(request->node);
	request->node = NULL;
	request->size = 0;
	request->records = 0;
}

void otlp_request_done(struct otlp_request *request)
{
	otlp_request_reset(request);
	free(request->text);
	*request = (struct otlp_request){ 0 };
}
