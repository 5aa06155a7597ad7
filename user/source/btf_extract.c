// SPDX-License-Identifier: BSD-2-Clause
#include "source/btf_extract.h"

#include <bpf/btf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/buffer.h"
#include "base/cleanup.h"

/* One BTF, by its header. */
struct source {
	const char *types, *strings;
	uint32_t types_size, strings_size;
};

struct wanted {
	const char **slots; /* a table of hashes, at most half full */
	bool *in_base;
	size_t mask;
	bool *begins; /* how a name begins: nearly all others differ */
};

struct extraction {
	struct source base, module;
	struct wanted wanted;
	uint32_t *places;  /* of each type: the offset in `types` of the BTF that it comes from */
	uint32_t *taken;   /* its number in the extract; 0: none */
	uint32_t *numbers; /* the reverse */
	size_t room_size;  /* of all three */
	uint32_t base_count, all_count, count;
	struct buffer types, strings;
	bool broken;
};

static bool open_source(const struct btf_bytes *bytes, struct source *ret)
{
	const struct btf_header *header = bytes->data;
	const char *data = bytes->data;

	if (bytes->size < sizeof(*header) || header->magic != BTF_MAGIC ||
	    header->version != BTF_VERSION || header->hdr_len % sizeof(uint32_t) ||
	    header->type_off % sizeof(uint32_t))
		return false;
	if ((uint64_t)header->hdr_len + header->type_off + header->type_len > bytes->size ||
	    (uint64_t)header->hdr_len + header->str_off + header->str_len > bytes->size)
		return false;
	*ret = (struct source){
		.types = data + header->hdr_len + header->type_off,
		.types_size = header->type_len,
		.strings = data + header->hdr_len + header->str_off,
		.strings_size = header->str_len,
	};
	/* so that each string ends */
	return ret->strings_size && !ret->strings[ret->strings_size - 1];
}

/* What follows a type of each kind, in words: in any case, and for each member. */
static const struct {
	bool known;
	uint8_t words, per_member;
} kinds[] = {
	[BTF_KIND_INT] = { true, 1, 0 },        [BTF_KIND_PTR] = { true, 0, 0 },
	[BTF_KIND_ARRAY] = { true, 3, 0 },      [BTF_KIND_STRUCT] = { true, 0, 3 },
	[BTF_KIND_UNION] = { true, 0, 3 },      [BTF_KIND_ENUM] = { true, 0, 2 },
	[BTF_KIND_FWD] = { true, 0, 0 },        [BTF_KIND_TYPEDEF] = { true, 0, 0 },
	[BTF_KIND_VOLATILE] = { true, 0, 0 },   [BTF_KIND_CONST] = { true, 0, 0 },
	[BTF_KIND_RESTRICT] = { true, 0, 0 },   [BTF_KIND_FUNC] = { true, 0, 0 },
	[BTF_KIND_FUNC_PROTO] = { true, 0, 2 }, [BTF_KIND_VAR] = { true, 1, 0 },
	[BTF_KIND_DATASEC] = { true, 0, 3 },    [BTF_KIND_FLOAT] = { true, 0, 0 },
	[BTF_KIND_DECL_TAG] = { true, 1, 0 },   [BTF_KIND_TYPE_TAG] = { true, 0, 0 },
	[BTF_KIND_ENUM64] = { true, 0, 3 },
};

/* The size of a type, with what follows it; 0: the kind is not known here. */
static size_t size_of(const struct btf_type *type)
{
	const size_t kind = btf_kind(type);

	if (kind >= ARRAY_SIZE(kinds) || !kinds[kind].known)
		return 0;
	return sizeof(*type) +
	       (kinds[kind].words + (size_t)btf_vlen(type) * kinds[kind].per_member) *
		       sizeof(uint32_t);
}

static bool is_flavour(const char *at)
{
	return at[0] == '_' && at[1] == '_' && at[2] == '_';
}

/* The length of a name without its flavour ("___" and what follows), and the hash of that. */
static size_t essence(const char *name, uint32_t *ret_hash)
{
	uint32_t hash = 0;
	size_t length = 0;

	while (name[length] && (!length || !is_flavour(name + length)))
		hash = hash * 31 + (uint8_t)name[length++];
	*ret_hash = hash;
	return length;
}

/* The slot where a name is, or where it would be. */
static size_t slot_of(const struct wanted *wanted, const char *name)
{
	uint32_t hash, other;
	const size_t length = essence(name, &hash);
	size_t at = hash & wanted->mask;

	while (wanted->slots[at] && (essence(wanted->slots[at], &other) != length ||
				     memcmp(wanted->slots[at], name, length) != 0))
		at = (at + 1) & wanted->mask;
	return at;
}

#define BEGINNINGS (1U << 16)

/* The first two characters of a name without its flavour; the name is not empty. */
static size_t beginning(const char *name)
{
	const uint8_t second = is_flavour(name + 1) ? 0 : (uint8_t)name[1];

	return (size_t)(uint8_t)name[0] << 8 | second;
}

static bool want(struct wanted *wanted, const char *const *names)
{
	size_t count = 0, room = 2;

	while (names[count])
		count++;
	while (room < count * 2)
		room *= 2;
	wanted->mask = room - 1;
	wanted->slots = calloc(room, sizeof(*wanted->slots));
	wanted->in_base = calloc(room, sizeof(*wanted->in_base));
	wanted->begins = calloc(BEGINNINGS, sizeof(*wanted->begins));
	if (!wanted->slots || !wanted->in_base || !wanted->begins)
		return false;
	for (size_t i = 0; i < count; i++) {
		wanted->slots[slot_of(wanted, names[i])] = names[i];
		wanted->begins[beginning(names[i])] = true;
	}
	return true;
}

/* NULL: there is none. The strings of a module follow those of the base. */
static const char *string_at(const struct extraction *extraction, uint32_t offset)
{
	const uint32_t base_size = extraction->base.strings_size;

	if (offset < base_size)
		return extraction->base.strings + offset;
	offset -= base_size;
	return offset < extraction->module.strings_size ? extraction->module.strings + offset
							: NULL;
}

static const struct btf_type *type_at(const struct extraction *extraction, uint32_t number)
{
	const struct source *source = number < extraction->base_count ? &extraction->base
								      : &extraction->module;

	return (const struct btf_type *)(source->types + extraction->places[number]);
}

/* The number of a type in the extract, which now includes it. */
static uint32_t take(struct extraction *extraction, uint32_t number)
{
	if (!number)
		return 0;
	if (number >= extraction->all_count) {
		extraction->broken = true;
		return 0;
	}
	if (!extraction->taken[number]) {
		extraction->taken[number] = extraction->count;
		extraction->numbers[extraction->count++] = number;
	}
	return extraction->taken[number];
}

static void take_if_wanted(struct extraction *extraction, uint32_t number)
{
	const uint32_t offset = type_at(extraction, number)->name_off;
	const bool in_base = number < extraction->base_count;
	const char *name = offset ? string_at(extraction, offset) : NULL;
	size_t slot;

	if (!name || !*name || !extraction->wanted.begins[beginning(name)])
		return;
	slot = slot_of(&extraction->wanted, name);
	if (!extraction->wanted.slots[slot] || (!in_base && extraction->wanted.in_base[slot]))
		return;
	extraction->wanted.in_base[slot] = in_base;
	(void)take(extraction, number);
}

/* Finds the types of a BTF, whose numbers continue from `count`. False: it cannot be read. */
static bool find_places(const struct source *source, uint32_t *places, uint32_t *count)
{
	uint32_t at = 0;

	while (at < source->types_size) {
		const size_t left = source->types_size - at;
		const struct btf_type *type = (const void *)(source->types + at);
		const size_t size = left < sizeof(*type) ? 0 : size_of(type);

		if (!size || size > left)
			return false;
		places[(*count)++] = at;
		at += (uint32_t)size;
	}
	return true;
}

static uint32_t take_name(struct extraction *extraction, uint32_t offset)
{
	const uint32_t at = (uint32_t)extraction->strings.size;
	const char *name = offset ? string_at(extraction, offset) : "";

	if (!name)
		extraction->broken = true;
	if (!name || !*name)
		return 0;
	buffer_add(&extraction->strings, name, strlen(name) + 1);
	return at;
}

/* Takes the names and types to which a copied type refers. */
static void take_parts(struct extraction *extraction, struct btf_type *type)
{
	const uint32_t members = btf_vlen(type);
	uint32_t *part = (uint32_t *)(type + 1);

	type->name_off = take_name(extraction, type->name_off);
	switch (btf_kind(type)) {
	case BTF_KIND_PTR:
		if (type->type < extraction->all_count &&
		    (!type->type ||
		     btf_kind(type_at(extraction, type->type)) != BTF_KIND_FUNC_PROTO))
			type->type = 0;
		type->type = take(extraction, type->type);
		break;
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_FUNC:
	case BTF_KIND_TYPE_TAG:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG:
		type->type = take(extraction, type->type);
		break;
	case BTF_KIND_ARRAY:
		part[0] = take(extraction, part[0]);
		part[1] = take(extraction, part[1]);
		break;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		for (uint32_t i = 0; i < members; i++, part += 3) {
			part[0] = take_name(extraction, part[0]);
			part[1] = take(extraction, part[1]);
		}
		break;
	case BTF_KIND_ENUM:
		for (uint32_t i = 0; i < members; i++, part += 2)
			part[0] = take_name(extraction, part[0]);
		break;
	case BTF_KIND_ENUM64:
		for (uint32_t i = 0; i < members; i++, part += 3)
			part[0] = take_name(extraction, part[0]);
		break;
	case BTF_KIND_FUNC_PROTO:
		type->type = take(extraction, type->type);
		for (uint32_t i = 0; i < members; i++, part += 2) {
			part[0] = take_name(extraction, part[0]);
			part[1] = take(extraction, part[1]);
		}
		break;
	case BTF_KIND_DATASEC:
		for (uint32_t i = 0; i < members; i++, part += 3)
			part[0] = take(extraction, part[0]);
		break;
	default:
		break;
	}
}

/* Parts of a copied type are appended to the types that are to be copied. */
static void copy_taken(struct extraction *extraction)
{
	buffer_add(&extraction->strings, "", 1);
	for (uint32_t i = 1; i < extraction->count; i++) {
		const struct btf_type *type = type_at(extraction, extraction->numbers[i]);
		const size_t at = extraction->types.size;

		buffer_add(&extraction->types, type, size_of(type));
		if (extraction->types.failed)
			return;
		take_parts(extraction, (struct btf_type *)(extraction->types.text + at));
	}
}

static int put_together(const struct extraction *extraction, struct btf_extract *ret)
{
	const struct btf_header header = {
		.magic = BTF_MAGIC,
		.version = BTF_VERSION,
		.hdr_len = sizeof(header),
		.type_len = (uint32_t)extraction->types.size,
		.str_off = (uint32_t)extraction->types.size,
		.str_len = (uint32_t)extraction->strings.size,
	};
	struct buffer all = { 0 };

	buffer_add(&all, &header, sizeof(header));
	buffer_add(&all, extraction->types.text, extraction->types.size);
	buffer_add(&all, extraction->strings.text, extraction->strings.size);
	ret->data = all.text;
	ret->size = all.size;
	ret->count = extraction->count;
	ret->numbers = calloc(ret->count, sizeof(*ret->numbers));
	if (all.failed || !ret->numbers)
		return -ENOMEM;
	for (uint32_t i = 1; i < ret->count; i++)
		if (extraction->numbers[i] < extraction->base_count)
			ret->numbers[i] = extraction->numbers[i];
	return 0;
}

/* Three numbers for each possible type; those that are not used take no memory. Not from malloc(),
 * which keeps more for itself once it has freed such a large piece. */
static bool make_room(struct extraction *extraction)
{
	const size_t bytes = (size_t)extraction->base.types_size + extraction->module.types_size;
	const size_t most = 1 + bytes / sizeof(struct btf_type);
	void *room;

	extraction->room_size = 3 * most * sizeof(uint32_t);
	room = mmap(NULL, extraction->room_size, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (room == MAP_FAILED)
		return false;
	extraction->places = room;
	extraction->taken = extraction->places + most;
	extraction->numbers = extraction->taken + most;
	return true;
}

static int extract(struct extraction *extraction, struct btf_extract *ret)
{
	if (!make_room(extraction))
		return -ENOMEM;
	extraction->base_count = 1; /* void */
	if (!find_places(&extraction->base, extraction->places, &extraction->base_count))
		return -EINVAL;
	extraction->all_count = extraction->base_count;
	if (!find_places(&extraction->module, extraction->places, &extraction->all_count))
		return -EINVAL;
	extraction->count = 1;
	for (uint32_t i = 1; i < extraction->all_count; i++)
		take_if_wanted(extraction, i);
	copy_taken(extraction);
	if (extraction->broken || extraction->count <= 1)
		return -EINVAL;
	if (extraction->types.failed || extraction->strings.failed)
		return -ENOMEM;
	return put_together(extraction, ret);
}

int btf_extract(const struct btf_bytes *base, const struct btf_bytes *module,
		const char *const *names, struct btf_extract *ret)
{
	struct extraction extraction = { 0 };
	int error = -EINVAL;

	*ret = (struct btf_extract){ 0 };
	if (open_source(base, &extraction.base) &&
	    (!module || open_source(module, &extraction.module)))
		error = want(&extraction.wanted, names) ? extract(&extraction, ret) : -ENOMEM;
	free(extraction.wanted.slots);
	free(extraction.wanted.in_base);
	free(extraction.wanted.begins);
	if (extraction.places)
		(void)munmap(extraction.places, extraction.room_size);
	free(extraction.types.text);
	free(extraction.strings.text);
	if (error)
		btf_extract_done(ret);
	return error;
}

void btf_extract_done(struct btf_extract *extract)
{
	free(extract->data);
	free(extract->numbers);
	*extract = (struct btf_extract){ 0 };
}
