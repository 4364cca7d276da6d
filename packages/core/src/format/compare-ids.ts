const firstSurrogate = 0xd800

/**
 * Orders ids by the bytes of their UTF-8, as S3 lists keys. JavaScript's own `<` compares UTF-16 units, which
 * puts characters outside the basic plane (written with surrogates) before U+E000 to U+FFFF.
 */
export function compareIds(a: string, b: string): number {
  const shared = Math.min(a.length, b.length)
  for (let i = 0; i < shared; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return x >= firstSurrogate && y >= firstSurrogate ? lift(x) - lift(y) : x - y
  }
  return a.length - b.length
}

/** Surrogates moved above U+FFFF, where the characters belong that they are halves of. */
function lift(unit: number): number {
  return unit <= 0xdfff ? unit + 0x10000 : unit
}
