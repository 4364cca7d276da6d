import { createHash } from 'node:crypto'

/** Stored bytes per hashed block: small enough to hold in memory, large enough to keep manifests short. */
export const blockBytes = 4 * 1024 * 1024

/** The measurements of a byte stream. */
export interface Measure {
  readonly bytes: number
  readonly sha256: string
  readonly blocks: readonly string[]
}

/** Counts and hashes bytes as they pass. */
export function measure(): {
  pass(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array>
  result(): Measure
} {
  const whole = createHash('sha256')
  const blocks: string[] = []
  let block = createHash('sha256')
  let inBlock = 0
  let bytes = 0

  const add = (chunk: Uint8Array) => {
    bytes += chunk.byteLength
    whole.update(chunk)
    let rest = chunk
    while (inBlock + rest.byteLength >= blockBytes) {
      const missing = blockBytes - inBlock
      blocks.push(block.update(rest.subarray(0, missing)).digest('hex'))
      rest = rest.subarray(missing)
      block = createHash('sha256')
      inBlock = 0
    }
    block.update(rest)
    inBlock += rest.byteLength
  }

  return {
    async *pass(chunks) {
      for await (const chunk of chunks) {
        add(chunk)
        yield chunk
      }
    },
    result: () => ({
      bytes,
      sha256: whole.copy().digest('hex'),
      blocks: inBlock > 0 ? [...blocks, block.copy().digest('hex')] : blocks,
    }),
  }
}
