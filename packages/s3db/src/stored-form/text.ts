import { inflateRawSync } from 'node:zlib'
import { onText, type Transform, unreadable } from './transform.js'

/** Long texts, deflated: `z:` and base64, or `z85:` and base 85. */

const alphabet = '!#$%&()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_abcdefghijklmnopqrstuvwxyz{|}~'

/** The largest text that is inflated, in bytes: far above what an object's metadata can carry. */
const largestText = 16 * 1024 * 1024

/**
 * Written uncompressed where s3db.js would not compress either; otherwise not at all, since another version of
 * zlib may spell the same text in other bytes.
 */
export function compressText(threshold: number): Transform {
  return onText((text) => (Buffer.byteLength(text) < threshold ? text : unreadable))
}

export const decompressText: Transform = onText((text) => {
  if (text.startsWith('z85:')) return inflated(decodeBase85(text.slice(4)), text)
  return text.startsWith('z:') ? inflated(Buffer.from(text.slice(2), 'base64'), text) : text
})

function inflated(bytes: Uint8Array, stored: string): string {
  if (bytes.length === 0) return ''
  try {
    return inflateRawSync(bytes, { maxOutputLength: largestText }).toString('utf8')
  } catch {
    return stored
  }
}

/** Five digits for four bytes; a shorter last group stands for one byte less than it has digits. */
function decodeBase85(text: string): Uint8Array {
  const bytes: number[] = []
  for (let at = 0; at < text.length; at += 5) {
    const group = text.slice(at, at + 5)
    let word = 0
    for (let index = 0; index < 5; index++)
      word = word * 85 + (index < group.length ? Math.max(alphabet.indexOf(group.charAt(index)), 0) : 84)
    bytes.push(...[24, 16, 8, 0].slice(0, group.length - 1).map((shift) => (word >>> shift) & 255))
  }
  return Uint8Array.from(bytes)
}
