import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, it } from 'vitest'
import { withBallast } from '../../test/with-ballast.ts'
import { byProfile, record } from '../record.ts'

const fromSource = join(import.meta.dirname, '../../../apps/plugin/test/from-source.mjs')
const child = join(import.meta.dirname, 'memory-child.mjs')

/** Node itself, the sources and the hostile backup take some 100 MiB. */
const scenes: readonly {
  readonly what: string
  readonly surface: string
  /** What it must end with. */
  readonly ending: string
  /** The heap that V8 may have, and the most that the process may take, in MiB. */
  readonly heap: number
  readonly most: number
}[] = [
  { what: 'a line of 1 GiB, said to be short', surface: 'restore', ending: 'corrupt', heap: 128, most: 250 },
  { what: 'a line of 1 GiB', surface: 'restore', ending: 'corrupt', heap: 128, most: 700 },
  { what: 'a line of 1 GiB', surface: 'salvage', ending: 'fine', heap: 128, most: 700 },
  { what: 'a manifest without end', surface: 'list', ending: 'corrupt', heap: 128, most: 400 },
  { what: 'a part without end', surface: 'restore', ending: 'corrupt', heap: 128, most: 250 },
  ...byProfile({
    short: [],
    long: [
      { what: 'a line of 1 GiB', surface: 'verify', ending: 'corrupt', heap: 128, most: 700 },
      {
        what: 'a manifest of 32 MiB of parts that are none',
        surface: 'list',
        ending: 'corrupt',
        heap: 512,
        most: 800,
      },
      { what: 'a manifest of 100,000 parts', surface: 'list', ending: 'fine', heap: 512, most: 800 },
      { what: 'a manifest of 100,000 parts', surface: 'restore', ending: 'corrupt', heap: 512, most: 800 },
    ],
  }),
]

let done = 0

async function run(
  { what, surface, heap }: Pick<(typeof scenes)[number], 'what' | 'surface' | 'heap'>,
  env: NodeJS.ProcessEnv = process.env,
): Promise<{ readonly ending: string; readonly mebibytes: number }> {
  const args = [`--max-old-space-size=${heap}`, '--import', fromSource, child, what, surface]
  const { stdout } = await promisify(execFile)(process.execPath, args, { env })
  return JSON.parse(stdout)
}

it.each(scenes.map((scene) => [scene.what, scene.surface, scene] as const))(
  '%s: %s ends in words and in little memory',
  async (_what, _surface, scene) => {
    const { ending, mebibytes } = await run(scene)
    expect(ending).toBe(scene.ending)
    expect(mebibytes).toBeLessThan(scene.most)
    done += 1
  },
)

it('the measurement detects a process that uses too much memory', async () => {
  const scene = scenes.find(({ what }) => what === 'a part without end')!
  expect((await run(scene, withBallast(scene.most))).mebibytes).toBeGreaterThan(scene.most)
})

afterAll(() =>
  record({
    suite: 'hostile backup',
    what: 'content without end, in a heap of 128 MiB',
    tried: scenes.length,
    ended: { 'ended with a clear message': done },
  }),
)
