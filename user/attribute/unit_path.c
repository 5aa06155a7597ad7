/* SPDX-License-Identifier: BSD-2-Clause */
#include "attribute/unit_path.h"

#include "attribute/owner.h"
#include "attribute/unit_name.h"

/* One service manager's part of a path: slices, then a unit. */
struct manager_level {
	struct span slice;
	struct span unit;
	/* systemd never escapes units that have others below them, so it does not look for escapes.
	 */
	bool unit_escaped;
	bool have_uid;
	uint32_t uid;
};

static void take_slice(struct span slice, struct manager_level *ret)
{
	struct span part;

	ret->slice = slice;
	if (unit_name_between(slice, "user-", ".slice", &part) &&
	    unit_name_parse_uid(part, &ret->uid))
		ret->have_uid = true;
}

/* *at moves past the unit, or past the component in its place. */
static void read_level(const char **at, struct manager_level *ret)
{
	struct span component, slice;

	*ret = (struct manager_level){ .slice = { "", 0 }, .unit = { "", 0 } };
	while (span_next_component(at, &component)) {
		if (!unit_name_decode_slice(component, &slice)) {
			if (unit_name_decode(component, &ret->unit))
				ret->unit_escaped = ret->unit.s != component.s;
			return;
		}
		take_slice(slice, ret);
	}
}

/* True if units of another manager, or of the session's own, follow below this one. */
static bool enter_user_level(struct span unit, struct owner *ret)
{
	struct span part;

	if (unit_name_between(unit, "session-", ".scope", &part) && unit_name_session_id(part)) {
		span_copy(part, ret->session, sizeof(ret->session));
		return true;
	}
	if (unit_name_between(unit, "user@", ".service", &part)) {
		uint32_t uid;

		if (!unit_name_parse_uid(part, &uid))
			return false;
		if (!ret->have_owner_uid)
			ret->owner_uid = uid;
		ret->have_owner_uid = true;
		return true;
	}
	return unit_name_between(unit, "capsule@", ".service", &part);
}

void unit_path_read(const char *path, struct owner *ret)
{
	struct manager_level system, user;
	const char *at = path;

	read_level(&at, &system);
	span_copy(system.slice, ret->slice, sizeof(ret->slice));
	span_copy(system.unit, ret->unit, sizeof(ret->unit));
	ret->have_owner_uid = system.have_uid;
	ret->owner_uid = system.have_uid ? system.uid : 0;

	if (!enter_user_level(system.unit, ret) || system.unit_escaped)
		return;
	read_level(&at, &user);
	span_copy(user.unit, ret->user_unit, sizeof(ret->user_unit));
}
