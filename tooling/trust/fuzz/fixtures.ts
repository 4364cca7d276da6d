import { readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'

const packages = join(import.meta.dirname, '../../../packages')

/** Frozen backups: one destination as core wrote it, and the destinations that were encrypted. */
export const places = {
  plain: join(packages, 'core/fixtures/format-v1'),
  encrypted: join(packages, 'encryption/fixtures/2'),
  encryptedParts: join(packages, 'encryption/fixtures/1'),
} as const

/** Every object below a folder, by key. */
export function objectsIn(folder: string): Map<string, Uint8Array> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  )
  return new Map(
    entries.map((entry) => {
      const path = join(entry.parentPath, entry.name)
      return [path.slice(folder.length + 1).replaceAll(sep, '/'), readFileSync(path)]
    }),
  )
}

/** Only the objects of one backup. */
export function backupIn(folder: string, id: string): Map<string, Uint8Array> {
  return new Map([...objectsIn(folder)].filter(([key]) => key.startsWith(`${id}/`)))
}

/** The keys that the frozen encrypted backups are opened with. */
export function secretsOf(folder: string): Readonly<Record<string, string>> {
  return JSON.parse(readFileSync(join(folder, 'secrets.json'), 'utf8'))
}
