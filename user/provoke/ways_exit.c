// SPDX-License-Identifier: BSD-2-Clause
/* Ways to die by a handler, by a signal that was asked for, and by a program that cannot be run. */
#include "provoke/ways.h"

#include <elf.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#ifdef __aarch64__
#define MACHINE EM_AARCH64
#else
#define MACHINE EM_X86_64
#endif

/* Beyond user memory with four levels of page tables, and with five. */
#define BEYOND_USER_MEMORY 0xfffffffffff000
#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

struct image {
	Elf64_Ehdr header;
	Elf64_Phdr segment;
};

/* The kernel has discarded the old program when it finds that it cannot map this segment, so it
 * cannot return an error. */
static const struct image broken = {
	.header = { .e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
				 EV_CURRENT },
		    .e_type = ET_EXEC,
		    .e_machine = MACHINE,
		    .e_version = EV_CURRENT,
		    .e_entry = BEYOND_USER_MEMORY,
		    .e_phoff = sizeof(Elf64_Ehdr),
		    .e_ehsize = sizeof(Elf64_Ehdr),
		    .e_phentsize = sizeof(Elf64_Phdr),
		    .e_phnum = 1 },
	.segment = { .p_type = PT_LOAD,
		     .p_flags = PF_R | PF_X,
		     .p_vaddr = BEYOND_USER_MEMORY,
		     .p_filesz = sizeof(struct image),
		     .p_memsz = 0x10000,
		     .p_align = 4096 },
};

void die_of_exec(void)
{
	static char *const arguments[] = { "killtrace-provoke", NULL };
	int fd = memfd_create("killtrace-provoke", MFD_CLOEXEC | MFD_EXEC);

	if (fd < 0) /* before Linux 6.3 every such file can be run */
		fd = memfd_create("killtrace-provoke", MFD_CLOEXEC);
	if (fd < 0 || write(fd, &broken, sizeof(broken)) != (ssize_t)sizeof(broken)) {
		unable("no file in memory can be made");
		return;
	}
	(void)fexecve(fd, arguments, environ);
	unable("the kernel refuses to run a file in memory");
}

static void give_up(int number)
{
	(void)number;
	_exit(2);
}

/* As a language runtime does: it catches the fault and exits. */
void die_of_runtime(void)
{
	(void)signal(SIGSEGV, give_up);
	die_of_segfault();
}

void prepare_handler(void)
{
	(void)signal(SIGABRT, give_up);
}

/* SIGIO, which it has asked for. */
void die_of_file_signal(void)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) ||
	    fcntl(ends[0], F_SETOWN, getpid()) || fcntl(ends[0], F_SETFL, O_ASYNC | O_NONBLOCK)) {
		unable("no signal by a file descriptor");
		return;
	}
	(void)write(ends[1], "x", 1);
	(void)pause();
}
