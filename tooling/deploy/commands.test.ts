import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { instruction, podsOf, read, step } from './files.ts'
import { machine, whyNoSandbox } from './sandbox.ts'

const why = whyNoSandbox()
let here: Awaited<ReturnType<typeof machine>>

/** Starts a command, waits until a question is answered, stops it, and gives how it ended. One that ends before has failed. */
const untilAnswered = (command: readonly string[], question: readonly string[]) => [
  'bash',
  '-ec',
  `"\${@:2:$1}" & pid=$!
   until "\${@:2+$1}" 2>/tmp/answer; do kill -0 $pid || wait $pid; sleep 0.2; done
   kill -TERM $pid; wait $pid`,
  'until-answered',
  String(command.length),
  ...command,
  ...question,
]
const asks = (address: string) => [
  'node',
  '-e',
  `fetch('${address}').then((r) => process.exit(r.status < 500 ? 0 : 1), () => process.exit(1))`,
]

describe.skipIf(why !== undefined)(`as in a container${why === undefined ? '' : ` (${why})`}`, () => {
  beforeAll(async () => {
    here = await machine()
  })
  afterAll(() => here?.remove())

  const user = Number(/^USER (\d+):\1$/m.exec(read('docker/Dockerfile'))?.[1])
  const entry = instruction('ENTRYPOINT')

  test('the root is read-only, the user is not root, and only /data and /tmp are writable', async () => {
    const script =
      'id -u; for place in / /app /config /etc /usr; do ! touch $place/x 2>/dev/null; done; touch /data/x /tmp/x'
    expect(await here.run(user, ['bash', '-c', script])).toBe('10001\n')
  })

  test('the container backs up once', async () => {
    expect(await here.run(user, [...entry, 'backup', '--quiet'])).toMatch(/^full-\S+\n$/)
  })

  test('the container runs the schedule, reports that it is healthy, and stops on request', async () => {
    const healthcheck = instruction('HEALTHCHECK')
    const said = await here.run(user, untilAnswered([...entry, ...instruction('CMD')], healthcheck))
    expect(
      said
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).not.toEqual([])
  })

  test('the container serves the page', async () => {
    const [, words = ''] = /^# Page: .* s3db-backup (ui .*?) \(/m.exec(read('docker/Dockerfile')) ?? []
    const command = words.replace('/run/secrets/password', '/config/s3db-backup.password').split(' ')
    await here.run(user, untilAnswered([...entry, ...command], asks('http://127.0.0.1:7780/')))
  })

  test('the pod of the CronJob backs up', async () => {
    const [, words = ''] = /args: \[(.*)\]/.exec(read('kubernetes/backup-cronjob.yaml')) ?? []
    expect(await here.run(user, [...entry, ...words.split(', ')])).toMatch(/^incremental-\S+\n$/)
  })

  test('the pods of a sharded backup plan it, run every shard and commit it', async () => {
    const [plan, shards, commit] = podsOf('kubernetes/sharded-backup.yaml')
    expect([plan?.step, shards?.step, commit?.step]).toEqual(['plan', 'shards', 'commit'])
    if (plan === undefined || shards?.completions === undefined || commit === undefined)
      throw new Error('The Jobs of a sharded backup are a plan, shards and a commit')
    expect(plan.args[plan.args.indexOf('--shards') + 1]).toBe(String(shards.completions))
    // As they are, but for the number of shards.
    const few = plan.args.map((word) => (word === String(shards.completions) ? '2' : word))
    const said = await here.run(user, [...entry, ...few], plan)
    expect(said).toBe(`${shards.env.S3DB_BACKUP_PLAN}\n`)
    for (const index of ['0', '1'])
      await here.run(user, [...entry, ...shards.args], {
        ...shards,
        env: { ...shards.env, JOB_COMPLETION_INDEX: index },
      })
    expect(await here.run(user, [...entry, ...commit.args], commit)).toBe(said)
    expect(await here.run(user, [...entry, 'verify', said.trim(), '--quiet'])).toBe('')
  })

  test.each(['s3db-backup.service', 's3db-backup-schedule.service'])('%s starts', async (unit) => {
    const command = (/^ExecStart=(.*)$/m.exec(read(`systemd/${unit}`))?.[1] ?? '').split(' ')
    const isTask = /^Type=oneshot$/m.test(read(`systemd/${unit}`))
    const said = await here.run(
      65_532,
      isTask ? command : untilAnswered(command, asks('http://127.0.0.1:9090/healthz')),
    )
    expect(said).toMatch(isTask ? /^incremental-\S+\n$/ : /\S/)
  })

  test('the action backs up and drills', async () => {
    for (const line of [
      'RUNNER_TEMP=/tmp',
      'GITHUB_OUTPUT=/data/output',
      'GITHUB_STEP_SUMMARY=/data/summary',
      'KEY=',
      'TYPE=full',
    ])
      appendFileSync(join(here.folder, 'env'), `${line}\n`)
    await here.run(user, ['bash', '-eo', 'pipefail', '-c', step('backup')])
    const [, id] = /^id=(full-\S+)$/m.exec(readFileSync(join(here.folder, 'data/output'), 'utf8')) ?? []
    appendFileSync(join(here.folder, 'env'), `ID=${id}\n`)
    await here.run(user, ['bash', '-eo', 'pipefail', '-c', step('drill')])
    expect(readFileSync(join(here.folder, 'data/output'), 'utf8')).toContain(
      'report=/tmp/s3db-backup-drill.json',
    )
    expect(readFileSync(join(here.folder, 'data/summary'), 'utf8')).toContain('brought every record back')
  })
})
