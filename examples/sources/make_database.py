"""Makes a small SQLite database that stands for a force's system: `python3 make_database.py force.db`.

Run it again to add one more record. The view is what a force's own database would offer to Vigil.
"""

import sqlite3
import sys
from contextlib import closing

TABLES = """
CREATE TABLE IF NOT EXISTS misper (
    number TEXT PRIMARY KEY, serial TEXT, made_at TEXT, changed_at TEXT,
    area TEXT, risk TEXT, full_name TEXT, age INTEGER
);
CREATE VIEW IF NOT EXISTS vigil_export AS
    SELECT number AS source_id, serial, made_at AS recorded_at, changed_at, area, risk,
           full_name AS "person.name", age AS "person.age", 1 AS example
    FROM misper;
"""
ADDED = """
INSERT INTO misper
SELECT printf('EX-%04d', 200 + count(*)), printf('STORM-EX-%04d', 300 + count(*)),
       strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), strftime('%Y-%m-%dT%H:%M:%fZ', 'now'),
       'stoke', 'medium', 'Example Person ' || (10 + count(*)), 14
FROM misper
"""

if __name__ == "__main__":
    with closing(sqlite3.connect(sys.argv[1])) as database, database:
        database.executescript(TABLES)
        database.execute(ADDED)
