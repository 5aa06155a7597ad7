/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A database of version 1 of the schema: the output of `sqlite3 history.db .dump` for one, with the
 * two settings that a dump lacks. For migrations; never to be changed.
 */
#ifndef KT_HISTORY_V1_H
#define KT_HISTORY_V1_H

static const char history_v1[] =
	"PRAGMA auto_vacuum = INCREMENTAL;"
	"PRAGMA journal_mode = WAL;"
	"PRAGMA application_id = 1802793571;"
	"PRAGMA user_version = 1;"
	"BEGIN TRANSACTION;"
	"CREATE TABLE event ( number INTEGER PRIMARY KEY, id TEXT UNIQUE, time INTEGER NOT NULL,"
	" cause TEXT, routine INTEGER NOT NULL, unit TEXT, user_unit TEXT, pod TEXT, container TEXT,"
	" pid INTEGER, comm TEXT, line TEXT NOT NULL);"
	"INSERT INTO event VALUES(1,'boot-1',1700000000000000001,'sigkill',0,'shop.service',NULL,NULL,"
	"NULL,41,'nginx','{\"schema\":1,\"id\":\"boot-1\",\"time\":\"2023-11-14T22:13:20.000000001Z\","
	"\"cause\":\"sigkill\",\"class\":\"userspace\",\"routine\":false,\"summary\":\"one\","
	"\"victim\":{\"pid\":41,\"comm\":\"nginx\"},\"systemd\":{\"unit\":\"shop.service\"}}');"
	"INSERT INTO event VALUES(2,NULL,1700000000000000002,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,"
	"'{\"schema\":1,\"time\":\"2023-11-14T22:13:20.000000002Z\",\"lost\":{\"ring_full\":7}}');"
	"INSERT INTO event VALUES(5,'boot-3',1700000000000000003,'signal',1,NULL,NULL,'shop/web-0',"
	"'web',42,'it''s','{\"schema\":1,\"id\":\"boot-3\",\"time\":\"2023-11-14T22:13:20.000000003Z\","
	"\"cause\":\"signal\",\"class\":\"userspace\",\"routine\":true,\"summary\":\"two\","
	"\"victim\":{\"pid\":42,\"comm\":\"it''s\"},\"kubernetes\":{\"namespace\":\"shop\","
	"\"pod\":\"web-0\",\"container\":\"web\"}}');"
	"CREATE INDEX event_time ON event(time);"
	"CREATE INDEX event_cause ON event(cause, time);"
	"CREATE INDEX event_unit ON event(unit, time) WHERE unit IS NOT NULL;"
	"CREATE INDEX event_user_unit ON event(user_unit, time) WHERE user_unit IS NOT NULL;"
	"CREATE INDEX event_pod ON event(pod, time) WHERE pod IS NOT NULL;"
	"COMMIT;";

#endif
