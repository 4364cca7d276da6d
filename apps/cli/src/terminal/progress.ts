import type { EventEmitter } from 'node:events'
import type { CaseResult } from '@s3db-backup/driver-testkit'
import * as z from 'zod'
import type { ProgressMode } from '../config/options.js'
import { progressLine } from './progress-line.js'
import { type Seen, type Step, type Tally, tally } from './tally.js'
import type { Terminal } from './terminal.js'

const startSchema = z.looseObject({ resources: z.array(z.string()) })
const stepSchema = z.looseObject({
  resource: z.string(),
  records: z.number(),
  selected: z.number().optional(),
  expected: z.number().optional(),
  bytes: z.number().optional(),
})
const phaseSchema = z.looseObject({ phase: z.string() })
const restoredSchema = z.looseObject({ resource: z.string(), restored: z.number(), replaced: z.number() })

/** The plugin's events, by what they tell. */
const starts = ['plg:backup:start', 'plg:backup:restore-start']
const steps = ['plg:backup:progress', 'plg:backup:restore-progress']
const phaseEvent = 'plg:backup:phase'
const restoredEvent = 'plg:backup:restore-resource'

/** Between two pictures of a moving line, in ms. */
const frame = 100

export interface Watch {
  /** Takes the line away and stops listening. */
  stop(): void
}

interface WatchOptions {
  readonly doing: string
  readonly mode: ProgressMode
  /**
   * Whether existing records are skipped: their number is known when a resource is done, and until then its records do
   * not count.
   */
  readonly passesOver?: boolean | undefined
}

/** Shows how far a plugin's backup or restore is: as a live line, as lines of JSON, or not at all. */
export function watchProgress(plugin: EventEmitter, terminal: Terminal, options: WatchOptions): Watch {
  const { doing, mode, passesOver = false } = options
  const counts = tally(performance.now())
  let phase = 'listing'
  const asJson = mode === 'json'
  const tell = (event: string, payload: Readonly<Record<string, unknown>>) => {
    if (!asJson) return
    const seen = foretold(counts.look(performance.now()))
    terminal.event({ event: event.replace('plg:backup:', ''), ...payload, phase, ...seen })
  }
  const goOn = (next: string) => {
    if (next === phase) return
    phase = next
    tell(phaseEvent, {})
  }
  tell(phaseEvent, {})
  const label = () => `${doing}: ${phase.replace('-', ' ')}`
  const line = asJson || !showsLine(terminal, mode) ? undefined : moving(terminal, label, counts)

  const hear = (event: string, payload: unknown): void => {
    if (event === phaseEvent) goOn(phaseSchema.parse(payload).phase)
    else if (event === restoredEvent) counts.settle(writtenIn(restoredSchema.parse(payload)))
    else {
      if (starts.includes(event)) counts.begin(startSchema.parse(payload).resources)
      else counts.add(stepOf(payload, passesOver))
      tell(event, z.looseObject({}).parse(payload))
      // The last records read are still being stored.
      if (phase === 'reading' && counts.isRead()) goOn('storing')
    }
  }
  const listeners = [phaseEvent, restoredEvent, ...starts, ...steps].map((event) => {
    const listener = (payload: unknown) => hear(event, payload)
    plugin.on(event, listener)
    return { event, listener }
  })
  return {
    stop() {
      for (const { event, listener } of listeners) plugin.off(event, listener)
      line?.stop()
    },
  }
}

function stepOf(payload: unknown, passesOver: boolean): Step {
  const step = stepSchema.parse(payload)
  return { ...step, counted: passesOver ? 0 : step.selected }
}

function writtenIn({ resource, restored, replaced }: z.output<typeof restoredSchema>) {
  return { resource, counted: restored + replaced }
}

/** For lines of JSON: how far all of it is, and the ms that it still takes. */
function foretold({ fraction, remaining }: Seen): { readonly percent?: number; readonly etaMs?: number } {
  return {
    ...(fraction === undefined ? {} : { percent: Math.floor(fraction * 100) }),
    ...(remaining === undefined ? {} : { etaMs: Math.ceil(remaining) }),
  }
}

/** A live line for work that says nothing of how far it is. */
export function watchTime(
  terminal: Terminal,
  options: { readonly doing: string; readonly mode: ProgressMode },
): Watch {
  if (!showsLine(terminal, options.mode)) return { stop: () => undefined }
  return moving(terminal, () => options.doing, tally(performance.now()))
}

/** A live line for work that counts its own records. */
export function watchCounts(
  terminal: Terminal,
  options: { readonly doing: string; readonly mode: ProgressMode; readonly resources: readonly string[] },
): Watch & Pick<Tally, 'add'> {
  const counts = tally(performance.now())
  counts.begin(options.resources)
  const line = showsLine(terminal, options.mode) ? moving(terminal, () => options.doing, counts) : undefined
  return { add: counts.add, stop: () => line?.stop() }
}

function showsLine(terminal: Terminal, mode: ProgressMode): boolean {
  return mode === 'auto' && terminal.watched && !terminal.quiet && !terminal.json
}

function moving(terminal: Terminal, doing: () => string, counts: Tally): Watch {
  const draw = () => {
    const seen = counts.look(performance.now())
    terminal.live.show(progressLine({ doing: doing(), ...seen }, terminal.live.width(), terminal.errorColors))
  }
  draw()
  const timer = setInterval(draw, frame)
  return {
    stop() {
      clearInterval(timer)
      terminal.live.clear()
    },
  }
}

/** Shows how far a check of cases is: as a live line, as a line of JSON for each, or not at all. */
export function watchCases(
  terminal: Terminal,
  { total, mode }: { readonly total: number; readonly mode: ProgressMode },
): { add(result: CaseResult): void; stop(): void } {
  let [done, failed] = [0, 0]
  let last = ''
  const draw = () => {
    const failures = failed === 0 ? '' : terminal.errorColors.red(` ${failed} failed`)
    const room = terminal.live.width() - 40
    terminal.live.show(
      `Checking ${done} of ${total} cases${failures}  ${terminal.errorColors.dim(last.slice(0, Math.max(0, room)))}`,
    )
  }
  const moving = mode === 'auto' && terminal.watched && !terminal.quiet && !terminal.json
  if (moving) draw()
  const timer = moving ? setInterval(draw, frame) : undefined
  return {
    add(result) {
      done += 1
      if (result.status === 'failed') failed += 1
      last = result.title
      const { id, title, status, duration, reason } = result
      if (mode === 'json') terminal.event({ event: 'case', done, total, id, title, status, duration, reason })
    },
    stop() {
      clearInterval(timer)
      terminal.live.clear()
    },
  }
}
