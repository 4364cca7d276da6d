import type { Reader } from './reader.ts'
import { configurationReaders } from './readers/configurations.ts'
import { keyReaders } from './readers/keys.ts'
import { manifestReaders } from './readers/manifests.ts'
import { noteReaders } from './readers/notes.ts'
import { partReaders } from './readers/parts.ts'

/** Everything that reads stored bytes or what people write by hand. */
export const readers: readonly Reader[] = [
  ...manifestReaders,
  ...partReaders,
  ...noteReaders,
  ...keyReaders,
  ...configurationReaders,
]
