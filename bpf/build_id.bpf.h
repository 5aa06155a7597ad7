/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Build IDs without the kernel's help. With interrupts off, bpf_get_stack() needs an irq_work, and
 * each CPU has one (kernel/bpf/mmap_unlock_work.h, 5.10 to 7.2; never with PREEMPT_RT): the second
 * of two tracers gets bare addresses. This needs nothing that another tracer can hold: it reads the
 * ELF note in the mappings of the process, without faulting pages in. The process can write that
 * memory, so the ID is a claim of the process. So is the kernel's answer: the process may have
 * written the file. Only a well-formed ID leaves the kernel.
 */
#ifndef KT_BUILD_ID_BPF_H
#define KT_BUILD_ID_BPF_H

#include "vma.bpf.h"

#define FILE_PIECES 4 /* mappings of one file up to the one with its code */
#define ELF_MAGIC 0x464c457fU
#define ELF_32 1
#define ELF_64 2
#define ELF_64_HEADER 56
#define ELF_32_HEADER 32
#define ELF_PT_NOTE 4
#define ELF_HEADERS 24
#define ELF_NOTES_IN_SEGMENT 8
#define NOTE_GNU 0x00554e47U
#define NOTE_BUILD_ID 3

/* Writes the mapping of the first bytes of the file that is mapped at `address` to scratch->vma.
 * Mappings of one file follow each other without a gap, as loaders make them. */
__weak __noinline int find_file_head(__u64 mm, __u64 address)
{
	struct signal_scratch *scratch;
	__u64 file, end;
	__u32 zero = 0;

	scratch = bpf_map_lookup_elem(&signal_scratches, &zero);
	if (!scratch || !find_vma(mm, address) || scratch->vma.start > address)
		return 0;
	file = scratch->vma.file;
	if (!file)
		return 0;
#pragma unroll
	for (int i = 1; i < FILE_PIECES; i++) {
		if (!scratch->vma.file_offset)
			return 1;
		end = scratch->vma.start;
		if (!find_vma(mm, end - 1) || scratch->vma.end != end || scratch->vma.file != file)
			return 0;
	}
	return !scratch->vma.file_offset;
}

/* Looks at one program header of an ELF file that is mapped at `start`. 0: there is none. Global,
 * so that the verifier looks at it once. */
__weak __noinline int find_note(__u64 start, __u64 header, __u64 bytes)
{
	struct signal_scratch *scratch;
	__u64 size, offset, length;
	struct elf_walk *elf;
	__u32 zero = 0, at;

	scratch = bpf_map_lookup_elem(&signal_scratches, &zero);
	if (!scratch)
		return 0;
	elf = &scratch->elf;
	size = elf->is_64 ? ELF_64_HEADER : ELF_32_HEADER;
	if (header >= bytes || bytes - header < size ||
	    bpf_probe_read_user(elf->piece, 40, (void *)(start + header)))
		return 0;
	if ((__u32)elf->piece[0] != ELF_PT_NOTE)
		return 1;
	/* p_offset, p_filesz */
	if (elf->is_64) {
		offset = elf->piece[1];
		length = elf->piece[4];
	} else {
		offset = elf->piece[0] >> 32;
		length = (__u32)elf->piece[2];
	}
	if (offset >= bytes)
		return 1;
	if (length > bytes - offset)
		length = bytes - offset;
	at = (__u32)elf->count;
	if (at < ELF_NOTES) {
		elf->notes[at & (ELF_NOTES - 1)].start = start + offset;
		elf->notes[at & (ELF_NOTES - 1)].end = start + offset + length;
		elf->count = at + 1;
	}
	return 1;
}

/* Finds the notes of an ELF file that is mapped there, if they are in the same mapping. */
__weak __noinline int find_notes(__u64 start, __u64 bytes)
{
	struct signal_scratch *scratch;
	__u64 header, count, size;
	struct elf_walk *elf;
	__u32 zero = 0, class;
	int more = 1;

	scratch = bpf_map_lookup_elem(&signal_scratches, &zero);
	if (!scratch)
		return 0;
	elf = &scratch->elf;
	elf->count = 0;
	if (bpf_probe_read_user(elf->piece, sizeof(elf->piece), (void *)start) ||
	    (__u32)elf->piece[0] != ELF_MAGIC)
		return 0;
	class = (elf->piece[0] >> 32) & 0xff;
	/* e_phoff, e_phnum */
	if (class == ELF_64) {
		header = elf->piece[4];
		count = elf->piece[7] & 0xffff;
		size = ELF_64_HEADER;
	} else if (class == ELF_32) {
		header = elf->piece[3] >> 32;
		count = (elf->piece[5] >> 32) & 0xffff;
		size = ELF_32_HEADER;
	} else {
		return 0;
	}
	elf->is_64 = class == ELF_64;
#pragma unroll /* as in cgroup.bpf.h */
	for (__u32 i = 0; i < ELF_HEADERS; i++) {
		if (i < count && more)
			more = find_note(start, header + i * size, bytes);
	}
	return (int)elf->count;
}

/* lib/buildid.c:parse_build_id_buf(), 5.12 to 7.2 */
__weak __noinline int read_note(__u32 index)
{
	struct signal_scratch *scratch;
	struct elf_walk *elf;
	__u32 zero = 0, bytes;
	__u64 at, end;

	scratch = bpf_map_lookup_elem(&signal_scratches, &zero);
	if (!scratch || index >= ELF_NOTES)
		return 0;
	elf = &scratch->elf;
	if (index >= elf->count)
		return 0;
	at = elf->notes[index].start;
	end = elf->notes[index].end;
	for (__u32 i = 0; i < ELF_NOTES_IN_SEGMENT; i++) {
		if (at + sizeof(elf->note) > end ||
		    bpf_probe_read_user(elf->note, sizeof(elf->note), (void *)at))
			return 0;
		bytes = elf->note[1];
		if (elf->note[0] == 4 && elf->note[2] == NOTE_BUILD_ID &&
		    elf->note[3] == NOTE_GNU) {
			asm volatile(""
				     : "+r"(bytes)); /* so that the check is of what is passed on */
			if (bytes < 1 || bytes > KT_BUILD_ID_LEN ||
			    at + sizeof(elf->note) + bytes > end)
				return 0;
			__builtin_memset(elf->build_id, 0, sizeof(elf->build_id));
			return !bpf_probe_read_user(elf->build_id, bytes,
						    (void *)(at + sizeof(elf->note)));
		}
		at += 12 + (((__u64)elf->note[0] + 3) & ~3ULL) + (((__u64)bytes + 3) & ~3ULL);
	}
	return 0;
}

/* Writes the build ID of the file that is mapped at `address` to scratch->elf.build_id. 0: none is
 * known. */
static __always_inline int read_build_id(__u64 mm, __u64 address)
{
	struct signal_scratch *scratch;
	__u32 zero = 0;

	scratch = bpf_map_lookup_elem(&signal_scratches, &zero);
	if (!scratch || !find_file_head(mm, address) ||
	    !find_notes(scratch->vma.start, scratch->vma.end - scratch->vma.start))
		return 0;
	return read_note(0) || read_note(1) || read_note(2) || read_note(3);
}

#endif
