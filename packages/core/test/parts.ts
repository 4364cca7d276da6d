import type { Codec } from '../src/codec.js'
import type { Driver } from '../src/driver.js'
import type { PartContext } from '../src/format/part-writer.js'
import type { ReadContext } from '../src/format/stored-part.js'
import { guard } from '../src/guard.js'
import { partNames } from '../src/layout.js'

const never = new AbortController().signal

/** What parts are written with, below `backup/`. */
export function writing(driver: Driver, more: Partial<PartContext> = {}): PartContext {
  return {
    driver: guard(driver),
    backupId: 'full-1',
    directory: 'backup',
    codecs: [],
    nameOf: partNames(),
    maxContentBytes: Number.POSITIVE_INFINITY,
    onKey: () => undefined,
    onBytes: () => undefined,
    signal: never,
    ...more,
  }
}

/** What they are read with. */
export function reading(driver: Driver, codecs: readonly Codec[] = [], signal = never): ReadContext {
  return {
    driver: guard(driver),
    backupId: 'full-1',
    directory: 'backup',
    codecs: new Map(codecs.map((codec) => [codec.id, codec])),
    signal,
  }
}
