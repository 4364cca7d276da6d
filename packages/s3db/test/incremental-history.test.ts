import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, expect, it } from 'vitest'
import { commands } from './incremental/commands.js'
import { freshName } from './incremental/real-database.js'
import { openWorld, type World } from './incremental/world.js'

/** How many sequences to run; a long run takes some hundreds. */
const runs = Number(process.env.INCREMENTAL_RUNS ?? 15)

const worlds: World[] = []
const folders: string[] = []
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close()
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

async function inMemory(s3: boolean): Promise<World> {
  const world = await openWorld(`memory://${freshName()}/below`, s3)
  worlds.push(world)
  return world
}

async function inFiles(): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'history-'))
  folders.push(folder)
  const world = await openWorld(`file://${folder}`, false)
  worlds.push(world)
  return world
}

/** Whatever happened to the database, every backup that is left brings back what it had when it was made. */
const law = (open: () => Promise<World>, length: number) =>
  fc.asyncProperty(fc.commands(commands, { maxCommands: length, size: 'max' }), async (sequence) => {
    const setup = async () => ({ model: { points: 0, fulls: 0 }, real: await open() })
    let world: World | undefined
    await fc.asyncModelRun(async () => {
      const made = await setup()
      world = made.real
      return made
    }, sequence)
    await world?.takeBackup({})
    await world?.checkEveryPoint()
  })

it('every point of a history in memory can be restored', async () => {
  await fc.assert(
    law(() => inMemory(false), 30),
    { numRuns: runs },
  )
})

it('every point of a history on S3 can be restored', async () => {
  await fc.assert(
    law(() => inMemory(true), 30),
    { numRuns: runs },
  )
})

it('every point of a history in files can be restored', async () => {
  await fc.assert(law(inFiles, 20), { numRuns: Math.ceil(runs / 8) })
  expect(folders.length).toBeGreaterThan(0)
})
