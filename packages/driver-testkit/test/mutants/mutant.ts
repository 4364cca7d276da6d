import type { Driver } from '@s3db-backup/core'
import { memoryIn } from '../../src/doubles/memory.js'

/** A driver that is right in everything but one thing. */
export interface Mutant {
  /** What it does wrong. */
  readonly name: string
  /** The cases that must notice. */
  readonly caughtBy: readonly string[]
  /** The methods that do it, given a right driver and what that one stores. */
  spoil(good: Driver, objects: Map<string, Uint8Array>): Partial<Driver>
}

/** A new, empty driver with that one fault. */
export function born({ spoil }: Mutant): Driver {
  const objects = new Map<string, Uint8Array>()
  const good = memoryIn(objects)
  return { ...good, ...spoil(good, objects) }
}

/** Reads a body to its end, whatever it holds. */
export async function gather(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(Uint8Array.from(chunk))
  return Buffer.concat(chunks)
}

export async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

/** A signal that never aborts. */
export const deaf = new AbortController().signal
