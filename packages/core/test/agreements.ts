import { expect } from 'vitest'
import { diff, isBackupError } from '../src/index.js'
import { salvage } from '../src/internal.js'
import type { Manifest } from '../src/manifest.js'
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
      const resources = [...new Set([from, to].flatMap(resourcesOf))]
      const unread = unreadOf(manifests, from, to)
      try {
        for await (const { resource, id, change } of diff({ driver, from, to }))
          found.push(`${resource} ${id} ${change}`)
        expect(
          resources.flatMap((resource) => [...unread(resource)]),
          `${from} and ${to} are compared`,
        ).toEqual([])
      } catch (error) {
        const code = isBackupError(error) ? error.code : error
        // Records that are not in order cannot be compared; of records that were lost, nothing is known.
        expect(['unsupported', 'incomplete'], `${from} and ${to} verify: ${error}`).toContain(code)
        if (code === 'unsupported') {
          expect(entries.some(({ ordered }) => !ordered)).toBe(true)
          continue
        }
        expect(resources.some((resource) => unread(resource).size > 0)).toBe(true)
      }
      if (!isHashed) continue
      const expected = resources.flatMap((resource) => {
        const [old, now] = [recordsOf(from, resource), recordsOf(to, resource)]
        return [...new Set([...Object.keys(old), ...Object.keys(now)])].flatMap((id) => {
          if (JSON.stringify(old[id]) === JSON.stringify(now[id]) || unread(resource).has(id)) return []
          const change = old[id] === undefined ? 'added' : now[id] === undefined ? 'removed' : 'changed'
          return [`${resource} ${id} ${change}`]
        })
      })
      expect(found.sort(), `what differs between ${from} and ${to}`).toEqual(expected.sort())
    }
}

/** The records of a resource that one of two backups could not read, as their manifests name them. */
function unreadOf(manifests: ReadonlyMap<string, Manifest>, ...ids: readonly string[]) {
  return (resource: string): ReadonlySet<string> =>
    new Set(
      ids.flatMap((id) => manifests.get(id)?.resources[resource]?.lost.map((record) => record.id) ?? []),
    )
}
