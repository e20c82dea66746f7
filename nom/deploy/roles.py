"""The roles of the cluster, and who may open which force's database. Owns names and passwords' verifiers.

A password leaves this process only as a SCRAM verifier, never in clear, and is changed only when it is another one.
"""

import base64
import hashlib
import hmac
import os
import re
from collections.abc import Mapping
from typing import Final

import asyncpg

OWNER: Final = "nom_owner"
WORKERS: Final = "nom_worker"
READERS: Final = "nom_reader"
_ITERATIONS: Final = 4096


def database_of(force: str) -> str:
    """`gmp` (or `GMP`) → `nom_gmp`, the database of that force's ledger. Raises `ValueError` for another form."""
    if not re.fullmatch(r"[a-z]{3}", force.lower()):
        msg = f"not a force's short name: {force!r}"
        raise ValueError(msg)
    return f"nom_{force.lower()}"


def worker_of(force: str) -> str:
    """`gmp` → `nom_gmp_worker`, the login of that force's workers."""
    return f"{database_of(force)}_worker"


def reader_of(force: str) -> str:
    """`gmp` → `nom_gmp_reader`, the login of those who only read that force's ledger."""
    return f"{database_of(force)}_reader"


async def create_roles(admin_dsn: str, passwords: Mapping[str, str]) -> None:
    """Create the three roles of the cluster and a login for each name in `passwords`; run again, it changes nothing.

    A name ending in `_worker` joins `nom_worker`, one ending in `_reader` joins `nom_reader`; `nom_owner` may log in
    only if it is named. Raises `ValueError` for a name of another form and for a password that is not printable ASCII.
    """
    connection = await asyncpg.connect(admin_dsn)
    try:
        await roles_in_place(connection, passwords)
    finally:
        await connection.close()


async def roles_in_place(connection: asyncpg.Connection, passwords: Mapping[str, str]) -> None:
    """As `create_roles`, on a connection of the administrator's."""
    memberships = {role: _membership(role) for role in passwords}
    may_see = await connection.fetchval("SELECT has_table_privilege('pg_catalog.pg_authid', 'SELECT')")
    kept = await _verifiers(connection, passwords, may_see=may_see)
    missing = [role for role in (OWNER, WORKERS, READERS) if role not in kept and role not in passwords]
    statements = [f"CREATE ROLE {role} NOLOGIN" for role in missing]
    for role, password in passwords.items():
        if kept.get(role) is None or not _verifies(kept[role] or "", password):
            statements.append(_login(role, password, None if role in kept else memberships[role]))
    if OWNER not in kept and not may_see:
        # An administrator who is no superuser must be able to hand databases over and to migrate them.
        statements.append(f"GRANT {OWNER} TO CURRENT_USER")
    if statements:
        async with connection.transaction():
            await connection.execute("; ".join(statements))


async def _verifiers(
    connection: asyncpg.Connection, passwords: Mapping[str, str], *, may_see: bool
) -> dict[str, str | None]:
    """The roles that exist, with what their passwords are checked against (None: no password, or not ours to see)."""
    names = [OWNER, WORKERS, READERS, *passwords]
    source = "rolpassword FROM pg_authid" if may_see else "NULL FROM pg_roles"
    rows = await connection.fetch(f"SELECT rolname::text, {source} WHERE rolname = ANY($1::text[])", names)
    return {row[0]: row[1] for row in rows}


def _login(role: str, password: str, membership: str | None) -> str:
    """The statement that makes a login with this password; without a membership to give, the login exists already."""
    verifier = _verifier(password, os.urandom(16), _ITERATIONS)
    if membership is None:
        return f"ALTER ROLE {role} LOGIN PASSWORD '{verifier}'"
    return f"CREATE ROLE {role} LOGIN PASSWORD '{verifier}'{membership}"


def _membership(role: str) -> str:
    if role == OWNER:
        return ""
    for group in (WORKERS, READERS):
        if re.fullmatch(rf"nom_[a-z]{{3}}{group.removeprefix('nom')}", role):
            return f" IN ROLE {group}"
    msg = f"not the login of a force: {role!r}; expected nom_gmp_worker or nom_gmp_reader"
    raise ValueError(msg)


def _verifies(verifier: str, password: str) -> bool:
    """Whether a stored verifier is this password's."""
    parts = verifier.split("$")
    if len(parts) != 3 or parts[0] != "SCRAM-SHA-256":  # noqa: PLR2004 - mechanism, salt and keys
        return False
    iterations, salt = parts[1].split(":")
    return hmac.compare_digest(verifier, _verifier(password, base64.b64decode(salt), int(iterations)))


def _verifier(password: str, salt: bytes, iterations: int) -> str:
    """What PostgreSQL stores for a password (RFC 5803). ASCII is its own SASLprep form, so nothing else is taken."""
    if not (password and password.isascii() and password.isprintable()):
        msg = "a database password must be printable ASCII"
        raise ValueError(msg)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode("ascii"), salt, iterations)
    client = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    encoded = (base64.b64encode(part).decode("ascii") for part in (salt, client, server))
    return "SCRAM-SHA-256${}:{}${}:{}".format(iterations, *encoded)
