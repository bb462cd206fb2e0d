/**
 * UUIDv7 (RFC 9562, 5.7): 48 bits of milliseconds, then a 12-bit counter (method 1 of 6.2), then 62 random bits.
 * Ids of one generator sort in the order they were made, also within a millisecond or when the clock steps back.
 */
export function createUuid7(now: () => number, fill: (bytes: Uint8Array) => void = fillRandom): () => string {
  let last = -1;
  let counter = 0;
  return () => {
    const bytes = new Uint8Array(16);
    fill(bytes);
    const time = Math.floor(now());
    if (time > last) {
      last = time;
      counter = ((bytes[6] ?? 0) & 0x07) << 8 | (bytes[7] ?? 0);
    } else if (++counter > 0xfff) {
      last++;
      counter = 0;
    }
    for (let i = 0; i < 6; i++) bytes[i] = Math.floor(last / 2 ** (8 * (5 - i))) & 0xff;
    bytes[6] = 0x70 | (counter >> 8);
    bytes[7] = counter & 0xff;
    bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
    const hex = Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  };
}

/** The moment inside a UUIDv7, in milliseconds since 1970. */
export function uuid7Time(id: string): number {
  return Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
}

function fillRandom(bytes: Uint8Array): void {
  crypto.getRandomValues(bytes);
}
