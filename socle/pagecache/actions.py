from django.db import connection
from django.db.transaction import TransactionManagementError

# The row is made again where something emptied the table: pages must never stay old for want of it.
BUMP = """
    INSERT INTO pagecache_generation (id, number) VALUES (1, 1)
    ON CONFLICT (id) DO UPDATE SET number = pagecache_generation.number + 1
"""


def bump() -> None:
    """Make every stored public page old when the running transaction commits.

    Call it last in each transaction that publishes: it takes a row lock that every other publisher waits for.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("bump() belongs to the transaction that publishes: open one first.")
    with connection.cursor() as cursor:
        cursor.execute(BUMP)
