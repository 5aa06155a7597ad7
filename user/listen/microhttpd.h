/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libmicrohttpd, loaded only if an address is to be listened on: it needs ten libraries.
 */
#ifndef KT_LISTEN_MICROHTTPD_H
#define KT_LISTEN_MICROHTTPD_H

#include <microhttpd.h>

/* The functions in use, with the types of the library's own declarations. */
struct microhttpd {
	typeof(MHD_start_daemon) *start_daemon;
	typeof(MHD_stop_daemon) *stop_daemon;
	typeof(MHD_run) *run;
	typeof(MHD_get_timeout) *get_timeout;
	typeof(MHD_get_daemon_info) *get_daemon_info;
	typeof(MHD_get_connection_info) *get_connection_info;
	typeof(MHD_lookup_connection_value) *lookup_connection_value;
	typeof(MHD_create_response_from_buffer) *create_response_from_buffer;
	typeof(MHD_add_response_header) *add_response_header;
	typeof(MHD_queue_response) *queue_response;
	typeof(MHD_destroy_response) *destroy_response;
};

/* Loads it once, for the life of the process. To be called by the main thread. NULL: it is not
 * installed. */
const struct microhttpd *microhttpd_load(void);

#endif
