// SPDX-License-Identifier: GPL-2.0-only
/*
 * A driver that breaks: the word written to /proc/kt-break says how. Only for guests of the matrix,
 * where it does no other harm.
 *
 *   null, gp, bug   the kernel fails by a null pointer, a non-canonical address, a BUG() while it
 *                   works for the writer
 *   sleep           the writer sleeps, and no signal wakes it: until "wake", or a minute has passed
 */
#include <linux/bug.h>
#include <linux/compiler.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

#define NULL_MEMBER 0x18UL
#define NON_CANONICAL 0xdead000000000018UL
#define SLEEP_SECONDS 60

static DECLARE_WAIT_QUEUE_HEAD(sleepers);
static bool awake;

/* Not inlined: the tests expect the functions' names. */
static noinline void kt_break_at(unsigned long address)
{
	*(volatile unsigned long *)address = 1;
}

/*
 * The compiler must not know that it never returns: otherwise the caller would have no return
 * address of its own.
 */
static noinline void kt_break_bug(void)
{
	BUG_ON(!READ_ONCE(awake));
}

static noinline void kt_break_sleep(void)
{
	awake = false;
	wait_event_timeout(sleepers, awake, SLEEP_SECONDS * HZ);
}

static ssize_t kt_break_write(struct file *file, const char __user *from, size_t size, loff_t *at)
{
	char how[8] = "";

	if (size >= sizeof(how) || copy_from_user(how, from, size))
		return -EINVAL;
	if (!strcmp(how, "null")) {
		kt_break_at(NULL_MEMBER);
	} else if (!strcmp(how, "gp")) {
		kt_break_at(NON_CANONICAL);
	} else if (!strcmp(how, "bug")) {
		awake = false;
		kt_break_bug();
	} else if (!strcmp(how, "sleep")) {
		kt_break_sleep();
	} else if (!strcmp(how, "wake")) {
		awake = true;
		wake_up(&sleepers);
	} else {
		return -EINVAL;
	}
	return size;
}

static const struct proc_ops kt_break_ops = { .proc_write = kt_break_write };

static int __init kt_break_init(void)
{
	return proc_create("kt-break", 0200, NULL, &kt_break_ops) ? 0 : -ENOMEM;
}

static void __exit kt_break_exit(void)
{
	remove_proc_entry("kt-break", NULL);
}

module_init(kt_break_init);
module_exit(kt_break_exit);
MODULE_DESCRIPTION("killtrace's tests: ways for a kernel to fail");
MODULE_LICENSE("GPL v2");
