import { partNames } from '../src/format/layout.js'
import type { PartContext } from '../src/format/open-part.js'
import type { ReadContext } from '../src/format/stored-part.js'
import type { Codec } from '../src/ports/codec.js'
import type { Driver } from '../src/ports/driver.js'
import { guard } from '../src/ports/guard.js'

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
