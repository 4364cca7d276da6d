import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it, onTestFinished } from 'vitest'
import { shardQueue } from './shard-queue.js'
import { shardWorker } from './shard-worker.js'

// Nobody listens there.
const redis = 'redis://:secret@127.0.0.1:9'

it('while Redis cannot be reached, that is told once, an abort is followed, and a queue can be closed', async () => {
  const problems: string[] = []
  const queue = shardQueue({ redis, onProblem: ({ message }) => problems.push(message) })
  const abort = new AbortController()
  const outcomes = Promise.allSettled([
    queue.add('full-a', 2, { signal: abort.signal }),
    queue.finished('full-a', { signal: abort.signal }),
  ])
  await expect.poll(() => problems).toEqual(['Cannot reach the queue at 127.0.0.1:9 (ECONNREFUSED)'])
  abort.abort('enough')
  expect(await outcomes).toEqual([
    { status: 'rejected', reason: 'enough' },
    { status: 'rejected', reason: 'enough' },
  ])
  await queue.close()
  expect(problems).toHaveLength(1)
})

it('a worker tells once that Redis cannot be reached, and can be closed', async () => {
  const problems: unknown[] = []
  const nothing = async () => undefined
  const onProblem = (problem: unknown) => problems.push(problem)
  const worker = shardWorker({ redis, run: nothing, commit: nothing, onProblem })
  await expect.poll(() => problems).toMatchObject([{ code: 'unavailable' }])
  await worker.close()
  expect(problems).toHaveLength(1)
})

it('a process whose queue and worker are closed ends, although Redis was never reached', async () => {
  const program = `
    const { shardQueue, shardWorker } = await import(${JSON.stringify(new URL('index.ts', import.meta.url).href)})
    const nothing = async () => undefined
    const problem = new Promise((resolve) => {
      const options = { redis: ${JSON.stringify(redis)}, onProblem: resolve }
      globalThis.both = [shardWorker({ ...options, run: nothing, commit: nothing }), shardQueue(options)]
    })
    await problem
    for (const one of both) await one.close()`
  const fromSource = new URL('../../../apps/plugin/test/from-source.mjs', import.meta.url).href
  const args = ['--import', fromSource, '--input-type=module', '-e', program]
  const child = spawn(process.execPath, args, { stdio: 'inherit' })
  onTestFinished(() => void child.kill('SIGKILL'))
  expect(await once(child, 'exit')).toEqual([0, null])
})
