/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libcurl, loaded only if something is to be sent: it needs thirty libraries, which would double
 * the memory of every killtrace.
 */
#ifndef KT_HTTP_CURL_H
#define KT_HTTP_CURL_H

#include <curl/curl.h>
#include <stdbool.h>

/* The functions in use, with the types of curl's own declarations. */
struct curl_library {
	typeof(curl_global_init) *global_init;
	typeof(curl_easy_init) *easy_init;
	typeof(curl_easy_cleanup) *easy_cleanup;
	CURLcode (*easy_setopt)(CURL *easy, CURLoption option, ...);
	CURLcode (*easy_getinfo)(CURL *easy, CURLINFO info, ...);
	typeof(curl_easy_strerror) *easy_strerror;
	typeof(curl_multi_init) *multi_init;
	typeof(curl_multi_cleanup) *multi_cleanup;
	typeof(curl_multi_add_handle) *multi_add_handle;
	typeof(curl_multi_remove_handle) *multi_remove_handle;
	typeof(curl_multi_perform) *multi_perform;
	typeof(curl_multi_poll) *multi_poll;
	typeof(curl_multi_info_read) *multi_info_read;
	typeof(curl_slist_append) *slist_append;
	typeof(curl_slist_free_all) *slist_free_all;
};

/* Loads it once, for the life of the process. To be called by the main thread. NULL: there is no
 * libcurl. */
const struct curl_library *curl_load(void);

#endif
