#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Changes a history in a way that an attacker could have chosen.

usage: hostile.py KIND DATABASE      hostile.py kinds
"""

import os
import sqlite3
import sys

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "


def columns(database):
    """The names of the columns of event."""
    return [row[1] for row in database.execute("PRAGMA table_info(event)")]


def replace_table(database, sql):
    """Replaces the table event by something else."""
    database.execute("DROP TABLE event")
    database.execute(sql)


def endless_view(database):
    """A view with endless rows."""
    names = columns(database)
    known = {"number": "i", "time": "1795132800000000000", "routine": "0", "line": "'{}'"}
    values = ", ".join(known.get(name, "NULL") for name in names)
    replace_table(
        database, f"CREATE VIEW event({', '.join(names)}) AS {ENDLESS} SELECT {values} FROM n"
    )


def view_of_a_table(database):
    """A view of the old table, with an endless count as the time."""
    names = columns(database)
    database.execute("ALTER TABLE event RENAME TO old")
    values = ", ".join(
        f"({ENDLESS} SELECT count(*) FROM n)" if name == "time" else name for name in names
    )
    database.execute(f"CREATE VIEW event({', '.join(names)}) AS SELECT {values} FROM old")


def generated(database):
    """A large column that is computed each time it is read."""
    names = [name for name in columns(database) if name != "line"]
    names[0] = "number INTEGER PRIMARY KEY"
    replace_table(
        database,
        f"CREATE TABLE event ({', '.join(names)}, line TEXT GENERATED ALWAYS AS ('cheap') VIRTUAL)",
    )
    database.executemany(
        "INSERT INTO event(number, time, routine) VALUES (?, 1795132800000000000, 0)",
        ((number,) for number in range(20)),
    )
    huge = "replace(hex(zeroblob(400000000)), '0', 'x')"
    database.execute("PRAGMA writable_schema = ON")
    database.execute(
        "UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE name = 'event'", ("'cheap'", huge)
    )


def virtual(database):
    """Rows that a program provides."""
    replace_table(
        database, "CREATE VIRTUAL TABLE event USING fts5(number, time, cause, routine, line)"
    )


def no_column(database):
    """The requested columns do not exist."""
    replace_table(database, "CREATE TABLE event (number INTEGER PRIMARY KEY, time INTEGER)")


def huge_row(database):
    """A line larger than any that killtrace writes."""
    database.execute(
        "UPDATE event SET line = replace(hex(zeroblob(100000000)), '0', 'x') WHERE number = 5"
    )


def other_types(database):
    """Blobs, numbers and NULL instead of texts."""
    database.execute("PRAGMA writable_schema = ON")
    database.execute(
        "UPDATE sqlite_schema SET sql = replace(sql, 'NOT NULL', '') WHERE name = 'event'"
    )
    database.commit()
    database.execute("PRAGMA writable_schema = RESET")
    for number, value in enumerate(
        (None, b"\x00\xff{}", 7, 1.5, "", b'{"cause":"x"}', "[1]", "{}"), 1
    ):
        database.execute("UPDATE event SET line = ? WHERE number = ?", (value, number))
    for number, value in enumerate((b"\xff", None, 3.5, "soon"), 20):
        database.execute(
            "UPDATE event SET time = ?, cause = ?, unit = ? WHERE number = ?",
            (value, value, value, number),
        )


def terminal(database):
    """Lines that are not records, and records with control characters."""
    rows = dict(database.execute("SELECT number, line FROM event"))
    changes = {
        1: rows[1] + "\n" + rows[1],
        2: rows[2].replace('"death 2"', '"\x1b[2J"'),
        3: rows[3].replace('"death 3"', '"\\u001b[2J\\u009b1m\x7f\u202e"'),
        4: rows[4].replace(
            '"schema":1', '"schema":1,"\x7fextra":{"a":[1,{"b":"\u0085"}]},"schema":1'
        ),
        5: rows[5].replace('"pid":5', '"pid":"\\u001b"'),
        6: "\x1b]0;title\x07",
        7: rows[7].replace('"sigkill"', '"\\u001b[31m"').replace('"segfault"', '"\\u001b[31m"'),
        8: "[" * 100000,
        9: rows[9].replace('"node":"n"', '"node":"' + "n" * 100000 + '"'),
    }
    for number, line in changes.items():
        database.execute("UPDATE event SET line = ? WHERE number = ?", (line, number))


def triggers(database):
    """Code that runs when a program writes."""
    database.execute(
        f"CREATE TRIGGER t BEFORE INSERT ON event BEGIN INSERT INTO event(id) {ENDLESS} SELECT i FROM n; END"
    )


def large_schema(database):
    """More tables than any program needs."""
    columns_ = ", ".join(f"column{i} TEXT DEFAULT 'x'" for i in range(30))
    database.execute("BEGIN")
    for number in range(5000):
        database.execute(f"CREATE TABLE t{number} ({columns_})")


def no_index(database):
    """Without indexes, each lookup reads the whole table, for every row."""
    for (name,) in list(
        database.execute("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL")
    ):
        database.execute(f"DROP INDEX {name}")


def multiplied(path):
    """Pages that refer to the same page below many times: more rows than the file has bytes. SQLite
    writes no such file, so it is made by hand: an interior page is filled with a single leaf.
    """
    with sqlite3.connect(path) as database:
        size = database.execute("PRAGMA page_size").fetchone()[0]
        database.execute("PRAGMA journal_mode = DELETE")
        roots = dict(database.execute("SELECT name, rootpage FROM sqlite_schema WHERE rootpage"))
    database.close()
    with open(path, "r+b") as file:
        data = bytearray(file.read())

        def page(number):
            return (number - 1) * size

        leaf = roots["event_columns"]
        while data[page(leaf)] == 2:
            leaf = int.from_bytes(data[page(leaf) + 8 : page(leaf) + 12], "big")
        # three levels of interior pages, each page referring to the one below many times
        at = page(leaf)
        start = int.from_bytes(data[at + 8 : at + 10], "big")
        # its length in one byte, or in two of seven bits each
        length = data[at + start] + 1
        if length > 128:
            length = (length - 129) * 128 + data[at + start + 1] + 2
        cell = bytes(data[at + start : at + start + length])
        below = leaf
        for level in range(4):
            number = len(data) // size + 1
            new = bytearray(size)
            count = (size - 12) // (4 + len(cell) + 2)
            content = size
            for index in range(count):
                content -= 4 + len(cell)
                new[content : content + 4] = below.to_bytes(4, "big")
                new[content + 4 : content + 4 + len(cell)] = cell
                new[12 + 2 * index : 14 + 2 * index] = content.to_bytes(2, "big")
            new[0] = 2
            new[3:5] = count.to_bytes(2, "big")
            new[5:7] = content.to_bytes(2, "big")
            new[8:12] = below.to_bytes(4, "big")
            if level == 3:
                data[page(roots["event_columns"]) : page(roots["event_columns"]) + size] = new
            else:
                data += new
                below = number
        data[28:32] = (len(data) // size).to_bytes(4, "big")
        file.seek(0)
        file.write(data)


def main():
    """Makes one kind."""
    kinds = [
        endless_view,
        view_of_a_table,
        generated,
        virtual,
        no_column,
        huge_row,
        other_types,
        terminal,
    ]
    kinds += [triggers, large_schema, no_index]
    if sys.argv[1] == "kinds":
        print(*(kind.__name__ for kind in kinds), "multiplied")
        return
    if sys.argv[1] == "multiplied":
        multiplied(sys.argv[2])
        return
    database = sqlite3.connect(sys.argv[2])
    {kind.__name__: kind for kind in kinds}[sys.argv[1]](database)
    database.commit()
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    os.chmod(sys.argv[2], 0o644)


if __name__ == "__main__":
    main()
