const prime = (1n << 130n) - 5n
const clamp = 0x0ffffffc0ffffffc0ffffffc0fffffffn

/** The authenticator Poly1305 with the key in its two halves, as restic signs its files. */
export function poly1305(message: Buffer, r: Buffer, s: Buffer): Buffer {
  const factor = littleEndian(r) & clamp
  let sum = 0n
  for (let at = 0; at < message.length; at += 16) {
    const block = message.subarray(at, at + 16)
    sum = ((sum + littleEndian(block) + (1n << BigInt(8 * block.length))) * factor) % prime
  }
  const tag = (sum + littleEndian(s)) & ((1n << 128n) - 1n)
  return Buffer.from(tag.toString(16).padStart(32, '0'), 'hex').reverse()
}

const littleEndian = (bytes: Buffer) => BigInt(`0x0${Buffer.from(bytes).reverse().toString('hex')}`)
