"""How the fuzzer of `cargo xtask verify` writes mail: whatever it thought of, as bytes."""

import schemathesis


@schemathesis.serializer("message/rfc822", "application/mbox")
def mail(_context, value):
    return value if isinstance(value, bytes) else str(value).encode()
