import { BackupError, type Driver } from '@s3db-backup/core'
import { memory } from '@s3db-backup/driver-testkit'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { DatabasePlugin, type PluginOptions } from '../src/index.js'
import { gate, replace } from './documented-scene.js'
import { openNew, over } from './plugins.js'

const hour = 60 * 60 * 1000

/** The clock and the timers stand still until they are moved on. */
function at(time: string) {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], now: new Date(time) })
}

afterEach(() => {
  vi.useRealTimers()
})

/** A plugin in a database with two records, with what it told. */
async function scheduled(options: PluginOptions, driver: Driver = memory()) {
  const database = await openNew()
  const users = await database.createResource({ name: 'users', attributes: { name: 'string' } })
  await users.insertMany([{ name: 'Alice' }, { name: 'Bob' }])
  const plugin = new DatabasePlugin({ retention: {}, ...options }, over(driver))
  onTestFinished(() => plugin.stop({ abort: true }))
  const completed: { type: string; metadata: unknown }[] = []
  const failed: unknown[] = []
  plugin.on('plg:backup:complete', ({ type, metadata }) => completed.push({ type, metadata }))
  plugin.on('plg:backup:schedule-error', (payload) => failed.push(payload))
  return { database, plugin, completed, failed, driver }
}

/** Lets real work go on until the condition holds. */
const until = (condition: () => boolean) =>
  vi.waitFor(() => expect(condition()).toBe(true), { timeout: 300_000, interval: 1 })

describe('schedule: { daily, weekly, monthly }', () => {
  const schedule = { daily: '0 2 * * *', weekly: '0 3 * * 0', monthly: '0 4 1 * *' }

  it('makes a full backup when it is due, and records which entry it was for', async () => {
    const { database, plugin, completed } = await scheduled({ schedule: { daily: '0 2 * * *' } })
    at('2024-03-15T01:00:00')
    await database.usePlugin(plugin, 'backup')
    await vi.advanceTimersByTimeAsync(2 * hour)
    await until(() => completed.length === 1)
    expect(completed).toEqual([{ type: 'full', metadata: { schedule: 'daily' } }])
    await vi.advanceTimersByTimeAsync(24 * hour)
    await until(() => completed.length === 2)
  })

  it('shows the next runs, the soonest first, before and after the start', async () => {
    const { database, plugin } = await scheduled({ schedule })
    at('2024-02-28T12:00:00')
    const shown = [
      { name: 'daily', cron: '0 2 * * *', type: 'full', at: new Date('2024-02-29T02:00:00') },
      { name: 'monthly', cron: '0 4 1 * *', type: 'full', at: new Date('2024-03-01T04:00:00') },
      { name: 'weekly', cron: '0 3 * * 0', type: 'full', at: new Date('2024-03-03T03:00:00') },
    ]
    expect(plugin.nextRuns()).toEqual(shown)
    await database.usePlugin(plugin, 'backup')
    expect(plugin.nextRuns()).toEqual(shown)
  })

  it('reports a wrong expression at once', () => {
    const make = (wrong: unknown) => () =>
      new DatabasePlugin({ schedule: wrong } as PluginOptions, over(memory()))
    expect(make({ daily: 'at two' })).toThrow('schedule.daily: must be a cron expression')
    expect(make({ never: '0 0 30 2 *' })).toThrow('schedule.never: never matches a date')
    expect(make([{ name: 'a', cron: '0 2 * * *', timezone: 'Berlin' }])).toThrow('IANA time zone')
    const twice = [
      { name: 'a', cron: '0 2 * * *' },
      { name: 'a', cron: '0 3 * * *' },
    ]
    expect(make(twice)).toThrow('a name of its own')
    expect(make([{ name: 'a', cron: '0 2 * * *', resource: ['x'] }])).toThrow('schedule')
  })
})

describe('schedule: [{ name, cron, type, timezone, ... }]', () => {
  it('takes the options of backup(), and an incremental entry begins its own chain', async () => {
    const { database, plugin, completed } = await scheduled({
      schedule: [
        {
          name: 'quarter',
          cron: '*/15 * * * *',
          type: 'incremental',
          resources: ['users'],
          compression: 'none',
          metadata: { team: 'a' },
        },
      ],
    })
    at('2024-03-15T01:01:00')
    await database.usePlugin(plugin, 'backup')
    await vi.advanceTimersByTimeAsync(hour / 4)
    await until(() => completed.length === 1)
    await vi.advanceTimersByTimeAsync(hour / 4)
    await until(() => completed.length === 2)
    const metadata = { team: 'a', schedule: 'quarter' }
    expect(completed).toEqual([
      { type: 'incremental', metadata },
      { type: 'incremental', metadata },
    ])
    const [second, first] = await plugin.list()
    expect(second).toMatchObject({
      parent: first?.id,
      files: { users: expect.stringMatching(/users\.jsonl$/) },
    })
  })

  it('follows its time zone through clock changes', async () => {
    const { plugin } = await scheduled({
      schedule: [{ name: 'berlin', cron: '30 2 * * *', timezone: 'Europe/Berlin' }],
    })
    const next = () => plugin.nextRuns()[0]?.at.toISOString()
    at('2024-03-30T12:00:00Z')
    // 02:30 does not exist on this day in Berlin; the backup of the day still runs.
    expect(next()?.slice(0, 13)).toBe('2024-03-31T01')
    at('2024-04-01T12:00:00Z')
    expect(next()).toBe('2024-04-02T00:30:00.000Z')
    at('2024-10-26T12:00:00Z')
    expect(next()).toBe('2024-10-27T00:30:00.000Z')
    // 02:30 occurs for the first time; it counts only once.
    at('2024-10-27T00:45:00Z')
    expect(next()).toBe('2024-10-28T01:30:00.000Z')
  })
})

describe('a schedule', () => {
  it('never runs two backups at once, and skips a run that is due again before its turn', async () => {
    const { promise, open } = gate()
    let inside = 0
    let most = 0
    const { database, plugin, completed } = await scheduled({
      schedule: { a: '*/10 * * * *', b: '*/10 * * * *' },
      onBackupStart: async () => {
        inside += 1
        most = Math.max(most, inside)
        await promise
        inside -= 1
      },
    })
    at('2024-03-15T01:01:00')
    await database.usePlugin(plugin, 'backup')
    await vi.advanceTimersByTimeAsync(hour)
    expect(plugin.activeBackups.size).toBe(1)
    open()
    await until(() => completed.length === 2)
    await plugin.stop()
    expect(most).toBe(1)
    expect(completed.map(({ metadata }) => metadata)).toEqual([{ schedule: 'a' }, { schedule: 'b' }])
  })

  it('continues after a failed backup, reports it, and leaves no rejection unhandled', async () => {
    const unhandled: unknown[] = []
    const note = (reason: unknown) => unhandled.push(reason)
    process.on('unhandledRejection', note)
    onTestFinished(() => void process.off('unhandledRejection', note))
    const errors: unknown[] = []
    let calls = 0
    const { database, plugin, completed, failed } = await scheduled({
      schedule: { hourly: '0 * * * *' },
      onBackupStart: () => {
        calls += 1
        if (calls === 1) throw new Error('not now')
      },
      onBackupError: (_, { error }) => errors.push(error),
    })
    at('2024-03-15T01:30:00')
    await database.usePlugin(plugin, 'backup')
    await vi.advanceTimersByTimeAsync(hour)
    await until(() => failed.length === 1)
    expect(failed).toMatchObject([{ schedule: ['hourly'], occasion: 'due', error: { name: 'BackupError' } }])
    expect(errors).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(hour)
    await until(() => completed.length === 1)
    expect(unhandled).toEqual([])
  })

  it('catches up on a missed run, known from the destination alone, once for entries that agree', async () => {
    const driver = memory()
    const schedule = { daily: '0 2 * * *', weekly: '0 3 * * 0', monthly: '0 4 1 * *' }
    at('2024-03-15T01:00:00')
    const first = await scheduled({ schedule }, driver)
    for (const name of ['daily', 'weekly', 'monthly']) {
      await first.database.usePlugin(first.plugin, 'backup')
      await first.plugin.stop()
      await first.plugin.backup('full', { metadata: { schedule: name } })
    }
    await first.database.disconnect()

    // Since then a daily and a weekly backup were due, but no monthly one.
    at('2024-03-20T12:00:00')
    const second = await scheduled({ schedule }, driver)
    await second.database.usePlugin(second.plugin, 'backup')
    await until(() => second.completed.length === 1)
    await second.plugin.stop()
    expect(second.completed).toEqual([{ type: 'full', metadata: { schedule: ['daily', 'weekly'] } }])

    const third = await scheduled({ schedule }, driver)
    await third.database.usePlugin(third.plugin, 'backup')
    await third.plugin.stop()
    expect(third.completed).toEqual([])
  })

  it('does not catch up with catchUp: false, nor for an entry that has no backup yet', async () => {
    const driver = memory()
    at('2024-03-15T01:00:00')
    const first = await scheduled({}, driver)
    await first.database.usePlugin(first.plugin, 'backup')
    await first.plugin.backup('full', { metadata: { schedule: 'daily' } })
    at('2024-03-20T12:00:00')
    const off = await scheduled({ schedule: { daily: '0 2 * * *' }, catchUp: false }, driver)
    await off.database.usePlugin(off.plugin, 'backup')
    const other = await scheduled({ schedule: { nightly: '0 2 * * *' } }, driver)
    await other.database.usePlugin(other.plugin, 'backup')
    await off.plugin.stop()
    await other.plugin.stop()
    expect([off.completed, other.completed]).toEqual([[], []])
  })

  it('makes no backup after stop(), and stop() waits for the running one', async () => {
    const { promise, open } = gate()
    const { database, plugin, completed } = await scheduled({
      schedule: { hourly: '0 * * * *' },
      onBackupStart: () => promise,
    })
    at('2024-03-15T01:30:00')
    await database.usePlugin(plugin, 'backup')
    await vi.advanceTimersByTimeAsync(hour)
    const stopping = plugin.stop()
    open()
    await stopping
    expect(completed).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(5 * hour)
    expect(completed).toHaveLength(1)
    expect(vi.getTimerCount()).toBe(0)
    // After a restart it makes up for what was due in the meantime, and continues.
    await plugin.start()
    await until(() => completed.length === 2)
    await vi.advanceTimersByTimeAsync(hour)
    await until(() => completed.length === 3)
  })

  it('ends with stop({ abort: true }), which cancels the running backup', async () => {
    const { database, plugin, completed } = await scheduled({
      schedule: { hourly: '0 * * * *' },
      onBackupStart: () => new Promise((resolve) => setTimeout(resolve, hour)),
    })
    const cancelled: unknown[] = []
    plugin.on('plg:backup:cancelled', (payload) => cancelled.push(payload))
    at('2024-03-15T01:30:00')
    await database.usePlugin(plugin, 'backup')
    await vi.advanceTimersByTimeAsync(hour)
    const [id] = plugin.activeBackups
    const stopping = plugin.stop({ abort: true })
    await vi.advanceTimersByTimeAsync(hour)
    await stopping
    expect(cancelled).toMatchObject([{ id, type: 'full', error: { code: 'unavailable' } }])
    expect(completed).toEqual([])
    expect(await plugin.list()).toEqual([])
  })

  it('keeps no process alive', async () => {
    const { database, plugin } = await scheduled({ schedule: { hourly: '0 * * * *' } })
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const before = timers()
    await database.usePlugin(plugin, 'backup')
    expect(timers()).toBe(before)
    const kept = setTimeout(() => undefined, hour)
    expect(timers()).toBe(before + 1)
    clearTimeout(kept)
  })

  it('pauses while the database is disconnected and continues when it is added again', async () => {
    const { database, plugin, completed } = await scheduled({ schedule: { hourly: '0 * * * *' } })
    at('2024-03-15T01:30:00')
    await database.usePlugin(plugin, 'backup')
    await database.disconnect()
    await vi.advanceTimersByTimeAsync(3 * hour)
    expect(completed).toEqual([])
    await database.connect()
    await database.usePlugin(plugin, 'backup')
    await vi.advanceTimersByTimeAsync(hour)
    await until(() => completed.length === 1)
  })

  it('starts when the database connects, if the plugin was given the database', async () => {
    const { database, driver } = await scheduled({})
    await database.disconnect()
    at('2024-03-15T01:30:00')
    const plugin = new DatabasePlugin(
      { database: database as never, schedule: { hourly: '0 * * * *' } },
      over(driver),
    )
    onTestFinished(() => plugin.stop({ abort: true }))
    const completed: unknown[] = []
    plugin.on('plg:backup:complete', (payload) => completed.push(payload))
    await database.usePlugin(plugin, 'backup')
    await database.connect()
    await vi.advanceTimersByTimeAsync(hour)
    await until(() => completed.length === 1)
  })
})

describe('drills in a schedule', () => {
  async function withDrills(options: PluginOptions, driver: Driver = memory()) {
    const made = await scheduled(options, driver)
    const drills: unknown[] = []
    const errors: unknown[] = []
    made.plugin.on('plg:backup:drill', (report) => drills.push(report))
    made.plugin.on('plg:backup:drill-error', (payload) => errors.push(payload))
    return { ...made, drills, errors }
  }

  it.each([
    ['the short form', { drill: '0 4 * * 0' }],
    ['a line of its own', [{ name: 'rehearsal', cron: '0 4 * * 0', type: 'drill', signedOffBy: 'Ops' }]],
  ])('%s tests the newest backup, stores the report and makes no backup', async (_, schedule) => {
    const { database, plugin, completed, drills, errors } = await withDrills({ schedule } as PluginOptions)
    at('2024-03-17T03:30:00')
    await database.usePlugin(plugin, 'backup')
    const [name] = Array.isArray(schedule) ? ['rehearsal'] : ['drill']
    expect(plugin.nextRuns()).toMatchObject([{ name, type: 'drill' }])
    await plugin.backup('full')
    vi.setSystemTime(Date.now() + 2000)
    const { id } = await plugin.backup('full')
    await vi.advanceTimersByTimeAsync(hour)
    await until(() => drills.length + errors.length === 1)
    expect(errors).toEqual([])
    expect(drills).toMatchObject([
      { id, ok: true, schedule: [name], resources: { users: { records: 2, compared: 2, different: 0 } } },
    ])
    expect(completed).toHaveLength(2)
    expect(await plugin.drills.list()).toMatchObject([{ ok: true }])
    expect(await plugin.list()).toHaveLength(2)
  })

  it('reports that there is nothing to test, and continues', async () => {
    const { database, plugin, errors, drills } = await withDrills({ schedule: { drill: '0 * * * *' } })
    at('2024-03-17T03:30:00')
    await database.usePlugin(plugin, 'backup')
    await vi.advanceTimersByTimeAsync(hour)
    await until(() => errors.length === 1)
    expect(errors).toMatchObject([{ schedule: ['drill'], error: { code: 'not_found' } }])
    await plugin.backup('full')
    await vi.advanceTimersByTimeAsync(hour)
    await until(() => drills.length === 1)
  })

  it('reports its result even if the report cannot be stored, and reports that separately', async () => {
    const kept = memory()
    const full: Driver = {
      ...kept,
      put(key, bytes, call) {
        if (key.startsWith('reports/')) return Promise.reject(new BackupError('no_space', 'full'))
        return kept.put(key, bytes, call)
      },
    }
    const { database, plugin, errors, drills } = await withDrills({ schedule: { drill: '0 * * * *' } }, full)
    const unkept: unknown[] = []
    plugin.on('plg:backup:drill-report-error', (payload) => unkept.push(payload))
    const logged: string[] = []
    const note = (_: unknown, message: string) => void logged.push(message)
    Object.assign(plugin, { logger: { debug: note, info: note, warn: note, error: note } })
    at('2024-03-17T03:30:00')
    await database.usePlugin(plugin, 'backup')
    const { id } = await plugin.backup('full')
    const part = [...kept.objects.keys()].find((key) => key.includes('users.jsonl'))
    await replace(kept, part ?? '', 'spoilt')
    await vi.advanceTimersByTimeAsync(hour)
    await until(() => drills.length + errors.length > 0)
    expect(drills).toMatchObject([{ id, ok: false, schedule: ['drill'] }])
    expect(unkept).toMatchObject([{ id, schedule: ['drill'], error: { code: 'no_space' } }])
    expect(errors).toEqual([])
    expect(logged).toEqual(['a drill found differences', 'the report of a drill could not be kept'])
  })

  it('never runs beside a backup', async () => {
    const { promise, open } = gate()
    const schedule = { nightly: '0 4 * * *', drill: '0 4 * * *' }
    const { database, plugin, drills, errors } = await withDrills({ schedule, onBackupStart: () => promise })
    at('2024-03-17T03:30:00')
    await database.usePlugin(plugin, 'backup')
    await vi.advanceTimersByTimeAsync(hour)
    expect([drills, errors]).toEqual([[], []])
    open()
    await until(() => drills.length === 1)
    expect(drills).toMatchObject([{ ok: true, resources: { users: { records: 2 } } }])
  })

  it('catches up on a missed one, known from the reports at the destination', async () => {
    const driver = memory()
    at('2024-03-15T01:00:00')
    const first = await withDrills({}, driver)
    await first.database.usePlugin(first.plugin, 'backup')
    const { id } = await first.plugin.backup('full')
    const never = await withDrills({ schedule: { drill: '0 4 * * 0' } }, driver)
    at('2024-03-18T01:00:00')
    await never.database.usePlugin(never.plugin, 'backup')
    await never.plugin.stop()
    expect(never.drills).toEqual([])

    at('2024-03-15T02:00:00')
    await first.plugin.drills.run(id, { storeReport: true })
    at('2024-03-18T01:00:00')
    const second = await withDrills({ schedule: { drill: '0 4 * * 0' } }, driver)
    await second.database.usePlugin(second.plugin, 'backup')
    await until(() => second.drills.length === 1)
    const third = await withDrills({ schedule: { drill: '0 4 * * 0' } }, driver)
    await third.database.usePlugin(third.plugin, 'backup')
    await third.plugin.stop()
    expect(third.drills).toEqual([])
  })

  it('refuses options in the wrong place', () => {
    const make = (entry: object) => () =>
      new DatabasePlugin({ schedule: [{ name: 'a', cron: '0 4 * * *', ...entry }] } as never, over(memory()))
    expect(make({ type: 'drill', compression: 'zstd' })).toThrow('schedule.0.compression: is for backups')
    expect(make({ type: 'full', scratch: 'memory' })).toThrow('schedule.0.scratch: is for drills')
  })
})
