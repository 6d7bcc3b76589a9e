"""The one place that checks a signature."""

from functools import lru_cache

from jwt import PyJWS
from jwt.exceptions import PyJWTError

from facade.adapters.tokens.keys import Key
from facade.kernel import Unauthenticated


def check_signature(token: str, key: Key, algorithm: str) -> None:
    """Prove that the holder of this key signed the whole token with this algorithm.

    Raises:
        Unauthenticated: it did not, or the key does not serve the algorithm.

    Source: RFC 7515 section 5.2, by PyJWT.
    """
    if algorithm not in key.algorithms:
        raise Unauthenticated("The token's key does not serve its algorithm.")
    try:
        _verifier(algorithm).decode_complete(token, key.material, algorithms=[algorithm])
    except PyJWTError:
        raise Unauthenticated("The token's signature does not hold.") from None


@lru_cache(maxsize=32)
def _verifier(algorithm: str) -> PyJWS:
    """Knows one algorithm and no other. Kept, because making one costs as much as a signature."""
    return PyJWS(algorithms=[algorithm], options={"enforce_minimum_key_length": True})
