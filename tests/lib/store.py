"""The two stores as the tests see them: a fresh one for each test, read behind the server's back."""
import os
import sqlite3
import subprocess
import urllib.parse
import uuid


class SqliteStore:
    kind = "sqlite"

    def __init__(self, folder):
        self.path = os.path.join(folder, "var", "db", "anlan.db")
        self.url = "sqlite:" + self.path

    def query(self, sql):
        connection = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=10)
        try:
            return [tuple(None if v is None else str(v) for v in row) for row in connection.execute(sql)]
        finally:
            connection.close()

    def change(self, sql):
        connection = sqlite3.connect(self.path, timeout=10)
        try:
            with connection:
                return connection.execute(sql).rowcount
        finally:
            connection.close()

    def drop(self):
        pass


class MysqlStore:
    """A new database on a running MariaDB; `server` is mysql://USER:PASSWORD@HOST:PORT/ or
    mysql://USER@/?socket=PATH."""
    kind = "mysql"

    def __init__(self, server):
        parts = urllib.parse.urlsplit(server)
        self._client = ["mariadb", "--no-defaults", "--default-character-set=utf8mb4", "-N", "-B", "-r"]
        if parts.username:
            self._client.append("--user=" + urllib.parse.unquote(parts.username))
        self._environment = dict(os.environ, MYSQL_PWD=urllib.parse.unquote(parts.password or ""))
        query = urllib.parse.parse_qs(parts.query)
        if "socket" in query:
            self._client.append("--socket=" + query["socket"][0])
        else:
            self._client += [f"--host={parts.hostname}", f"--port={parts.port or 3306}", "--protocol=tcp"]
        self.name = "anlan_test_" + uuid.uuid4().hex[:12]
        self._run(f"CREATE DATABASE {self.name} CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin", None)
        self.url = urllib.parse.urlunsplit(parts._replace(path="/" + self.name))

    def _run(self, sql, database):
        command = self._client + ([database] if database else [])
        done = subprocess.run(command, input=sql.encode(), capture_output=True, env=self._environment, timeout=60)
        if done.returncode != 0:
            raise RuntimeError(f"mariadb: {done.stderr.decode()} for {sql}")
        return done.stdout.decode("utf-8", "replace")

    def query(self, sql):
        text = self._run(sql, self.name)
        return [tuple(None if v == "NULL" else v for v in line.split("\t")) for line in text.splitlines()]

    def change(self, sql):
        return int(self._run(sql.rstrip("; \n") + "; SELECT ROW_COUNT();", self.name).split()[-1])

    def drop(self):
        self._run(f"DROP DATABASE IF EXISTS {self.name}", None)
