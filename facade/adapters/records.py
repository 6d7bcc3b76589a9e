"""Tenants that the settings declare."""

from collections.abc import Mapping

from facade.kernel import TenantRecord


class DeclaredTenants:
    """`Tenants` over the records of the settings file; they change with the file alone."""

    def __init__(self, records: Mapping[str, TenantRecord]) -> None:
        self._records = records

    async def find(self, tenant_id: str) -> TenantRecord | None:
        """See `ports.Tenants`."""
        return self._records.get(tenant_id)
