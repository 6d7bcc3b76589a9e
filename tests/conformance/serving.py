"""The library as a program: prints its address, serves until it is stopped."""

import asyncio
import sys

from tests.conformance.library import Library, served


async def main() -> None:
    async with served(Library()) as url:
        sys.stdout.write(f"{url}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
