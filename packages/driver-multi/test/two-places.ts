import {
  backup,
  type Driver,
  openCatalog,
  type Row,
  records,
  restore,
  type Source,
  type Target,
} from '@s3db-backup/core'
import { memory } from '@s3db-backup/driver-testkit'
import { expect } from 'vitest'
import { type MultiDriver, multi } from '../src/index.js'

/** Two destinations in one map of objects, so that all their steps can be put in one order. */
export type Place = 'a' | 'b'

export const places: readonly Place[] = ['a', 'b']

/** One of the two destinations. */
export function placeIn(driver: Driver, place: Place): Driver {
  const inside = `${place}/`
  return {
    name: place,
    put: (key, body, call) => driver.put(inside + key, body, call),
    get: (key, call) => driver.get(inside + key, call),
    async *list(prefix, call) {
      for await (const info of driver.list(inside + prefix, call))
        yield { ...info, key: info.key.slice(inside.length) }
    },
    delete: (key, call) => driver.delete(inside + key, call),
  }
}

/** Both of them as one. */
export function bothIn(driver: Driver): MultiDriver {
  return multi({ drivers: places.map((name) => ({ name, driver: placeIn(driver, name) })) })
}

export interface Scene {
  readonly objects: ReadonlyMap<string, Uint8Array>
  /** full <- first <- second */
  readonly ids: readonly string[]
  /** What each backup must restore to. */
  readonly contents: Map<string, readonly Row[]>
}

/** A chain of three backups at each of the given places. */
export async function aChainAt(...where: readonly Place[]): Promise<Scene> {
  const objects = new Map<string, Uint8Array>()
  const made = memory()
  const users: Row[] = [{ id: 'a', name: 'Ada' }]
  const contents = new Map<string, readonly Row[]>()
  for (const number of [1, 2, 3]) {
    users.push({ id: `r${number}`, name: `made ${number}` })
    const { id } = await backup({
      source: withOneMore(users),
      driver: made,
      ...(number === 1 ? {} : { incremental: {} }),
    })
    contents.set(id, [...users])
  }
  for (const place of where) for (const [key, bytes] of made.objects) objects.set(`${place}/${key}`, bytes)
  return { objects, ids: [...contents.keys()], contents }
}

/** Every backup that a place lists restores from there alone to what it was made of. Gives their ids. */
export async function checkPlace(driver: Driver, { contents }: Scene): Promise<string[]> {
  const { backups, damaged } = await openCatalog(driver).list()
  expect(damaged).toEqual([])
  for (const { id } of backups) {
    const restored: Row[] = []
    await restore({ driver, id, target: into(restored) })
    expect(restored).toEqual(contents.get(id))
  }
  return backups.map(({ id }) => id)
}

/** A database that has got its last record since the backup before. */
function withOneMore(users: readonly Row[]): Source {
  return {
    ...records({ users: { records: users } }),
    incremental: true,
    async *read(_resource, { since }) {
      if (since !== undefined) for await (const unchanged of since.index) yield { rows: [], unchanged }
      yield { rows: since === undefined ? users : users.slice(-1) }
    },
  }
}

function into(restored: Row[]): Target {
  return {
    open: async () => undefined,
    async write(_resource, batches) {
      for await (const { rows } of batches) restored.push(...rows)
      return { restored: restored.length, replaced: 0, skipped: 0, removed: 0, failed: [] }
    },
  }
}
