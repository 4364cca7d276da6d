import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Row, Target } from '@s3db-backup/core'
import type { State } from './model.ts'

/** A database to restore into. */
export interface Shelf {
  write(resource: string, row: Row): void
  remove(resource: string, id: string): void
  ids(resource: string): readonly string[]
  state(): State
}

export function shelf(): Shelf {
  const resources = new Map<string, Map<string, Row>>()
  const of = (resource: string) => {
    const rows = resources.get(resource) ?? new Map<string, Row>()
    resources.set(resource, rows)
    return rows
  }
  return {
    write: (resource, row) => void of(resource).set(row.id, row),
    remove: (resource, id) => void of(resource).delete(id),
    ids: (resource) => [...of(resource).keys()],
    state: () => Object.fromEntries([...resources].map(([name, rows]) => [name, [...rows.values()]])),
  }
}

/** One that outlives the process: a file for each record. */
export function shelfIn(folder: string): Shelf {
  const of = (resource: string) => {
    mkdirSync(join(folder, resource), { recursive: true })
    return join(folder, resource)
  }
  const ids = (resource: string) => readdirSync(of(resource))
  return {
    write: (resource, row) => writeFileSync(join(of(resource), row.id), JSON.stringify(row)),
    remove: (resource, id) => rmSync(join(of(resource), id)),
    ids,
    state() {
      const names = existsSync(folder) ? readdirSync(folder) : []
      const rowsOf = (name: string) =>
        ids(name).map((id) => JSON.parse(readFileSync(join(folder, name, id), 'utf8')))
      return Object.fromEntries(names.map((name) => [name, rowsOf(name)]))
    },
  }
}

/** Replaces what is there and removes what the backup does not have: after it, the shelf is the backup's state. */
export function targetOver(shelf: Shelf): Target {
  return {
    async open({ resources }) {
      for (const { name } of resources) shelf.ids(name)
    },
    async write(resource, batches) {
      const gone = new Set(shelf.ids(resource))
      let restored = 0
      for await (const { rows } of batches) {
        for (const row of rows) {
          gone.delete(row.id)
          shelf.write(resource, row)
          restored += 1
        }
      }
      for (const id of gone) shelf.remove(resource, id)
      return { restored, replaced: 0, skipped: 0, removed: gone.size, failed: [] }
    },
  }
}
