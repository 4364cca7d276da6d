import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sha256 } from '../hostile/forge.ts'
import type { Reader, Seed } from './reader.ts'

const root = join(import.meta.dirname, '../corpus')

/** Larger inputs are not kept: a smaller one of the same class comes along. */
const largest = 8 * 1024

/** An input that is kept: it found something once, or was the first to end in some way. */
export interface Kept {
  readonly seed: Seed
  /** How it has to end; `found` for one that once ended badly and may end in any good way. */
  readonly kind: string
  readonly file: string
  readonly bytes: Uint8Array
}

/** What is kept for a reader. Files are called `<seed>/<how it ends>-<hash>`. */
export function corpusOf({ name, seeds }: Reader): Kept[] {
  return seeds.flatMap((seed) => {
    const folder = folderOf(name, seed)
    if (!existsSync(folder)) return []
    return readdirSync(folder)
      .sort()
      .map((file) => ({
        ...{ seed, file: join(folder, file) },
        ...{ kind: file.slice(0, file.lastIndexOf('-')), bytes: readFileSync(join(folder, file)) },
      }))
  })
}

/** Names that every file system takes. */
function folderOf(reader: string, seed: Seed): string {
  return join(root, ...[reader, seed.name].map((name) => name.replaceAll(/[^\w.]+/g, '-')))
}

/** Keeps an input, unless it is large. */
export function keep(reader: Reader, seed: Seed, kind: string, bytes: Uint8Array): void {
  if (bytes.byteLength > largest && kind !== 'found') return
  const folder = folderOf(reader.name, seed)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${kind}-${sha256(bytes).slice(0, 12)}`), bytes)
}
