"""The tables of the log and of its witnesses, and how every key and index of the database is named."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table

from meetcoord.adapters.sql.types import UtcDateTime, Words

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

log_pending = Table(
    "log_pending",
    metadata,
    # On SQLite only a column declared INTEGER numbers its rows; AUTOINCREMENT never gives a number twice.
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("about", Words, nullable=False),
    Column("entry", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)

log_leaves = Table(
    "log_leaves",
    metadata,
    Column("index", BigInteger, primary_key=True, autoincrement=False),
    Column("about", Words, nullable=False),
    Column("entry", LargeBinary, nullable=False),
    Index(None, "about", "index"),
)

log_nodes = Table(
    "log_nodes",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("index", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

log_head = Table(
    "log_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False),
    Column("frontier", LargeBinary, nullable=False),
)

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("note", Words, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

# `witness` is a verifier key: the name alone would not tell a new key of the same witness from its old one.
cosignatures = Table(
    "cosignatures",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("witness", Words, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("line", Words, nullable=False),
    sqlite_with_rowid=False,
)

# Which checkpoints meet the quorum of which policy, so that neither the newest nor the first has to be searched for.
witnessed = Table(
    "witnessed",
    metadata,
    Column("policy", Words, primary_key=True),
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

witness_answers = Table(
    "witness_answers",
    metadata,
    Column("witness", Words, primary_key=True),
    Column("held", BigInteger),
    Column("asked_at", UtcDateTime),
    Column("answered_at", UtcDateTime),
    Column("failures", Integer, nullable=False),
    Column("fault", Words, nullable=False),
)

forks = Table(
    "forks",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("found_at", UtcDateTime, nullable=False),
    Column("witness", Words, nullable=False),
    Column("ours", Words, nullable=False),
    Column("theirs", Words, nullable=False),
    Index(None, "found_at", "digest"),
)

log_imports = Table(
    "log_imports",
    metadata,
    Column("first", BigInteger, primary_key=True, autoincrement=False),
    Column("beyond", BigInteger, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)
