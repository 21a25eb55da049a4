"""Settings of the connection to Postgres."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseSettings:
    """Address and pool size of Postgres.

    Attributes:
        host: a name, an address, or the folder of a Unix socket.
        port: of the server.
        username, password, database: an empty password is left to libpq (`trust`, `PGPASSFILE`).
        pool_size: most pooled connections of this process; one or two more listen for notifications.
        start_seconds: time that a start waits for a server that is not up yet.

    """

    host: str = "localhost"
    port: int = 5432
    username: str = "postgres"
    password: str = field(default="", repr=False)
    database: str = "facemask"
    pool_size: int = 10
    start_seconds: float = 3.0

    @property
    def description(self) -> str:
        """The address for messages; never contains the password."""
        return f"{self.host}:{self.port}, database {self.database!r}, user {self.username!r}"

    def parameters(self) -> dict[str, str | int]:
        """Return the keyword arguments of a connection.

        Keepalives let the operating system give up a silent server after some seconds.
        """
        parameters: dict[str, str | int] = {
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
        return parameters | ({"password": self.password} if self.password else {})


class DatabaseUnreachableError(Exception):
    """No usable server at the address; the text says what to do."""

    def __init__(self, settings: DatabaseSettings, reason: str) -> None:
        super().__init__(
            f"no database at {settings.description} ({reason}): start Postgres there, or say with DB_HOST, DB_PORT, "
            "DB_USERNAME, DB_PASSWORD and DB_DATABASE where it is, or keep jobs in memory with "
            "`facemask serve --no-database`"
        )
