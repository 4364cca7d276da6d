import { isDeepStrictEqual } from 'node:util'
import { type Driver, isBackupError } from '@s3db-backup/core'
import type { Database } from 's3db.js'
import { backUp, openNew, ours, restoreInto, stored } from '../databases.js'
import type { Ending } from './scene.js'
import { type ClientName, clientSeam, fileSeam } from './seams.js'
import { extra, type RestoreName, type TargetLie, there } from './target-lies.js'

const notes = {
  name: 'notes',
  attributes: { text: 'string', team: 'string' },
  partitions: { byTeam: { fields: { team: 'string' } } },
  asyncPartitions: false,
}

const below = 'resource=notes/'

/** A backup, and what each mode makes of a target that tells the truth. */
export interface TargetScene {
  readonly made: { readonly driver: Driver; readonly id: string }
  /** What a database has after an honest restore, by key. */
  readonly promised: ReadonlyMap<RestoreMode, Map<string, object>>
}

type RestoreMode = Exclude<RestoreName, 'a drill'>

export async function makeTargetScene(): Promise<TargetScene> {
  const source = await openNew()
  const resource = await source.createResource(structuredClone(notes))
  for (const id of ['n1', 'n2', there, 'n4', 'n5'])
    await resource.insert({ id, text: `text ${id}`, team: 'backed-up' })
  const made = await backUp(source)
  const promised = new Map<RestoreMode, Map<string, object>>()
  for (const mode of ['skip', 'merge', 'replace'] as const) {
    const target = await openNew()
    await fill(target)
    await restoreInto(target, made, { mode })
    promised.set(mode, await stored(target, below))
  }
  return { made, promised }
}

/** What the target has before. */
async function fill(target: Database): Promise<void> {
  const resource = await target.createResource(structuredClone(notes))
  for (const id of [there, 'n5', extra])
    await resource.insert({ id, text: `there ${id}`, team: 'at-the-target' })
}

/** Lets a database lie of what it is told and asked from now on. */
export function lieTo(database: Database, client: ClientName, lie: TargetLie): void {
  const past = { earlier: 0, definitions: new Uint8Array(0) }
  if (client === 'file') lie.file(fileSeam(ours(database), past))
  else lie.client(clientSeam(ours(database), past))
}

/** Restores into a target that lies, and looks honestly at what it has then. */
export async function restoreToLiar(
  lie: TargetLie,
  client: ClientName,
  mode: RestoreMode,
  { made, promised }: TargetScene,
  connect: () => Promise<Database>,
): Promise<Ending> {
  const honest = await connect()
  await fill(honest)
  const target = await connect()
  lieTo(target, client, lie)
  let saying: string | undefined
  try {
    const { resources } = await restoreInto(target, made, { mode })
    const lacks = resources.notes?.shortfalls ?? []
    if (lacks.length > 0) saying = JSON.stringify(lacks)
  } catch (error) {
    if (!isBackupError(error)) throw error
    saying = `${error.message} ${JSON.stringify(error.metadata)}`
  }
  if (saying !== undefined) return { is: 'failed', saying }
  return different(promised.get(mode) ?? new Map(), await stored(honest, below))
}

export function different(promised: Map<string, object>, there: Map<string, object>): Ending {
  const keys = [...new Set([...promised.keys(), ...there.keys()])].filter(
    (key) => !isDeepStrictEqual(promised.get(key), there.get(key)),
  )
  return keys.length === 0 ? { is: 'right' } : { is: 'wrong', how: `other than promised: ${keys.join(', ')}` }
}
