// Identifiers and cursors (core/src/identifier.rs, core/src/page.rs).

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

/** A new identifier: a UUID version 7 in 26 characters of Crockford's base 32. */
export function identifier(prefix, now) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  for (let place = 5, rest = now; place >= 0; place -= 1, rest = Math.floor(rest / 256)) bytes[place] = rest % 256;
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  // 130 bits: two zeros in front of the 128, then five at a time.
  let text = `${prefix}_`;
  let buffer = 0;
  let bits = 2;
  for (const byte of bytes) {
    buffer = (buffer << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET[(buffer >> bits) & 31];
    }
    buffer &= (1 << bits) - 1;
  }
  return text;
}

/** Where a page begins, bound to the person, the list and its filters. */
export class PageCursor {
  static async write({ key, id }, user, parameters) {
    const form = JSON.stringify({ k: key, i: id, s: await scope(user, parameters) });
    return new TextEncoder().encode(form).toBase64({ alphabet: "base64url", omitPadding: true });
  }

  static async read(text, user, parameters) {
    try {
      const bytes = Uint8Array.fromBase64(text, { alphabet: "base64url" });
      const { k, i, s } = JSON.parse(new TextDecoder().decode(bytes));
      return s === (await scope(user, parameters)) ? { key: k, id: i } : undefined;
    } catch {
      return undefined;
    }
  }
}

async function scope(user, parameters) {
  const filters = [...parameters].filter(([name]) => name !== "cursor" && name !== "limit").sort();
  const bytes = new TextEncoder().encode(JSON.stringify([user, "tasks", filters]));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return digest.subarray(0, 9).toBase64({ alphabet: "base64url", omitPadding: true });
}
