// SPDX-License-Identifier: BSD-2-Clause
/*
 * The readers of runtimes' JSON. The good cases are real output of the named versions, shortened.
 */
#include "unit.h"

#include "attribute/docker_config.h"
#include "attribute/kubelet_logs.h"
#include "attribute/oci_config.h"
#include "attribute/storage_list.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ID "73fe6f8d73102b60567e65019b73398b22708cdd08365751dcd075e9be010bfc"
#define UID "6a4ce4a0-ba47-11ea-b2a7-0cc47ac5979e"

typedef bool reader(const char *text, size_t size, const char *id, struct names *ret);

static struct names names;

static bool reads(reader *read, const char *text)
{
	memset(&names, 0, sizeof(names));
	return read(text, strlen(text), ID, &names);
}

/* containerd 1.6.20, the CRI plugin */
static void test_containerd(void **state)
{
	(void)state;
	assert_true(reads(oci_config_read_containerd,
			  "{\"process\":{\"env\":[\"TOKEN=hunter2\"],\"args\":[\"--hunter2\"]},"
			  "\"annotations\":{\"io.kubernetes.cri.container-name\":\"app\","
			  "\"io.kubernetes.cri.container-type\":\"container\","
			  "\"io.kubernetes.cri.image-name\":\"registry.example/library/bb:1\","
			  "\"io.kubernetes.cri.sandbox-name\":\"web-0\","
			  "\"io.kubernetes.cri.sandbox-namespace\":\"shop\","
			  "\"io.kubernetes.cri.sandbox-uid\":\"" UID "\"}}"));
	assert_string_equal(names.name, "app");
	assert_string_equal(names.container, "app");
	assert_string_equal(names.image, "registry.example/library/bb:1");
	assert_string_equal(names.pod, "web-0");
	assert_string_equal(names.namespace, "shop");
	assert_string_equal(names.pod_uid, UID);
	assert_null(memmem(&names, sizeof(names), "hunter2", 7));
}

/* CRI-O 1.2x */
static void test_crio(void **state)
{
	(void)state;
	assert_true(reads(
		oci_config_read_crio,
		"{\"annotations\":{\"io.kubernetes.container.name\":\"app\","
		"\"io.kubernetes.cri-o.ImageName\":\"registry.example/x/bb:1\","
		"\"io.kubernetes.pod.name\":\"web-0\",\"io.kubernetes.pod.namespace\":\"shop\","
		"\"io.kubernetes.pod.uid\":\"" UID "\"}}"));
	assert_string_equal(names.name, "app");
	assert_string_equal(names.image, "registry.example/x/bb:1");
	assert_string_equal(names.pod, "web-0");
	assert_string_equal(names.namespace, "shop");
	assert_string_equal(names.pod_uid, UID);
}

/* Both: the container that every pod has besides its own */
static void test_sandbox(void **state)
{
	(void)state;
	assert_true(reads(oci_config_read_containerd,
			  "{\"annotations\":{\"io.kubernetes.cri.container-type\":\"sandbox\","
			  "\"io.kubernetes.cri.sandbox-name\":\"web-0\"}}"));
	assert_string_equal(names.sandbox, "yes");
	assert_string_equal(names.pod, "web-0");
	assert_true(reads(oci_config_read_crio,
			  "{\"annotations\":{\"io.kubernetes.cri-o.ContainerType\":\"sandbox\"}}"));
	assert_string_equal(names.sandbox, "yes");
	assert_true(
		reads(oci_config_read_containerd,
		      "{\"annotations\":{\"io.kubernetes.cri.container-type\":\"container\"}}"));
	assert_string_equal(names.sandbox, "");
}

#define CRI_NOTES                                                  \
	"\"io.kubernetes.cri.container-type\":\"sandbox\","        \
	"\"io.kubernetes.cri.container-name\":\"etcd\","           \
	"\"io.kubernetes.cri.image-name\":\"x/etcd:3\","           \
	"\"io.kubernetes.cri.sandbox-name\":\"etcd-master\","      \
	"\"io.kubernetes.cri.sandbox-namespace\":\"kube-system\"," \
	"\"io.kubernetes.cri.sandbox-uid\":\"" UID "\""
#define CRIO_NOTES                                           \
	"\"io.kubernetes.cri-o.ContainerType\":\"sandbox\"," \
	"\"io.kubernetes.cri-o.ImageName\":\"x/etcd:3\","    \
	"\"io.kubernetes.container.name\":\"etcd\","         \
	"\"io.kubernetes.pod.name\":\"etcd-master\","        \
	"\"io.kubernetes.pod.namespace\":\"kube-system\","   \
	"\"io.kubernetes.pod.uid\":\"" UID "\""

static void test_crio_sandbox(void **state)
{
	(void)state;
	assert_true(reads(oci_config_read_crio,
			  "{\"annotations\":{\"io.kubernetes.cri-o.ContainerType\":\"sandbox\","
			  "\"io.kubernetes.container.name\":\"POD\","
			  "\"io.kubernetes.pod.name\":\"web-0\"}}"));
	assert_string_equal(names.sandbox, "yes");
	assert_string_equal(names.pod, "web-0");
	assert_string_equal(names.container, "");
	assert_string_equal(names.name, "");
}

/* CRI-O copies a pod's own annotations, and its author may use any names. */
static void test_other_dialects(void **state)
{
	(void)state;
	assert_true(reads(oci_config_read_crio,
			  "{\"annotations\":{" CRI_NOTES ",\"nerdctl/name\":\"x\"}}"));
	assert_false(names_any(&names));
	assert_true(reads(oci_config_read_containerd, "{\"annotations\":{" CRIO_NOTES "}}"));
	assert_false(names_any(&names));
	assert_true(reads(oci_config_read_containerd,
			  "{\"annotations\":{\"io.kubernetes.cri.container-type\":\"sandbox\","
			  "\"nerdctl/name\":\"x\"}}"));
	assert_string_equal(names.name, "");
	/* containerd has pods only in the kubelet's namespace */
	assert_true(
		reads(oci_config_read_nerdctl, "{\"annotations\":{" CRI_NOTES "," CRIO_NOTES "}}"));
	assert_false(names_any(&names));
	assert_true(reads(oci_config_read_nerdctl,
			  "{\"annotations\":{\"nerdctl/name\":\"web\"," CRI_NOTES "}}"));
	assert_string_equal(names.name, "web");
	assert_string_equal(names.pod, "");
	assert_string_equal(names.sandbox, "");
}

/* ctr: a bundle without names is valid */
static void test_nameless_bundle(void **state)
{
	(void)state;
	assert_true(reads(oci_config_read_containerd,
			  "{\"ociVersion\":\"1.0.2-dev\",\"hostname\":\"x\"}"));
	assert_false(names_any(&names));
}

/* Docker 20.10.24 */
static void test_docker(void **state)
{
	(void)state;
	assert_true(reads(docker_config_read,
			  "{\"ID\":\"" ID "\",\"Name\":\"/web\",\"Config\":{\"Image\":\"bb:1\","
			  "\"Env\":[\"TOKEN=hunter2\"],\"Cmd\":[\"hunter2\"],\"Labels\":{}}}"));
	assert_string_equal(names.name, "web");
	assert_string_equal(names.image, "bb:1");
	assert_string_equal(names.pod, "");
	assert_null(memmem(&names, sizeof(names), "hunter2", 7));
}

/* cri-dockerd's labels */
static void test_docker_in_kubernetes(void **state)
{
	(void)state;
	assert_true(reads(
		docker_config_read,
		"{\"Name\":\"/k8s_app_web-0_shop_" UID
		"_0\",\"Config\":{\"Image\":\"sha256:1\",\"Labels\":{"
		"\"io.kubernetes.container.name\":\"app\",\"io.kubernetes.pod.name\":\"web-0\","
		"\"io.kubernetes.pod.namespace\":\"shop\",\"io.kubernetes.pod.uid\":\"" UID
		"\"}}}"));
	assert_string_equal(names.container, "app");
	assert_string_equal(names.name, "app");
	assert_string_equal(names.pod, "web-0");
	assert_string_equal(names.namespace, "shop");
}

/* If names and labels disagree, only the container's own names count. */
static void test_docker_names_like_kubernetes(void **state)
{
	static const char *const others[] = { "k8s_app",
					      "k8s_app_web-0_shop_",
					      "k8s_app_web-0_shop_" UID,
					      "k8s_db_web-0_shop_" UID "_0",
					      "web",
					      "k8s_app_web-1_shop_" UID "_0",
					      "" };
	char text[1024];

	(void)state;
	for (size_t i = 0; i < COUNT(others); i++) {
		(void)snprintf(text, sizeof(text),
			       "{\"Name\":\"/%s\",\"Config\":{\"Labels\":{"
			       "\"io.kubernetes.container.name\":\"app\","
			       "\"io.kubernetes.pod.name\":\"web-0\","
			       "\"io.kubernetes.pod.namespace\":\"shop\","
			       "\"io.kubernetes.pod.uid\":\"" UID "\"}}}",
			       others[i]);
		assert_true(reads(docker_config_read, text));
		assert_string_equal(names.name, others[i]);
	}
}

static void test_docker_sandbox(void **state)
{
	(void)state;
	assert_true(reads(
		docker_config_read,
		"{\"Name\":\"/k8s_POD_web-0_shop_" UID
		"_0\",\"Config\":{\"Image\":\"registry.example/pause:3.9\",\"Labels\":{"
		"\"io.kubernetes.docker.type\":\"podsandbox\","
		"\"io.kubernetes.container.name\":\"POD\",\"io.kubernetes.pod.name\":\"web-0\","
		"\"io.kubernetes.pod.namespace\":\"shop\",\"io.kubernetes.pod.uid\":\"" UID
		"\"}}}"));
	assert_string_equal(names.sandbox, "yes");
	assert_string_equal(names.container, "");
	assert_string_equal(names.name, "");
	assert_string_equal(names.pod, "web-0");
}

/* Labels of an image: not certain to belong to a pod. */
static void test_docker_labels_without_uid(void **state)
{
	(void)state;
	assert_true(reads(docker_config_read,
			  "{\"Name\":\"/web\",\"Config\":{\"Image\":\"bb:1\",\"Labels\":{"
			  "\"io.kubernetes.container.name\":\"etcd\","
			  "\"io.kubernetes.pod.name\":\"etcd-master\","
			  "\"io.kubernetes.pod.namespace\":\"kube-system\"}}}"));
	assert_string_equal(names.name, "web");
	assert_string_equal(names.container, "");
	assert_string_equal(names.pod, "");
	assert_string_equal(names.namespace, "");
}

/* Podman 4.3.1 */
#define STORED(id, name)                                                                 \
	"{\"id\":\"" id "\",\"names\":[\"" name "\"],\"image\":\"c3265d\",\"metadata\":" \
	"\"{\\\"image-name\\\":\\\"localhost/bb:1\\\",\\\"name\\\":\\\"" name            \
	"\\\",\\\"created-at\\\":1795254654}\"}"

static void test_storage(void **state)
{
	(void)state;
	/* an id with another one as prefix is a different one */
	assert_true(reads(storage_list_read,
			  "[" STORED("73fe6f8d", "short") "," STORED(ID "0", "longer") "," STORED(
				  ID, "web-1") "," STORED("aa", "last") "]"));
	assert_string_equal(names.name, "web-1");
	assert_string_equal(names.image, "localhost/bb:1");
	assert_true(reads(storage_list_read, "[" STORED("aa", "other") "]"));
	assert_false(names_any(&names));
	/* broken metadata is for its maker only: the list has the name as well */
	assert_true(reads(storage_list_read, "[{\"id\":\"" ID "\",\"names\":[\"web\"],"
					     "\"metadata\":\"{half\"}]"));
	assert_string_equal(names.name, "web");
	assert_string_equal(names.image, "");
}

/* Whatever the file contains, nothing is read beyond it, and nothing is made up. */
static void test_hostile(void **state)
{
	static reader *const readers[] = { oci_config_read_containerd, oci_config_read_crio,
					   oci_config_read_nerdctl, docker_config_read,
					   storage_list_read };
	static const char *const wrong[] = {
		"",
		" ",
		"{",
		"[",
		"nonsense",
		"{\"annotations\":{\"io.kubernetes.cri.sandbox-name\":\"web",
		"\"text\"",
		"12",
		"null",
		"{\"Name\":\"\\ud800\"}",
		"{\"a\":\"\xff\"}",
		"{\"Name\":\"nul \\u0000 inside\"}",
	};
	static const char *const empty[] = {
		"{\"annotations\":[1,2]}",
		"{\"annotations\":{\"io.kubernetes.cri.sandbox-name\":{\"a\":1}}}",
		"{\"annotations\":\"text\",\"Config\":7,\"Name\":[]}",
		"{\"Config\":{\"Labels\":null,\"Image\":{}},\"Name\":null}",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(readers); i++)
		for (size_t k = 0; k < COUNT(wrong); k++) {
			assert_false(reads(readers[i], wrong[k]));
			assert_false(names_any(&names));
		}
	for (size_t k = 0; k < COUNT(empty); k++)
		for (size_t i = 0; readers[i] != storage_list_read; i++) {
			assert_true(reads(readers[i], empty[k]));
			assert_false(names_any(&names));
		}
	assert_true(reads(storage_list_read,
			  "[1,[],{},{\"id\":5},{\"id\":\"" ID "\",\"names\":{},\"metadata\":[]}]"));
	assert_false(names_any(&names));
}

static void test_names_are_data(void **state)
{
	(void)state;
	assert_true(reads(docker_config_read,
			  "{\"Name\":\"/a\\nb\\u001b[31m\\u202e\",\"Config\":{\"Image\":\"\"}}"));
	assert_string_equal(names.name, "a\nb\033[31m\xe2\x80\xae");
}

/* 2 MiB in one string, and the deepest nesting possible. */
static void test_huge(void **state)
{
	const size_t size = 2U << 20;
	char *text = malloc(size + 64);

	(void)state;
	assert_non_null(text);
	memset(text, 'x', size);
	memcpy(text, "{\"Name\":\"/", 10);
	strcpy(text + size, "\"}");
	assert_true(reads(docker_config_read, text));
	assert_string_equal(names.name, "");
	memset(text, '[', size);
	text[size] = '\0';
	assert_false(reads(oci_config_read_containerd, text));
	free(text);
}

static void test_log_of_container(void **state)
{
	(void)state;
	assert_true(kubelet_logs_match_container("web-0_shop_app-" ID ".log", ID, &names));
	assert_string_equal(names.pod, "web-0");
	assert_string_equal(names.namespace, "shop");
	assert_string_equal(names.container, "app");
	assert_true(kubelet_logs_match_container("web-0_shop_a-b-c-" ID ".log", ID, &names));
	assert_string_equal(names.container, "a-b-c");
	assert_false(kubelet_logs_match_container("web-0_shop_app-x" ID ".log", ID, &names));
	assert_false(kubelet_logs_match_container("web-0_shop_app-" ID "0.log", ID, &names));
	assert_false(kubelet_logs_match_container("web-0_shop_app-" ID, ID, &names));
	assert_false(kubelet_logs_match_container("web-0_shop-" ID ".log", ID, &names));
	assert_false(kubelet_logs_match_container("_shop_app-" ID ".log", ID, &names));
	assert_false(kubelet_logs_match_container("web-0__app-" ID ".log", ID, &names));
	assert_false(kubelet_logs_match_container("web_0_shop_app-" ID ".log", ID, &names));
	assert_false(kubelet_logs_match_container("web-0_shop_-" ID ".log", ID, &names));
	assert_false(kubelet_logs_match_container("-" ID ".log", ID, &names));
	assert_false(kubelet_logs_match_container(".log", ID, &names));
}

static void test_log_of_pod(void **state)
{
	char long_name[400] = "shop_";

	(void)state;
	assert_true(kubelet_logs_match_pod("shop_web-0_" UID, UID, &names));
	assert_string_equal(names.namespace, "shop");
	assert_string_equal(names.pod, "web-0");
	assert_string_equal(names.pod_uid, UID);
	assert_false(kubelet_logs_match_pod("shop_web-0_" UID "0", UID, &names));
	assert_false(kubelet_logs_match_pod("shop_web-0_0" UID, UID, &names));
	assert_false(kubelet_logs_match_pod("web-0_" UID, UID, &names));
	assert_false(kubelet_logs_match_pod("shop_web_0_" UID, UID, &names));
	assert_false(kubelet_logs_match_pod("", UID, &names));
	memset(long_name + 5, 'x', 300);
	strcpy(long_name + 305, "_" UID);
	assert_false(kubelet_logs_match_pod(long_name, UID, &names));
}

/* `begin`, then `count` times `piece`, then `end`. The caller frees it. */
static char *repeat(const char *begin, const char *piece, size_t count, const char *end)
{
	const size_t size = strlen(begin) + strlen(piece) * count + strlen(end) + 1;
	char *text = malloc(size), *at = text;

	assert_non_null(text);
	at = stpcpy(at, begin);
	while (count--)
		at = stpcpy(at, piece);
	(void)stpcpy(at, end);
	return text;
}

static bool reads_repeated(reader *read, const char *piece, size_t count)
{
	char *text = repeat("{\"annotations\":{},\"process\":{\"args\":[", piece, count, "0]}}");
	const bool is_read = reads(read, text);

	free(text);
	return is_read;
}

/* Half a MiB of these takes 15 to 40 MiB of memory when parsed. */
static void test_bombs(void **state)
{
	static reader *const readers[] = { oci_config_read_containerd, oci_config_read_crio,
					   oci_config_read_nerdctl, docker_config_read };

	(void)state;
	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++) {
		assert_false(reads_repeated(readers[i], "{},", 170000));
		assert_false(reads_repeated(readers[i], "[],", 170000));
		assert_false(reads_repeated(readers[i], "\"\",", 170000));
		assert_false(reads_repeated(readers[i], "0,", 250000));
		/* after an escaped quote that does not end the string */
		assert_false(reads_repeated(readers[i], "\"\\\"\",{},", 60000));
	}
}

/* Long but not a bomb: strings take no more memory than their length. */
static void test_large(void **state)
{
	(void)state;
	assert_true(reads_repeated(oci_config_read_containerd,
				   "\"-Dproperties={[,:{[,:{[,:{[,:{[,:\",", 10000));
	/* ten times the mounts of a large pod */
	assert_true(reads_repeated(
		oci_config_read_containerd,
		"{\"destination\":\"/x\",\"options\":[\"ro\",\"nosuid\",\"rprivate\"]},", 1000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_containerd),
		cmocka_unit_test(test_crio),
		cmocka_unit_test(test_sandbox),
		cmocka_unit_test(test_crio_sandbox),
		cmocka_unit_test(test_other_dialects),
		cmocka_unit_test(test_nameless_bundle),
		cmocka_unit_test(test_docker),
		cmocka_unit_test(test_docker_in_kubernetes),
		cmocka_unit_test(test_docker_sandbox),
		cmocka_unit_test(test_docker_names_like_kubernetes),
		cmocka_unit_test(test_docker_labels_without_uid),
		cmocka_unit_test(test_storage),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_names_are_data),
		cmocka_unit_test(test_huge),
		cmocka_unit_test(test_bombs),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_log_of_container),
		cmocka_unit_test(test_log_of_pod),
	};

	return cmocka_run_group_tests_name("container_config", tests, NULL, NULL);
}
