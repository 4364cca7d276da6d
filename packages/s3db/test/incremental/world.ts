import {
  type BackupOptions,
  type BackupResult,
  backup,
  consolidate,
  diff,
  openCatalog,
  remove,
  restore,
  verify,
} from '@s3db-backup/core'
import { expect } from 'vitest'
import { linesOf, memoryStore } from './memory-store.js'
import {
  type Attributes,
  connect,
  contentsOf,
  type Database,
  freshDatabase,
  isKept,
  sourceOf,
  targetOf,
} from './real-database.js'
import { likeS3 } from './s3-like.js'

/** A backup that exists, and what the database held when it was made, read around everything of ours. */
interface Point {
  readonly id: string
  readonly contents: Record<string, unknown>
  /** The definitions at that time. */
  readonly resources: string
  readonly selection: readonly string[] | undefined
}

/** A database with its backups, and what the tests know of both. */
export interface World {
  database(): Database
  /** Leaves the session and begins another one, where a resource may have more attributes. */
  reconnect(change?: { readonly resource: string; readonly attributes: Attributes }): Promise<void>
  points(): readonly Point[]
  takeBackup(options: Pick<BackupOptions, 'incremental' | 'resources'>): Promise<BackupResult>
  consolidate(point: Point): Promise<void>
  /** Removes a backup that no other needs. `false` if there is none but the last. */
  removeLeaf(which: number): Promise<boolean>
  checkEveryPoint(): Promise<void>
  close(): Promise<void>
}

export async function openWorld(address: string, s3: boolean): Promise<World> {
  const store = memoryStore()
  const open = () => connect(address, s3 ? (client) => likeS3(client, { pageSize: 3 }) : undefined)
  let database = await open()
  let points: Point[] = []
  // Backups of the same moment have no order in time, so this clock advances for each of them.
  let time = Date.UTC(2024, 2, 15)
  const now = () => {
    time += 1000
    return new Date(time)
  }

  const world: World = {
    database: () => database,
    points: () => points,

    async reconnect(change) {
      await database.disconnect()
      database = await open()
      if (change === undefined) return
      await database.createResource({ ...definition(change.resource), attributes: change.attributes })
    },

    async takeBackup({ incremental, resources }) {
      const selection = resources === undefined ? {} : { resources }
      const type = incremental === undefined ? {} : { type: 'incremental', incremental }
      const made = await backup({ source: sourceOf(database), driver: store, now, ...selection, ...type })
      const contents = await contentsOf(database, isKept)
      points = [...points, { id: made.id, contents, resources: resourcesOf(database), selection: resources }]
      return made
    },

    async consolidate(point) {
      const merged = await consolidate({ driver: store, id: point.id })
      expect(merged.manifest.parent).toBeNull()
      await expectNoDifference(point.id, merged.id)
      const contents = await contentsOf(database, isKept)
      const isNow = JSON.stringify(contents) === JSON.stringify(point.contents)
      if (isNow && resourcesOf(database) === point.resources) await expectSameAsFull(merged, point)
      points = [...points, { ...point, id: merged.id }]
    },

    async removeLeaf(which) {
      const { backups } = await openCatalog(store).list()
      const parents = new Set(backups.map(({ manifest }) => manifest.parent))
      const leaves = points.filter(({ id }) => !parents.has(id))
      const leaf = leaves[which % leaves.length]
      if (leaf === undefined || points.length === 1) return false
      await remove({ driver: store, id: leaf.id })
      points = points.filter(({ id }) => id !== leaf.id)
      return true
    },

    async checkEveryPoint() {
      expect((await openCatalog(store).list()).backups.map(({ id }) => id).sort()).toEqual(
        points.map(({ id }) => id).sort(),
      )
      for (const { id, contents, selection } of points) {
        expect(await verify({ driver: store, id })).toMatchObject({ ok: true })
        const target = await freshDatabase()
        await restore({ driver: store, id, target: targetOf(target) })
        expect(await contentsOf(target, isKept), id).toEqual(only(contents, selection))
        await target.disconnect()
      }
    },

    close: async () => {
      await database.disconnect()
    },
  }
  return world

  async function expectNoDifference(from: string, to: string): Promise<void> {
    for await (const difference of diff({ driver: store, from, to })) expect(difference).toBeUndefined()
  }

  /** A consolidated chain has what a full backup at that moment has, line for line. */
  async function expectSameAsFull(merged: BackupResult, { selection }: Point): Promise<void> {
    const elsewhere = memoryStore()
    const resources = selection === undefined ? {} : { resources: selection }
    const full = await backup({ source: sourceOf(database), driver: elsewhere, ...resources })
    for (const holds of ['rows', 'raw'] as const) {
      expect(linesOf(store, merged.manifest, holds)).toEqual(linesOf(elsewhere, full.manifest, holds))
    }
    expect(withoutTimes(linesOf(store, merged.manifest, 'index'))).toEqual(
      withoutTimes(linesOf(elsewhere, full.manifest, 'index')),
    )
    expect(statesOf(merged)).toEqual(statesOf(full))
  }
}

/** What every resource of these tests is made with, beside its attributes. */
export function definition(name: string) {
  return {
    name,
    behavior: name === 'notes' ? ('body-overflow' as const) : ('user-managed' as const),
    asyncPartitions: false,
    timestamps: name === 'orders',
    ...(name === 'notes' ? {} : { partitions: { byKind: { fields: { kind: 'string' } } } }),
  }
}

function resourcesOf({ resources }: Database): string {
  return JSON.stringify(Object.values(resources).map(({ name, attributes }) => [name, attributes]))
}

function only(contents: Record<string, unknown>, selection: readonly string[] | undefined) {
  if (selection === undefined) return contents
  return Object.fromEntries(
    Object.entries(contents).filter(([key]) => selection.some((name) => key.startsWith(`resource=${name}/`))),
  )
}

/** A chain may know the time of a change where a full backup, made in the same second, may not trust it yet. */
function withoutTimes(lines: Record<string, string[]>) {
  return Object.fromEntries(
    Object.entries(lines).map(([resource, marks]) => [
      resource,
      marks.map((line) => {
        const [id, , hash]: unknown[] = JSON.parse(line)
        return [id, hash]
      }),
    ]),
  )
}

function statesOf({ manifest }: BackupResult) {
  return Object.entries({ ...manifest.resources, ...manifest.internal }).map(([name, entry]) => [
    name,
    entry.totalCount,
    entry.state.after,
  ])
}
