import { expect } from 'vitest'
import { diff, isBackupError } from '../src/index.js'
import { salvage } from '../src/internal.js'
import type { BookContents } from './by-the-book.js'
import { type ForgedBackup, manifestOf } from './forge.js'
import type { MemoryDriver } from './memory-driver.js'

// Salvage, diff and verify must agree about a backup.

/** Kinds of part that salvage looks into. */
const recordKinds: ReadonlySet<unknown> = new Set(['rows', 'raw', 'index', 'deleted'])

/**
 * Of what verifies, nothing is lost and nothing is doubtful. What does not verify is doubted, or lost in part, where it
 * shows without ancestors.
 */
export async function expectSalvage(
  driver: MemoryDriver,
  id: string,
  { ok, problems }: { readonly ok: boolean; readonly problems: readonly Error[] },
  backups: readonly ForgedBackup[],
): Promise<void> {
  const found: string[] = []
  try {
    for await (const one of salvage({ driver, id })) if (one.type !== 'records') found.push(one.type)
  } catch (error) {
    if (!isBackupError(error)) throw error
    found.push(String(error))
  }
  if (ok) expect(found, `${id}: salvage of what verifies`).toEqual([])
  const isFull = backups.find((backup) => backup.id === id)?.manifest.parent === null
  const isElsewhere = problems.every(
    (error) =>
      isBackupError(error) && error.metadata.holds !== undefined && !recordKinds.has(error.metadata.holds),
  )
  if (!ok && isFull && !isElsewhere)
    expect(found, `${id}: salvage of what does not verify: ${problems}`).not.toEqual([])
}

/** What differs between two backups that verify is what differs between their records. */
export async function expectDifferences(
  driver: MemoryDriver,
  backups: readonly ForgedBackup[],
  all: ReadonlyMap<string, BookContents>,
): Promise<void> {
  const manifests = new Map(backups.map((backup) => [backup.id, manifestOf(backup)]))
  const entries = [...manifests.values()].flatMap(({ resources }) => Object.values(resources))
  const isHashed = entries.every(({ contentHash }) => contentHash === 'lines')
  const resourcesOf = (id: string) => Object.keys(manifests.get(id)?.resources ?? {})
  const recordsOf = (id: string, resource: string) => all.get(id)?.[resource] ?? {}
  for (const from of all.keys())
    for (const to of all.keys()) {
      const found: string[] = []
      try {
        for await (const { resource, id, change } of diff({ driver, from, to }))
          found.push(`${resource} ${id} ${change}`)
      } catch (error) {
        // Records that are not in order cannot be compared.
        expect(error, `${from} and ${to} verify`).toMatchObject({ code: 'unsupported' })
        expect(entries.some(({ ordered }) => !ordered)).toBe(true)
        continue
      }
      if (!isHashed) continue
      const expected = [...new Set([from, to].flatMap(resourcesOf))].flatMap((resource) => {
        const [old, now] = [recordsOf(from, resource), recordsOf(to, resource)]
        return [...new Set([...Object.keys(old), ...Object.keys(now)])].flatMap((id) => {
          if (JSON.stringify(old[id]) === JSON.stringify(now[id])) return []
          const change = old[id] === undefined ? 'added' : now[id] === undefined ? 'removed' : 'changed'
          return [`${resource} ${id} ${change}`]
        })
      })
      expect(found.sort(), `what differs between ${from} and ${to}`).toEqual(expected.sort())
    }
}
