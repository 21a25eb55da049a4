"""Where the database is."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseSettings:
    """How to reach Postgres.

    Attributes:
        host: a name, an address, or the folder of a Unix socket.
        port: of the server.
        username, password, database: an empty password is left to libpq (`trust`, `PGPASSFILE`).
        pool_size: connections this process may hold; one or two more listen for news.
        start_seconds: how long a start waits for a server that is not there yet.

    """

    host: str = "localhost"
    port: int = 5432
    username: str = "postgres"
    password: str = field(default="", repr=False)
    database: str = "facemask"
    pool_size: int = 10
    start_seconds: float = 3.0

    @property
    def where(self) -> str:
        """The address as a person writes it; never holds the password."""
        return f"{self.host}:{self.port}, database {self.database!r}, user {self.username!r}"

    def parameters(self) -> dict[str, str | int]:
        """Keyword arguments of a connection. A server that has gone silent is given up after some seconds, also by
        the system below us; a statement that hangs ends on the server too.
        """
        given: dict[str, str | int] = {
            "host": self.host,
            "port": self.port,
            "user": self.username,
            "dbname": self.database,
            "connect_timeout": 5,
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 3,
            "tcp_user_timeout": 10_000,
            "application_name": "facemask",
        }
        return given | ({"password": self.password} if self.password else {})


class DatabaseUnreachable(Exception):  # noqa: N818 - a fact, not an error of ours
    """There is no usable server at the address; the text says what to do."""

    def __init__(self, settings: DatabaseSettings, reason: str) -> None:
        super().__init__(
            f"no database at {settings.where} ({reason}): start Postgres there, or say with DB_HOST, DB_PORT, "
            "DB_USERNAME, DB_PASSWORD and DB_DATABASE where it is, or keep jobs in memory with "
            "`facemask serve --no-database`"
        )
